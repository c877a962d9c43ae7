"""The worker's and beat's entry point: celery -A celery_worker worker, celery -A celery_worker beat."""

from casework import create_app, memory, vault
from casework.commands import timer

flask_app = create_app()
vault.refuse_misfit(flask_app)
timer.start_with_workers(flask_app)
celery = flask_app.extensions["celery"]
memory.settle()
