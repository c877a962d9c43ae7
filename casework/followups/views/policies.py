"""The follow-up policy for supervisors: what holds, a change previewed, and how far it has come."""

from collections.abc import Mapping

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from casework.accounts import queries as accounts
from casework.database import NotFound
from casework.followups import queries, rules, services
from casework.followups.policy_forms import PolicyForm
from casework.followups.policy_models import FollowUpPolicy, MoveState, PolicyName
from casework.followups.rules import Rule
from casework.followups.services import Kept, Preview
from casework.followups.views.door import blueprint, is_sent
from casework.security import allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input

# Enough to see what a change means; the number above them counts them all.
ROWS = 25
# Told with a preview only when it is worth a line: what fits its rule needs none.
TOLD = tuple(kept for kept in Kept if kept is not Kept.FITS)


@blueprint.get("/follow-up-policy")
@allow("policy:change")
def policies() -> Response:
    """Show every rule in force, whose it is, and how far a change has moved what is planned."""
    actor = current_actor()
    own = queries.current_policies(actor)
    main = (PolicyName.CRISIS, PolicyName.STANDARD)
    shown = [name for name in PolicyName if name in main or name in own]
    return render(
        "followups/policies.html",
        shown=[(name, _rule(name, own), own.get(name)) for name in shown],
        others=[name for name in PolicyName if name not in shown],
        names=accounts.names_of(actor, {row.changed_by for row in own.values()}),
        is_moving=any(row.move_state is MoveState.RUNNING for row in own.values()),
        span=span_of,
    )


@blueprint.route("/follow-up-policy/<name>", methods=["GET", "POST"])
@allow("policy:change")
@keeps_input
def change_policy(name: str) -> Response:
    """Change one rule: first see which planned calls it would move, then apply it."""
    actor, which = current_actor(), _name(name)
    form = PolicyForm()
    own = queries.current_policies(actor)
    current = own.get(which)
    if not form.is_submitted():
        wants_standard = "standard" in request.args
        rule = rules.default_rule(which) if wants_standard else _rule(which, own)
        form.fill(rule, current.version if current else 0)
    preview = None
    if is_sent() and form.validate():
        rule = form.rule()
        if form.previewed.data == _mark(rule):
            done = perform(
                form,
                services.change_policy,
                actor,
                name=which,
                rule=rule,
                version=form.version.data,
            )
            if done:
                flash(_told(done.moved, done.move_state is MoveState.DONE), "success")
                return redirect(url_for("followups.policies"), 303)
            # A colleague was faster: theirs is shown below, and the next try starts from it.
            current = queries.current_policies(actor).get(which)
            form.version.data = current.version if current else 0
        else:
            preview = perform(form, services.preview_policy, actor, name=which, rule=rule)
    form.previewed.data = _mark(form.rule()) if preview else ""
    return render(
        "followups/change_policy.html",
        form=form,
        name=which,
        preview=preview,
        kept=_kept(preview) if preview else [],
        rows=preview.moves[:ROWS] if preview else [],
        versions=queries.versions_of_policy(actor, which),
        current=current,
        span=span_of,
        rule_of=rules.rule_of,
    )


def span_of(hours: int) -> str:
    """Write a number of hours as a reader says it: hours up to three days, then days."""
    if hours > 72 and not hours % 24:
        return ngettext("%(num)d day", "%(num)d days", hours // 24)
    return ngettext("%(num)d hour", "%(num)d hours", hours)


def _name(text: str) -> PolicyName:
    if text not in rules.NAMES:
        raise NotFound
    return PolicyName(text)


def _rule(name: PolicyName, own: Mapping[PolicyName, FollowUpPolicy]) -> Rule:
    return rules.rule_of(own[name]) if name in own else rules.default_rule(name)


def _kept(preview: Preview) -> list[tuple[str, int]]:
    return [(str(kept.label), preview.kept[kept]) for kept in TOLD if preview.kept[kept]]


def _mark(rule: Rule) -> str:
    """Write what was previewed, so that only a rule whose effect was seen is applied."""
    steps = "-".join(f"{earliest}.{latest}" for earliest, latest in rule.steps)
    rest = (rule.max_attempts, rule.pause_hours, rule.longest_days)
    return ":".join(map(str, (steps, *rest, rule.team_after_hours, rule.supervisor_after_hours)))


def _told(moved: int, is_done: bool) -> str:
    if not is_done:
        return str(_("The rule holds from now on. Planned calls are being moved."))
    return ngettext(
        "The rule holds from now on. %(num)d planned call moved.",
        "The rule holds from now on. %(num)d planned calls moved.",
        moved,
    )
