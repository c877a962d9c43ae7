"""The worker's and beat's entry point: celery -A celery_worker worker, celery -A celery_worker beat."""

from casework import create_app, vault

flask_app = create_app()
vault.refuse_misfit(flask_app)
celery = flask_app.extensions["celery"]
