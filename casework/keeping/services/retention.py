"""Retention: times by closure code, the report that comes first, and the erasing of one case (R24)."""

import uuid
from collections.abc import Mapping

from casework import audit
from casework.cases import queries as cases
from casework.cases import services as case_services
from casework.cases.erasure_models import ErasureReason
from casework.cases.models import ClosureCode
from casework.database import now
from casework.extensions import db
from casework.keeping import queries
from casework.keeping.models import RetentionRule
from casework.keeping.policy import Report, check_days
from casework.security import Actor


def change_days(actor: Actor, *, days: Mapping[ClosureCode, int | None]) -> int:
    """Set how long cases of each closure code are kept; tell how many times are others now.

    Raises DaysImpossible, and then changes nothing.
    """
    wanted = {closure: check_days(number) for closure, number in days.items()}
    before = queries.days_of(actor)
    changed = {closure: n for closure, n in wanted.items() if before[closure] != n}
    rules = {rule.closure: rule for rule in queries.rules(actor)}
    for closure, number in changed.items():
        rule = rules.get(closure)
        if rule is None:
            rule = RetentionRule(service_id=actor.service_id, closure=closure)
            db.session.add(rule)
        rule.days, rule.changed_at, rule.changed_by = number, now(), actor.id
    db.session.flush()
    if changed:
        audit.record(
            actor,
            "retention:changed",
            ("retention_rule", None),
            fields=("days",),
            detail={closure.value: number for closure, number in changed.items()},
        )
    return len(changed)


def tell_report(actor: Actor) -> Report:
    """Count what is past its time and write the numbers down, before anything is erased."""
    told = queries.report(actor, now(), queries.days_of(actor))
    if told.total or told.held:
        audit.record(
            actor,
            "retention:reported",
            ("retention_rule", None),
            detail={"due": told.total, "held": told.held},
        )
    return told


def erase_one(actor: Actor, case_id: uuid.UUID) -> None:
    """Erase one case whose time is over; raises what cases.services.erase_case refuses."""
    case = cases.get_by_id(actor, case_id)
    case_services.erase_case(actor, case, reason=ErasureReason.RETENTION)
