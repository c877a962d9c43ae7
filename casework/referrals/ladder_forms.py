"""The form of one ladder: whole minutes or business days, each within its bounds, one after the other."""

from dataclasses import asdict
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.referrals import ladders
from casework.referrals.ladders import NAMES, Ladder
from casework.referrals.models import Urgency
from casework.web.forms import Form, Version, Whole, add_error


class LadderForm(Form):
    """After how long who hears; what is typed stays, whatever is wrong with it."""

    nudge = Whole(_l("The agency is written to again"))
    navigator = Whole(_l("The navigator is told to call it"))
    supervisor = Whole(_l("Supervisors are told"))
    expire = Whole(_l("The request expires"))
    warn = Whole(_l("Minutes before a hold ends, both sides are warned"))
    version = Version(missing=-1)

    def show(self, ladder: Ladder, version: int) -> None:
        """Fill the form with what holds."""
        self.version.data = version
        for name, value in asdict(ladder).items():
            self[name].data = value

    def validate_for(self, urgency: Urgency) -> bool:
        """Validate; what lies outside its bounds or comes too early says so beside itself."""
        if not self.validate():
            return False
        ladder = self.ladder()
        wrong = ladders.out_of_bounds(urgency, ladder)
        for name in wrong:
            least, most = ladders.BOUNDS[urgency][name]
            add_error(
                self, _("Write a number from %(least)d to %(most)d.", least=least, most=most), name
            )
        if wrong:
            return False
        for name in ladders.out_of_order(ladder):
            add_error(self, _("Write a longer time than for the step before."), name)
        return not self.errors

    def ladder(self) -> Ladder:
        """Give what was typed; what is missing where it may not be lies outside its bounds."""
        given: dict[str, Any] = {name: self[name].data for name in NAMES}
        return Ladder(**given)
