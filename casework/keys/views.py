"""The administrator’s page of keys: what stands under which, and the runs that move it."""

from uuid import UUID

from flask import Blueprint, jsonify, redirect, url_for
from werkzeug.wrappers import Response

from casework.keys import queries, services
from casework.keys.models import RunKind
from casework.keys.progress import Progress, progress_of
from casework.security import allow, current_actor
from casework.web.pages import render

blueprint = Blueprint("keys", __name__)

CHANGES = {
    "pause": services.pause_run,
    "resume": services.resume_run,
    "cancel": services.cancel_run,
}


@blueprint.get("/keys")
@allow("keys:manage")
def overview() -> Response:
    """Show the ring’s numbers, what stands under each, and how far the runs are."""
    viewer = current_actor()
    return render(
        "keys/overview.html",
        standing=queries.keys_view(viewer.service_id),
        runs=_progress(viewer.service_id),
        kinds=RunKind,
    )


@blueprint.get("/keys/progress")
@allow("keys:manage")
def progress() -> Response:
    """Tell a page that is open how far the runs are, in the words it shows."""
    runs = _progress(current_actor().service_id)
    return jsonify({str(found.id): found.told() for found in runs.values()})


@blueprint.post("/keys/rewrap")
@allow("keys:manage")
def rewrap() -> Response:
    """Start moving data keys under the current key."""
    services.start_run(current_actor(), kind=RunKind.REWRAP)
    return redirect(url_for("keys.overview"))


@blueprint.post("/keys/reindex")
@allow("keys:manage")
def reindex() -> Response:
    """Start making search terms again under the current index key."""
    services.start_run(current_actor(), kind=RunKind.REINDEX)
    return redirect(url_for("keys.overview"))


@blueprint.post("/keys/runs/<uuid:run_id>/<any(pause, resume, cancel):what>")
@allow("keys:manage")
def change_run(run_id: UUID, what: str) -> Response:
    """Pause a run after the batch it is in, let it go on, or end it; what it moved stays moved."""
    actor = current_actor()
    CHANGES[what](actor, queries.run(actor, run_id))
    return redirect(url_for("keys.overview"))


def _progress(service_id: UUID) -> dict[RunKind, Progress]:
    return {kind: progress_of(run) for kind, run in queries.latest_runs(service_id).items()}
