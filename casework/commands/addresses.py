"""The address of a database as somebody wrote it into a setting: used, or refused without showing it."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool


class NotAnAddress(ValueError):
    """A setting does not hold the address of a PostgreSQL database; the message names the setting."""

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"{setting} is not the address of a PostgreSQL database (postgresql+psycopg://…)."
        )


def engine_for(url: str, setting: str) -> Engine:
    """Give an engine without a pool; raise NotAnAddress when the address is none that we can use."""
    try:
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    except (ArgumentError, ImportError, ValueError):
        # The original error quotes the address, and with it the password.
        raise NotAnAddress(setting) from None
    if engine.dialect.name != "postgresql":
        raise NotAnAddress(setting)
    return engine
