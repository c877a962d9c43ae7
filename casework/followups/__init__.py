"""Follow-ups: the next time we reach out, its reminders, and the call itself."""

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from casework.cases.signals import case_closed, case_erasing
from casework.followups import policy, queries, safe_time, services, tasks, views
from casework.followups.services import endings, erasing, letters, list_calls, telling, windows
from casework.notices.models import LetterKind
from casework.notices.services import write_with
from casework.people.signals import consent_ended, person_changed
from casework.referrals.services import find_telling_with
from casework.referrals.signals import referral_changed
from casework.web import navigation

__all__ = ["init_app", "policy", "queries", "safe_time", "services", "tasks"]


def init_app(app: Flask) -> None:
    """Open the call-back pages, and listen to what ends or begins a follow-up."""
    app.register_blueprint(views.blueprint)
    consent_ended.connect(endings.consent_has_ended)
    person_changed.connect(windows.person_has_changed)
    case_closed.connect(endings.case_has_closed)
    case_erasing.connect(erasing.when_case_is_erased)
    referral_changed.connect(telling.referral_has_changed)
    referral_changed.connect(list_calls.keep_on_list)
    find_telling_with(telling.telling_of)
    navigation.add(
        navigation.Entry(
            "followups.hand_over",
            "arrow-right-left",
            lazy_pgettext("rail", "Hand over"),
            "followup:plan",
            order=64,
        )
    )
    navigation.add(
        navigation.Entry(
            "followups.policies",
            "list-checks",
            lazy_pgettext("rail", "Follow-up policy"),
            "policy:change",
            order=72,
            also=("followups.change_policy",),
        )
    )
    navigation.add(
        navigation.Entry("followups.machine", "timer", _l("Reminders"), "reminder:watch", order=82)
    )
    navigation.add(
        navigation.Entry(
            "followups.calls",
            "phone-call",
            _l("Calls under way"),
            "call:free",
            order=55,
            also=("followups.free_call",),
        )
    )
    write_with(LetterKind.CALL_BACKS_DUE, letters.call_backs_due)
