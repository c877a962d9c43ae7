"""The web's entry point: gunicorn app:app."""

from casework import create_app, vault

app = create_app()
vault.refuse_misfit(app)
