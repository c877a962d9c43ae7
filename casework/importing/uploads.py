"""The private file of an upload: there for its import and gone with it; nothing else is put beside it."""

import os
import shutil
import time
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from flask import current_app
from flask_babel import lazy_gettext as _l

from casework.config import Settings
from casework.database import Refused

# As many megabytes as a directory of 60,000 services has; larger ones come by the command.
MOST_MEGABYTES = 200
NAME = "upload"
LONG_AGO = 3_600


class NotSetUp(Refused):
    """No folder for uploads is set."""

    message = _l(
        "Uploads are not set up: set UPLOADS to a folder that the web server and the worker share,"
        " or use the command “casework directory import”."
    )


def is_set_up() -> bool:
    """Tell whether there is a folder for uploads."""
    return bool(_setting())


def path_of(service_id: UUID, import_id: UUID) -> Path:
    """Give where the upload of an import is kept."""
    return _folder(service_id, import_id) / NAME


def keep(service_id: UUID, import_id: UUID, content: BinaryIO) -> None:
    """Keep what was uploaded, readable by this account of the system alone; raise NotSetUp."""
    if not is_set_up():
        raise NotSetUp(field="file")
    folder = _folder(service_id, import_id)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    try:
        descriptor = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(content, file)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def forget(service_id: UUID, import_id: UUID) -> None:
    """Delete the upload of an import that ended."""
    if is_set_up():
        shutil.rmtree(_folder(service_id, import_id), ignore_errors=True)


def forget_others(service_id: UUID, import_id: UUID | None) -> None:
    """Delete every upload of a service but that of one import: a worker may have died before it could."""
    if not is_set_up():
        return
    kept = _folder(service_id, import_id).name if import_id else None
    for folder in Path(_setting()).glob(f"{service_id}.*"):
        # A young one may belong to an import that is about to be committed.
        if folder.name != kept and folder.stat().st_mtime < time.time() - LONG_AGO:
            shutil.rmtree(folder, ignore_errors=True)


def _folder(service_id: UUID, import_id: UUID) -> Path:
    return Path(_setting()) / f"{service_id}.{import_id}"


def _setting() -> str:
    settings: Settings = current_app.config["CASEWORK"]
    return settings.uploads
