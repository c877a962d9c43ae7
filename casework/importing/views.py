"""The administrator’s page of imports: upload, progress, pause, resume, cancel, and what was refused."""

from uuid import UUID

from flask import Blueprint, jsonify, redirect, request, url_for
from flask import Response as PlainResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.importing import policy, queries, refusals, services, uploads
from casework.importing.forms import ImportForm
from casework.importing.models import ImportFormat
from casework.importing.progress import progress_of
from casework.security import allow, current_actor
from casework.web.forms import add_error, perform
from casework.web.pages import render

blueprint = Blueprint("importing", __name__)
# So many imports are listed below the newest.
EARLIER = 10

CHANGES = {
    "pause": services.pause_import,
    "resume": services.resume_import,
    "cancel": services.cancel_import,
}


@blueprint.route("/directory/imports", methods=["GET", "POST"])
@allow("directory:import", most_bytes=uploads.MOST_MEGABYTES << 20)
def imports() -> Response:
    """Show how far the imports are, and take a file for the next one."""
    actor, form = current_actor(), ImportForm()
    if form.is_submitted():
        # Everything that lacks is named at once, the file too.
        file, is_said = request.files.get("file"), form.validate()
        if file is None or not file.filename:
            add_error(form, _("Choose a file."), "file")
        elif is_said and perform(
            form,
            services.start_upload,
            actor,
            file.stream,
            format_=ImportFormat(form.format.data),
            source=(form.source.data or "").strip(),
            language=form.language.data,
        ):
            return redirect(url_for("importing.imports"))
    runs = [progress_of(run) for run in queries.latest(actor.service_id, limit=1 + EARLIER)]
    return render(
        "importing/imports.html",
        form=form,
        current=runs[0] if runs else None,
        earlier=runs[1:],
        terms=queries.count_terms_without_need(actor.service_id),
        is_set_up=uploads.is_set_up(),
        megabytes=uploads.MOST_MEGABYTES,
    )


@blueprint.get("/directory/imports/progress")
@allow("directory:import")
def progress() -> Response:
    """Tell a page that is open how far the newest import is, in the words it shows."""
    newest = queries.latest(current_actor().service_id, limit=1)
    return jsonify({str(run.id): progress_of(run).told() for run in newest})


@blueprint.get("/directory/imports/<uuid:import_id>/refused.csv")
@allow("directory:import")
def refused(import_id: UUID) -> Response:
    """Give the refused and repaired rows with their reasons; never what a row said."""
    actor = current_actor()
    run = queries.run(actor, import_id)
    lines = "".join(refusals.lines_of(queries.remarks(actor, run.id), policy.not_named(run)))
    name = f"{run.source}-{run.started_at:%Y-%m-%d}.csv"
    return PlainResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.post("/directory/imports/<uuid:import_id>/<any(pause, resume, cancel):what>")
@allow("directory:import")
def change(import_id: UUID, what: str) -> Response:
    """Pause an import after the batch it is in, let it go on, or end it; what it wrote stays."""
    actor = current_actor()
    CHANGES[what](actor, queries.run(actor, import_id))
    return redirect(url_for("importing.imports"))
