"""Casework: what happened next, for community navigators and the people who call them."""

from datetime import timedelta
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from casework import (
    accounts,
    agencies,
    agenda,
    api,
    audit,
    background,
    cases,
    database,
    desk,
    directory,
    extensions,
    followups,
    importing,
    intake,
    keeping,
    keys,
    logs,
    notices,
    oversight,
    people,
    referrals,
    vault,
    web,
)
from casework.config import Environment, Settings, read_settings
from casework.security import guard

ROOT = Path(__file__).parent.parent

# From the ground up: a room may use whatever opened its door before it.
ROOMS = (
    audit,
    accounts,
    directory,
    importing,
    notices,
    people,
    cases,
    referrals,
    agencies,
    followups,
    intake,
    desk,
    agenda,
    oversight,
    keeping,
    keys,
    api,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Lay the foundation, then let each room open its own door; raise ConfigurationError early."""
    settings = settings or read_settings()
    app = database.Casework(
        __name__, template_folder=str(ROOT / "templates"), static_folder="static"
    )
    app.config["CASEWORK"] = settings
    app.config.update(_flask_settings(settings))
    app.testing = settings.environment is Environment.TEST
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    logs.init_app(app)
    extensions.db.init_app(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(ROOT / "migrations"))
    background.init_app(app)
    vault.init_app(app)
    # The session is known first; a locked one sees its lock, else the guard decides, then the CSRF
    # token is read.
    extensions.login_manager.init_app(app)
    app.before_request(accounts.recognise_visitor)
    app.before_request(accounts.stay_locked)
    guard.init_app(app)
    web.init_app(app)
    extensions.limiter.init_app(app)
    for room in ROOMS:
        room.init_app(app)
    return app


# How every connection of web and workers is made.
ENGINE_OPTIONS: dict[str, object] = {
    # Plaintext must never reach a log through a failed statement's parameters.
    "hide_parameters": True,
    "pool_pre_ping": True,
    # A plan made once for all values cannot use an index over what is scheduled only: from its
    # eleventh run on a connection, a statement would read all there ever was.
    "connect_args": {
        "options": "-c random_page_cost=1.1 -c plan_cache_mode=force_custom_plan -c jit=off"
        # Starting helpers takes longer than any statement of a page should.
        " -c max_parallel_workers_per_gather=0"
    },
}


def _flask_settings(settings: Settings) -> dict[str, object]:
    is_https = settings.is_https
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": ENGINE_OPTIONS,
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 500,
        "SESSION_COOKIE_NAME": "__Host-casework" if is_https else "casework",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "RATELIMIT_STORAGE_URI": settings.redis_url.replace("unix://", "redis+unix://", 1),
        # A broker that is down must neither refuse everybody nor let everything through.
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
        "TEMPLATES_AUTO_RELOAD": False,
    }
