"""The environment, read once and typed; outside the demo Casework refuses to start half-configured."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit


class Environment(StrEnum):
    """Where this process runs; only production insists on HTTPS and real keys."""

    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


class ConfigurationError(RuntimeError):
    """Something needed is missing or unsafe; the message is one sentence and holds no secret."""


@dataclass(frozen=True, repr=False)
class Settings:
    """All that comes from outside; passed around as app.config["CASEWORK"]."""

    environment: Environment
    secret_key: str
    keys: str
    database_url: str
    migration_database_url: str
    reader_database_url: str
    redis_url: str
    broker_url: str
    mail_url: str
    mail_from: str
    public_url: str
    trusted_proxies: int
    log_level: str
    backup_recipients: tuple[str, ...]
    metrics_token: str = ""
    uploads: str = ""

    @property
    def is_https(self) -> bool:
        """Whether people reach us over TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https://")


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment; raise ConfigurationError with one clear sentence."""
    env = os.environ if environ is None else environ
    environment = _environment(env)
    database_url = _required(env, "DATABASE_URL", "the application's own PostgreSQL role")
    redis_url = _required(env, "REDIS_URL", "the broker")
    settings = Settings(
        environment=environment,
        secret_key=_required(env, "SECRET_KEY", "signing cookies; 32 random characters or more"),
        keys=_required(
            env, "CASEWORK_KEYS", "sealing, for example file:/etc/casework/keyring.json"
        ),
        database_url=database_url,
        migration_database_url=env.get("MIGRATION_DATABASE_URL", ""),
        reader_database_url=env.get("READER_DATABASE_URL", ""),
        redis_url=redis_url,
        broker_url=env.get("BROKER_URL") or _broker_url(redis_url),
        mail_url=env.get("MAIL_URL", "console:"),
        mail_from=env.get("MAIL_FROM", "casework@localhost"),
        public_url=env.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        trusted_proxies=int(env.get("TRUSTED_PROXIES", "0")),
        log_level=env.get("LOG_LEVEL", "INFO").upper(),
        metrics_token=env.get("METRICS_TOKEN", ""),
        uploads=env.get("UPLOADS", ""),
        backup_recipients=tuple(env.get("BACKUP_RECIPIENTS", "").replace(",", " ").split()),
    )
    _check(settings)
    return settings


def _environment(env: Mapping[str, str]) -> Environment:
    name = env.get("CASEWORK_ENV", "production")
    try:
        return Environment(name)
    except ValueError:
        raise ConfigurationError(
            "CASEWORK_ENV must be production, demo or test; leave it out in production."
        ) from None


def _required(env: Mapping[str, str], name: str, use: str) -> str:
    value = env.get(name, "")
    if not value:
        raise ConfigurationError(f"{name} is not set: it is needed for {use}.")
    return value


def _broker_url(redis_url: str) -> str:
    """Give Celery's spelling of a Redis address on a socket; any other address stays as it is."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")


def _check(settings: Settings) -> None:
    if len(settings.secret_key) < 32:
        raise ConfigurationError("SECRET_KEY is too short: it needs 32 random characters or more.")
    scheme = urlsplit(settings.database_url).scheme
    if not scheme.startswith("postgresql"):
        raise ConfigurationError("DATABASE_URL must point to PostgreSQL, the only database.")
    if settings.environment is not Environment.PRODUCTION:
        return
    if not settings.is_https:
        raise ConfigurationError("PUBLIC_URL must begin with https:// in production.")
    if settings.keys.startswith("env:"):
        raise ConfigurationError(
            "CASEWORK_KEYS must not be env: in production; use file:, transit: or kms:."
        )
