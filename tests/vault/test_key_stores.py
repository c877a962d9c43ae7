"""A key ring that a key store sealed: what stands in the file, and one sentence for each failure."""

import importlib
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from casework.vault import providers_kms, providers_transit
from casework.vault.changes import Part, activate_key, add_key, change_ring
from casework.vault.keyring import RingRefused, fresh_ring, parse_ring
from casework.vault.providers import KEY_STORES, Source, load_ring, source_of
from tests.vault.transit_standin import Transit, transit

CONTEXT = {"application": "casework", "purpose": "key-ring"}


def secrets_of(ring: str) -> list[str]:
    document = json.loads(ring)
    return [*document["keks"].values(), *document["index"].values()]


def refusal_of(act: Callable[[], object]) -> str:
    """Give the one sentence, and see that nothing else travels with it."""
    with pytest.raises(RingRefused) as refusal:
        act()
    sentence = str(refusal.value)
    assert sentence.endswith(".") and "\n" not in sentence
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    return sentence


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Transit]:
    """Give a running stand-in for Vault, and the settings that lead to it."""
    with transit() as server:
        monkeypatch.setenv("VAULT_ADDR", server.address)
        monkeypatch.setenv("VAULT_TOKEN", server.token)
        monkeypatch.delenv("VAULT_TOKEN_FILE", raising=False)
        monkeypatch.delenv("VAULT_NAMESPACE", raising=False)
        yield server


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """Give the address of moto’s AWS, over HTTP."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def kms(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a client of that KMS, and the settings that lead to it."""
    for name, value in {
        "AWS_ENDPOINT_URL_KMS": aws,
        "AWS_DEFAULT_REGION": "ca-central-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("kms", config=Config(retries={"total_max_attempts": 1}))
    yield client
    client.close()


@pytest.fixture
def kms_key(kms: Any) -> str:
    """Give the id of a fresh KMS key."""
    return str(kms.create_key()["KeyMetadata"]["KeyId"])


@pytest.fixture(params=["transit", "kms"])
def sealed_source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    """Give a source of each key store, with nothing in it."""
    if request.param == "transit":
        request.getfixturevalue("vault")
        return source_of(f"transit:casework:{tmp_path}/ring.sealed")
    return source_of(f"kms:{request.getfixturevalue('kms_key')}:{tmp_path}/ring.sealed")


def test_the_file_holds_nothing_but_what_the_key_store_sealed(sealed_source: Source) -> None:
    ring = fresh_ring()
    sealed_source.store(ring, is_new=True)
    assert sealed_source.path is not None
    content = sealed_source.path.read_text()
    assert sealed_source.path.stat().st_mode & 0o777 == 0o600
    assert not [secret for secret in secrets_of(ring) if secret in content]
    assert sealed_source.load() == ring


def test_a_sealed_ring_never_takes_the_place_of_another(sealed_source: Source) -> None:
    sealed_source.store(first := fresh_ring(), is_new=True)
    assert "exists already" in refusal_of(lambda: sealed_source.store(fresh_ring(), is_new=True))
    assert sealed_source.load() == first


def test_a_sealed_ring_may_grow_far_beyond_what_kms_encrypts(sealed_source: Source) -> None:
    sealed_source.store(fresh_ring(), is_new=True)
    text = sealed_source.load()
    for _ in range(100):
        text = activate_key(add_key(text, Part.KEKS).ring, Part.KEKS).ring
    sealed_source.store(text)
    assert len(text) > 4096
    assert len(parse_ring(sealed_source.load(), "it").kek_ids) == 101


def test_a_sealed_ring_is_rotated_in_its_place(sealed_source: Source) -> None:
    sealed_source.store(fresh_ring(), is_new=True)
    assert change_ring(sealed_source, lambda ring: add_key(ring, Part.KEKS)) == 2
    assert parse_ring(sealed_source.load(), "it").kek_ids == [1, 2]


def test_a_sealed_file_open_to_others_is_refused(sealed_source: Source) -> None:
    sealed_source.store(fresh_ring(), is_new=True)
    assert sealed_source.path is not None
    sealed_source.path.chmod(0o644)
    assert "chmod 600" in refusal_of(sealed_source.load)


def test_a_changed_byte_of_a_sealed_ring_is_refused(sealed_source: Source) -> None:
    sealed_source.store(fresh_ring(), is_new=True)
    assert sealed_source.path is not None
    content = sealed_source.path.read_text()
    place = len(content) - 20
    other = "A" if content[place] != "A" else "B"
    sealed_source.path.write_text(content[:place] + other + content[place + 1 :])
    refusal_of(sealed_source.load)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "[" * 60_000, "vault:v1:", '{"format": "casework-kms-1"}']
)
def test_a_file_that_no_key_store_sealed_is_refused(sealed_source: Source, content: str) -> None:
    assert sealed_source.path is not None
    sealed_source.path.write_text(content)
    sealed_source.path.chmod(0o600)
    refusal_of(sealed_source.load)


