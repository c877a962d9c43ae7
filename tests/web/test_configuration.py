"""Casework refuses to start half-configured, and says in one sentence what is missing."""

import pytest

from casework.config import ConfigurationError, Environment, read_settings

GOOD = {
    "CASEWORK_ENV": "production",
    "SECRET_KEY": "k" * 40,
    "CASEWORK_KEYS": "file:/etc/casework/keyring.json",
    "DATABASE_URL": "postgresql+psycopg://casework_app@db/casework",
    "REDIS_URL": "unix:///run/redis.sock?db=0",
    "PUBLIC_URL": "https://casework.example.org",
}


@pytest.mark.parametrize("name", ["SECRET_KEY", "CASEWORK_KEYS", "DATABASE_URL", "REDIS_URL"])
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        read_settings({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("DATABASE_URL", "sqlite:///casework.db"),
        ("PUBLIC_URL", "http://casework.example.org"),
        ("CASEWORK_KEYS", "env:KEYS"),
        ("CASEWORK_ENV", "staging"),
    ],
)
def test_what_is_unsafe_in_production_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        read_settings(GOOD | {name: value})


def test_production_is_what_nothing_said_means() -> None:
    settings = read_settings({k: v for k, v in GOOD.items() if k != "CASEWORK_ENV"})
    assert settings.environment is Environment.PRODUCTION


def test_settings_never_show_their_secrets() -> None:
    assert "k" * 40 not in repr(read_settings(GOOD))


def test_celery_gets_its_own_spelling_of_a_socket() -> None:
    assert read_settings(GOOD).broker_url == "redis+socket:///run/redis.sock?virtual_host=0"
