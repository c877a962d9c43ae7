"""Notices: what staff are told in the app, and the letters that leave, which speak of nobody."""

from flask import Flask

from casework.config import Settings
from casework.notices import queries, senders, services, tasks
from casework.notices.messages import Message

__all__ = ["Message", "init_app", "queries", "services", "tasks"]


def init_app(app: Flask) -> None:
    """Refuse to start with a mail address that no sender understands."""
    settings: Settings = app.config["CASEWORK"]
    senders.sender_for(settings.mail_url)