def test_a_sealed_ring_asks_its_key_store_once(vault: Transit, tmp_path: Path) -> None:
    source = source_of(f"transit:casework:{tmp_path}/ring.sealed")
    source.store(fresh_ring(), is_new=True)
    vault.questions.clear()
    ring = load_ring(f"transit:casework:{tmp_path}/ring.sealed")
    for owner in (uuid4() for _ in range(20)):
        ring.unwrap(owner, *ring.wrap(owner, b"k" * 32))
        source.stamp()
    assert vault.questions == ["/v1/transit/decrypt/casework"]


@pytest.mark.parametrize(
    ("mood", "says"),
    [
        ("sealed", "sealed or down (503)"),
        ("broken", "failed"),
        ("babbling", "not Transit’s"),
        ("redirecting", "not Transit’s"),
    ],
)
def test_transit_in_a_bad_mood_is_one_sentence(
    vault: Transit, tmp_path: Path, mood: str, says: str
) -> None:
    source = source_of(f"transit:casework:{tmp_path}/ring.sealed")
    source.store(fresh_ring(), is_new=True)
    vault.mood = mood
    assert says in refusal_of(source.load)
    assert says in refusal_of(lambda: source.store(fresh_ring()))


def test_a_transit_that_hangs_is_given_up(
    vault: Transit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(f"transit:casework:{tmp_path}/ring.sealed")
    source.store(fresh_ring(), is_new=True)
    monkeypatch.setattr(providers_transit, "SECONDS", 0.2)
    vault.mood = "hanging"
    assert "does not answer within" in refusal_of(source.load)


def test_a_transit_that_is_absent_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transit() as server:
        monkeypatch.setenv("VAULT_ADDR", server.address)
        monkeypatch.setenv("VAULT_TOKEN", server.token)
        source = source_of(f"transit:casework:{tmp_path}/ring.sealed")
        source.store(fresh_ring(), is_new=True)
    assert "cannot be reached" in refusal_of(source.load)


def test_transit_refuses_a_wrong_token_another_key_and_another_namespace(
    vault: Transit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(f"transit:casework:{tmp_path}/ring.sealed")
    source.store(fresh_ring(), is_new=True)
    other = source_of(f"transit:other:{tmp_path}/ring.sealed")
    assert "Transit key other" in refusal_of(other.load)
    monkeypatch.setenv("VAULT_NAMESPACE", "team")
    assert "no such namespace" in refusal_of(source.load)
    vault.namespace = "team"
    source.load()
    monkeypatch.setenv("VAULT_TOKEN", "s.wrong")
    assert "refuses us (403)" in refusal_of(source.load)


def test_the_token_may_stand_in_a_file_that_is_renewed(
    vault: Transit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(f"transit:casework:{tmp_path}/ring.sealed")
    source.store(fresh_ring(), is_new=True)
    token = tmp_path / "token"
    monkeypatch.setenv("VAULT_TOKEN_FILE", str(token))
    assert "VAULT_TOKEN_FILE" in refusal_of(source.load)
    token.write_text("s.renewed\n")
    token.chmod(0o640)
    assert "VAULT_TOKEN_FILE" in (refusal := refusal_of(source.load))
    assert "is open to others (mode 0640)" in refusal
    token.chmod(0o600)
    vault.token = "s.renewed"
    source.load()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("VAULT_ADDR", "", "VAULT_ADDR is not set"),
        ("VAULT_ADDR", "http://vault.example.org:8200", "must begin with https://"),
        ("VAULT_ADDR", "https://[::1", "is not an address"),
        ("VAULT_ADDR", "https://", "is not an address"),
        ("VAULT_ADDR", "https://vault.example.org:99999", "is not an address"),
        ("VAULT_ADDR", "http://localhost:abc", "is not an address"),
        ("VAULT_ADDR", "https://user:s3cret@127.0.0.1:1", "no name and no password"),
        ("VAULT_ADDR", "https://s3cret@127.0.0.1:1", "no name and no password"),
        ("VAULT_TOKEN", "", "needs a token"),
        ("VAULT_TOKEN", "s.é…", "is not one"),
        ("VAULT_TOKEN", "s.one\ns.two", "is not one"),
    ],
)
def test_settings_that_are_missing_or_unsafe_are_one_sentence(
    vault: Transit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    says: str,
) -> None:
    monkeypatch.setenv(name, value)
    source = source_of(f"transit:casework:{tmp_path}/ring.sealed")
    refusal = refusal_of(lambda: source.store(fresh_ring(), is_new=True))
    assert says in refusal
    assert "s3cret" not in refusal
    assert vault.questions == []


def test_kms_opens_a_ring_only_in_the_context_it_was_sealed_in(
    kms: Any, kms_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(f"kms:{kms_key}:{tmp_path}/ring.sealed")
    source.store(fresh_ring(), is_new=True)
    monkeypatch.setattr(providers_kms, "CONTEXT", {**CONTEXT, "purpose": "backup"})
    assert "cannot open" in refusal_of(source.load)


def test_kms_takes_the_arn_of_a_key_and_its_region(
    kms: Any, kms_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = kms.describe_key(KeyId=kms_key)["KeyMetadata"]["Arn"]
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    source = source_of(f"kms:{arn}:{tmp_path}/ring.sealed")
    source.store(ring := fresh_ring(), is_new=True)
    assert source.load() == ring
    assert "needs a region" in refusal_of(source_of(f"kms:{kms_key}:{tmp_path}/ring.sealed").load)


def test_kms_keys_that_are_unknown_disabled_or_others_are_one_sentence(
    kms: Any, kms_key: str, tmp_path: Path
) -> None:
    source = source_of(f"kms:{kms_key}:{tmp_path}/ring.sealed")
    source.store(fresh_ring(), is_new=True)
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    refusal_of(source_of(f"kms:{other}:{tmp_path}/ring.sealed").load)
    absent = "00000000-0000-4000-8000-000000000000"
    unknown = source_of(f"kms:{absent}:{tmp_path}/new.sealed")
    assert "does not know" in refusal_of(lambda: unknown.store(fresh_ring(), is_new=True))
    assert "alias may move" in refusal_of(lambda: source_of(f"kms:alias/casework:{tmp_path}/r"))


@pytest.mark.parametrize("code", sorted(providers_kms.SENTENCES))
def test_each_refusal_of_kms_has_its_sentence(code: str) -> None:
    def refuse() -> None:
        with providers_kms._asking("the-key"):
            raise providers_kms.ClientError({"Error": {"Code": code}}, "Decrypt")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "ca-central-1")
        assert refusal_of(refuse) == providers_kms.SENTENCES[code].format(key="the-key")


def test_a_kms_that_is_absent_or_hangs_is_one_sentence(
    kms_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(f"kms:{kms_key}:{tmp_path}/ring.sealed")
    source.store(fresh_ring(), is_new=True)
    monkeypatch.setattr(providers_kms, "SECONDS", 0.2)
    with transit() as silent:
        silent.mood = "hanging"
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", silent.address)
        assert "does not answer within" in refusal_of(source.load)
    assert "cannot be reached" in refusal_of(source.load)


def test_kms_without_credentials_is_one_sentence(
    kms_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(f"kms:{kms_key}:{tmp_path}/ring.sealed")
    source.store(fresh_ring(), is_new=True)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "needs credentials" in refusal_of(source.load)


@pytest.mark.parametrize("scheme", sorted(KEY_STORES))
def test_a_library_that_is_not_installed_is_named(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", absent)
    sentence = refusal_of(lambda: source_of(f"{scheme}:key:/etc/casework/ring.sealed"))
    assert KEY_STORES[scheme][1] in sentence


@pytest.mark.parametrize(
    "setting", ["transit:", "transit:key", "transit:key:relative", "kms:/no/key", "kms:key:/"]
)
def test_a_key_store_needs_a_key_and_an_absolute_path(setting: str) -> None:
    assert "must be" in refusal_of(lambda: source_of(setting))


def test_no_library_logs_the_ring_even_at_debug_level(
    app: Any, sealed_source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ring = fresh_ring()
    sealed_source.store(ring, is_new=True)
    sealed_source.load()
    assert not [secret for secret in secrets_of(ring) if secret in caplog.text]
    assert "Plaintext" not in caplog.text and "plaintext" not in caplog.text
