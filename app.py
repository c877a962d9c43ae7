"""The web's entry point: gunicorn app:app."""

from casework import create_app, memory, vault

app = create_app()
vault.refuse_misfit(app)
memory.settle()
