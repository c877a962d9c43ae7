"""`casework keys`: the ceremony, the rotation and the end of a key, as an administrator types them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from casework.__main__ import cli
from casework.vault.keyring import fresh_ring, parse_ring
from casework.vault.providers import KeyFile
from casework.vault.recovery import keep_ring, recovery_path, with_recovery
from tests.vault.installation import Installation
from tests.vault.transit_standin import transit


def keys(*words: str | Path, answers: str = "", **environment: str) -> Result:
    """Run `casework keys` where no settings are needed."""
    return CliRunner().invoke(
        cli, ["keys", *map(str, words)], input=answers, env={"CASEWORK_KEYS": "", **environment}
    )


def shares_in(output: str) -> list[str]:
    """Give the shares that a ceremony showed."""
    parts = output.split("it is not shown again.")[1:]
    return [" ".join(part.split("\nShare")[0].split()) for part in parts]


def error_of(result: Result) -> str:
    """Give the one sentence of a refusal."""
    assert result.exit_code in (1, 2), result.output
    assert "Traceback" not in result.output
    return result.output.split("Error: ", 1)[1].strip()


# --- the ceremony ------------------------------------------------------------------------------


def test_a_new_ring_is_written_and_an_existing_one_never_touched(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    assert keys("init", "--file", path).exit_code == 0
    before = path.read_text()
    assert parse_ring(before, "it").kek_ids == [1]
    assert path.stat().st_mode & 0o777 == 0o600
    for words in (
        ("--file", path),
        ("--keys", f"file:{path}"),
        ("--keys", f"file:{path}", "--shares", 2, "--of", 3),
    ):
        assert "exists already" in error_of(keys("init", *map(str, words)))
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "--file PATH or --keys SOURCE"),
        (("--file", "a", "--keys", "file:b"), "--file PATH or --keys SOURCE"),
        (("--file", "a", "--shares", "3"), "--shares 3 --of 5"),
        (("--file", "a", "--shares", "1", "--of", "3"), "--shares 3 --of 5"),
        (("--keys", "ftp:a"), "must be"),
        (("--keys", "env:RING"), "keep it in a file"),
        (("--file", "/no/such/folder/ring"), "no such file or directory"),
    ],
)
def test_a_ceremony_that_is_not_asked_for_plainly_is_refused(
    words: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert says in error_of(keys("init", *words))
    assert list(tmp_path.iterdir()) == []


def test_the_officers_bring_back_what_the_ceremony_made(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    made = keys("init", "--keys", f"file:{path}", "--shares", "2", "--of", "3")
    assert made.exit_code == 0
    shares = shares_in(made.output)
    assert [len(share.split()) for share in shares] == [33, 33, 33]
    lost = path.read_text()
    path.unlink()
    answers = "\n".join(["no such share", shares[2], shares[2], shares[0], ""])
    back = keys("recover", "--from", recovery_path(path), "--to", f"file:{path}", answers=answers)
    assert back.exit_code == 0, back.output
    assert back.output.count("Type it again") == 2
    assert "mistyped" in back.output and "given before" in back.output
    assert path.read_text() == lost
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_share_that_is_typed_is_shown(tmp_path: Path) -> None:
    source = KeyFile(tmp_path / "keyring.json")
    ring, shares = with_recovery(fresh_ring(), 2, 3)
    keep_ring(source, ring, is_new=True)
    back = keys(
        "recover",
        "--from",
        recovery_path(source.path),
        "--to",
        f"file:{tmp_path / 'back'}",
        answers=f"{shares[0]}\n{shares[1]}\n",
    )
    assert back.exit_code == 0
    assert " ".join(shares[0].split()[5:10]) not in back.output


def test_shares_come_from_a_file_on_a_ceremony_machine(tmp_path: Path) -> None:
    path, listed = tmp_path / "keyring.json", tmp_path / "shares.txt"
    shares = shares_in(keys("init", "--keys", f"file:{path}", "--shares", "2", "--of", "3").output)
    words = ("recover", "--from", recovery_path(path), "--to", f"file:{tmp_path / 'back'}")
    listed.touch(0o644)
    assert "is open to others (mode 0644)" in error_of(keys(*words, "--shares-file", listed))
    listed.chmod(0o600)
    for content, says in (
        (shares[0], "2 shares are needed, and there are 1"),
        (f"# ours\n\n{shares[0]}\n{shares[1]} more", f"Line 4 of {listed}: This share is mistyped"),
        (f"{shares[0]}\n{shares[0]}", "given before"),
        ("", "2 shares are needed, and there are 0"),
    ):
        listed.write_text(content)
        assert says in error_of(keys(*words, "--shares-file", listed))
        assert not (tmp_path / "back").exists()
    listed.write_text(f"# ours\n{shares[0]}\n\n{shares[1]}\n")
    assert keys(*words, "--shares-file", listed).exit_code == 0
    assert (tmp_path / "back").read_text() == path.read_text()
    assert "exists already" in error_of(keys(*words, "--shares-file", listed))
    assert "cannot be read" in error_of(keys(*words, "--shares-file", tmp_path / "absent"))


def test_a_ring_moves_into_a_key_store(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    keys("init", "--file", path)
    with transit() as key_store:
        target = f"transit:casework:{tmp_path}/ring.sealed"
        store = {"VAULT_ADDR": key_store.address, "VAULT_TOKEN": key_store.token}
        moved = keys("copy", "--from", f"file:{path}", "--to", target, **store)
        assert moved.exit_code == 0, moved.output
        again = keys("copy", "--from", f"file:{path}", "--to", target, **store)
        assert "exists already" in error_of(again)
    assert (tmp_path / "ring.sealed").read_text().startswith("vault:v1:")


# --- the rotation ------------------------------------------------------------------------------


def audited(installation: Installation) -> list[tuple[str, str, str, str | None]]:
    """Give the entries about keys, as the reader sees them."""
    engine = create_engine(installation.environment["READER_DATABASE_URL"], poolclass=NullPool)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT action, object_type, object_id, service_id FROM audit_entry"
                " WHERE action LIKE 'keys:%' ORDER BY seq"
            )
        )
        return [tuple(row) for row in rows]


def ring_of(installation: Installation) -> tuple[list[int], int]:
    ring = parse_ring(installation.source.load(), "it")
    return ring.kek_ids, ring.current


def test_a_key_lives_from_its_making_to_its_end(installation: Installation) -> None:
    installation.add_owner()
    added = installation.run("keys", "rotate")
    assert added.exit_code == 0, added.output
    assert "for opening only" in added.output and "every host" in added.output
    assert ring_of(installation) == ([1, 2], 1)
    activated = installation.run("keys", "rotate", "--activate")
    assert "casework keys rewrap" in activated.output
    assert ring_of(installation) == ([1, 2], 2)
    refused = installation.run("keys", "retire", "1", "--yes")
    assert "Key 1 is still needed by 1 data keys" in error_of(refused)
    installation.rewrap_all()
    retired = installation.run("keys", "retire", "1", answers="1\n")
    assert retired.exit_code == 0, retired.output
    assert "unreadable for ever" in retired.output
    assert ring_of(installation) == ([2], 2)
    assert audited(installation) == [
        ("keys:add", "kek", "2", None),
        ("keys:activate", "kek", "2", None),
        ("keys:retire", "kek", "1", None),
    ]
    verified = installation.run("audit", "verify")
    assert verified.exit_code == 0, verified.output


def test_an_index_key_lives_from_its_making_to_its_end(installation: Installation) -> None:
    installation.add_owner()
    assert "rotate --index --activate" in installation.run("keys", "rotate", "--index").output
    activated = installation.run("keys", "rotate", "--index", "--activate")
    assert "casework keys reindex" in activated.output
    refused = installation.run("keys", "retire", "--index", "1", "--yes")
    assert "Index key 1 is still needed by 1 look-up terms" in error_of(refused)
    engine = create_engine(installation.environment["MIGRATION_DATABASE_URL"], poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM index_term"))
    assert installation.run("keys", "retire", "--index", "1", "--yes").exit_code == 0
    assert parse_ring(installation.source.load(), "it").index_versions == [2]
    assert audited(installation)[-1] == ("keys:retire", "index_key", "1", None)


def test_one_host_rotates_at_once(installation: Installation) -> None:
    assert installation.run("keys", "rotate", "--now").exit_code == 0
    assert ring_of(installation) == ([1, 2], 2)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("rotate", "--activate"), "No key is waiting"),
        (("rotate", "--activate", "--now"), "Choose --activate or --now"),
        (("retire", "1", "--yes"), "Key 1 is current"),
        (("retire", "7", "--yes"), "no key 7"),
        (("retire", "--index", "1", "--yes"), "Key 1 is current"),
    ],
)
def test_a_step_out_of_order_is_refused_and_leaves_no_trace(
    installation: Installation, words: tuple[str, ...], says: str
) -> None:
    before = installation.source.load()
    assert says in error_of(installation.run("keys", *words))
    assert installation.source.load() == before
    assert audited(installation) == []


def test_a_key_is_not_retired_without_its_number_typed(installation: Installation) -> None:
    installation.rotate_at_once()
    refused = installation.run("keys", "retire", "1", answers="y\n")
    assert "Nothing was changed" in error_of(refused)
    assert ring_of(installation)[0] == [1, 2]


def test_a_role_behind_the_walls_may_not_say_that_a_key_is_free(
    installation: Installation,
) -> None:
    installation.add_owner()
    installation.rotate_at_once()
    as_app = {"READER_DATABASE_URL": installation.environment["DATABASE_URL"]}
    refused = installation.run("keys", "retire", "1", "--yes", **as_app)
    assert "does not see all services" in error_of(refused)
    nobody = {"READER_DATABASE_URL": "", "MIGRATION_DATABASE_URL": ""}
    refused = installation.run("keys", "retire", "1", "--yes", **nobody)
    assert "READER_DATABASE_URL is not set" in error_of(refused)
    assert ring_of(installation)[0] == [1, 2]


def test_a_key_used_again_while_the_question_waits_stays(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.rotate_at_once()
    engine = create_engine(installation.environment["MIGRATION_DATABASE_URL"], poolclass=NullPool)

    def answer(_: str) -> str:
        # Another host, whose copy of the ring is older, goes on with the old key.
        installation.add_owner()
        with engine.begin() as connection:
            connection.execute(text("UPDATE data_key SET kek_id = 1"))
        return "1"

    monkeypatch.setattr("click.prompt", answer)
    assert "still needed by 1" in error_of(installation.run("keys", "retire", "1"))
    assert ring_of(installation)[0] == [1, 2]


def test_a_database_that_is_down_leaves_the_ring_as_it_was(installation: Installation) -> None:
    gone = {"DATABASE_URL": "postgresql+psycopg://casework_app@127.0.0.1:1/gone"}
    refused = installation.run("keys", "rotate", **gone)
    assert "The database does not answer" in error_of(refused)
    assert ring_of(installation)[0] == [1]


def test_the_recovery_file_is_said_to_have_changed(installation: Installation) -> None:
    ring, _ = with_recovery(installation.source.load(), 2, 3)
    installation.source.path.unlink()
    keep_ring(installation.source, ring, is_new=True)
    before = recovery_path(installation.source.path).read_bytes()
    rotated = installation.run("keys", "rotate", "--now")
    assert "was written anew" in rotated.output
    assert recovery_path(installation.source.path).read_bytes() != before


def test_the_running_application_follows_without_a_restart(installation: Installation) -> None:
    installation.add_owner()
    installation.run("keys", "rotate", "--now")
    installation.add_owner()
    engine = create_engine(installation.environment["READER_DATABASE_URL"], poolclass=NullPool)
    with engine.connect() as connection:
        used = connection.execute(text("SELECT kek_id FROM data_key ORDER BY kek_id")).scalars()
        assert list(used) == [1, 2]


def test_officers_of_a_ring_that_exists_get_shares_and_new_ones_later(
    installation: Installation, tmp_path: Path
) -> None:
    path, listed = recovery_path(installation.source.path), tmp_path / "shares.txt"
    listed.touch(0o600)
    first = installation.run("keys", "reshare", "--shares", "2", "--of", "2")
    assert first.exit_code == 0, first.output
    kept = path.read_bytes()
    second = installation.run("keys", "reshare", "--shares", "2", "--of", "3")
    for number, (content, output) in enumerate(
        ((kept, first.output), (path.read_bytes(), second.output))
    ):
        (tmp_path / "kept.age").write_bytes(content)
        listed.write_text("\n".join(shares_in(output)[:2]))
        target = tmp_path / f"back-{number}"
        words = ("--from", tmp_path / "kept.age", "--to", f"file:{target}")
        assert keys("recover", *words, "--shares-file", listed).exit_code == 0
    listed.write_text("\n".join(shares_in(first.output)[:2]))
    words = ("--from", path, "--to", f"file:{tmp_path / 'never'}", "--shares-file", listed)
    assert "not theirs" in error_of(keys("recover", *map(str, words)))
    assert [action for action, *_ in audited(installation)] == ["keys:reshare"] * 2
    assert "--shares 3 --of 5" in error_of(
        installation.run("keys", "reshare", "--shares", "1", "--of", "3")
    )
