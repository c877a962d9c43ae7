"""The form of one rule of the follow-up policy: steps in hours or days, tries, and who hears when."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from casework.followups.rules import MOST_STEPS, Rule
from casework.web.forms import Form, Version, Whole

HOURS, DAYS = "hours", "days"


class PolicyForm(Form):
    """One rule; what was previewed travels along, so that nothing moves unseen."""

    version = Version(missing=-1)
    previewed = HiddenField()
    max_attempts = Whole(_l("Tries for each call-back"))
    pause_hours = Whole(_l("Hours between two tries"))
    longest_days = Whole(_l("Days after which we stop trying"))
    team_after_hours = Whole(_l("Hours overdue until the team hears"))
    supervisor_after_hours = Whole(_l("Hours overdue until supervisors hear"))

    def fill(self, rule: Rule, version: int) -> None:
        """Show a rule; whole days are written as days."""
        self.version.data = version
        for number, (earliest, latest) in enumerate(rule.steps, 1):
            in_days = not earliest % 24 and not latest % 24 and latest > 72
            size = 24 if in_days else 1
            self[f"from_{number}"].data = earliest // size
            self[f"to_{number}"].data = latest // size
            self[f"unit_{number}"].data = DAYS if in_days else HOURS
        for name in ("max_attempts", "pause_hours", "longest_days"):
            self[name].data = getattr(rule, name)
        self.team_after_hours.data = rule.team_after_hours
        self.supervisor_after_hours.data = rule.supervisor_after_hours

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Give the fields of each call-back: from, to, unit."""
        return [
            (self[f"from_{number}"], self[f"to_{number}"], self[f"unit_{number}"])
            for number in range(1, MOST_STEPS + 1)
        ]

    def rule(self) -> Rule:
        """Give what was typed as a rule; what is missing is refused by its bounds."""
        steps = []
        for start, end, unit in self.rows():
            if start.data is None and end.data is None:
                continue
            size = 24 if unit.data == DAYS else 1
            steps.append(((start.data or 0) * size, (end.data or 0) * size))
        return Rule(
            steps=tuple(steps),
            max_attempts=self.max_attempts.data or 0,
            pause_hours=self.pause_hours.data or 0,
            longest_days=self.longest_days.data or 0,
            team_after_hours=self.team_after_hours.data,
            supervisor_after_hours=self.supervisor_after_hours.data,
        )


for _number in range(1, MOST_STEPS + 1):
    setattr(PolicyForm, f"from_{_number}", Whole(_l("Not before")))
    setattr(PolicyForm, f"to_{_number}", Whole(_l("Due by")))
    setattr(
        PolicyForm,
        f"unit_{_number}",
        SelectField(
            _l("In"),
            choices=[SelectChoice(HOURS, _l("hours")), SelectChoice(DAYS, _l("days"))],
            default=DAYS,
        ),
    )
