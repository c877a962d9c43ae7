"""Imports of directories that others publish, while everybody goes on working."""

from flask import Flask

from casework.importing import models, queries, services

__all__ = ["init_app", "models", "queries", "services"]


def init_app(app: Flask) -> None:
    """Know this room's tables; what they are filled with comes by the command line."""
