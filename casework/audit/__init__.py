"""The audit: who did what to which row, when and why; append-only, chained, without content (R21)."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from casework.audit.chain import NotACode
from casework.audit.models import AuditEntry
from casework.audit.queries import EntryFilter, entries, latest, rewritten, subjects_of
from casework.audit.sealed_rows import SealedResult, verify_sealed
from casework.audit.services import (
    opening_failed,
    page_refused,
    record,
    record_for_installation,
    refused,
    rows_sealed,
)
from casework.audit.verify import VerifyResult, verify
from casework.audit.writing import write_kept
from casework.database import before_commit_hooks
from casework.security.guard import refusal_hooks
from casework.vault import Unreadable, unreadable_hooks, written_hooks
from casework.web import errors

__all__ = [
    "AuditEntry",
    "EntryFilter",
    "NotACode",
    "SealedResult",
    "VerifyResult",
    "entries",
    "init_app",
    "latest",
    "record",
    "record_for_installation",
    "refused",
    "rewritten",
    "subjects_of",
    "verify",
    "verify_sealed",
]


def init_app(app: Flask) -> None:
    """Write the chain before every commit, and listen to the guard and to the vault."""
    if write_kept not in before_commit_hooks:
        before_commit_hooks.append(write_kept)
    if page_refused not in refusal_hooks:
        refusal_hooks.append(page_refused)
    if opening_failed not in unreadable_hooks:
        unreadable_hooks.append(opening_failed)
    errors.answer_with(
        app,
        Unreadable,
        _l("Part of this record cannot be read"),
        _l(
            "It is damaged, or its key is missing. Nothing was changed, and this is on record. Do not "
            "call from memory: what is not known means no contact. Tell whoever runs Casework here."
        ),
    )
    if rows_sealed not in written_hooks:
        written_hooks.append(rows_sealed)
