"""The web's entry point: gunicorn app:app."""

from casework import create_app

app = create_app()
