"""Logs as JSON lines of ids and codes; no address, header, parameter or text is ever a field."""

import logging

import structlog
from flask import Flask

from casework.config import Settings

# Libraries that would write statements, bodies or addresses at debug level stay quiet.
QUIET = (
    "alembic",
    "sqlalchemy",
    "werkzeug",
    "flask-limiter",
    "redis",
    "amqp",
    "kombu",
    "celery.pool",
    # These would write the key ring, or the key that opens it.
    "boto3",
    "botocore",
    "hvac",
    "requests",
    "urllib3",
)


def init_app(app: Flask) -> None:
    """Configure structlog and the standard library's log to write the same short lines."""
    settings: Settings = app.config["CASEWORK"]
    logging.basicConfig(format="%(message)s", level=settings.log_level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelName(settings.log_level)
        ),
        cache_logger_on_first_use=False,
    )
