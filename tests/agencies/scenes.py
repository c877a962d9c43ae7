"""Small scenes for the tests of agencies: who works there, and what they are asked."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from casework import accounts, database
from casework.referrals.models import Referral
from casework.security import Role
from tests.referrals import scenes
from tests.security.scene import browser_of
from tests.visitors import Visitor
from tests.world import HOME, Member

HIDDEN = re.compile(r'name="(version|key)" value="([^"]*)"')


@dataclass(frozen=True)
class Desk:
    """A member of an agency at a browser."""

    visitor: Visitor

    def page(self, referral: Referral) -> str:
        """Open a request and give its page."""
        return self.visitor.get(path(referral)).get_data(as_text=True)

    def press(self, referral: Referral, **fields: str) -> Any:
        """Open a request and press one of its buttons."""
        hidden = dict(HIDDEN.findall(self.page(referral)))
        return self.visitor.post(path(referral), hidden | fields)

    def inbox(self) -> str:
        """Open the inbox and give its page."""
        answer = self.visitor.get("/inbox")
        assert answer.status_code == 200
        return answer.get_data(as_text=True)


def path(referral: Referral) -> str:
    """Give the address of a request in the inbox."""
    return f"/inbox/{referral.id}"


def colleague(
    world: Any, name: str, agency: str = HOME, role: Role = Role.PARTNER, locale: str = "en_CA"
) -> Member:
    """Let somebody sign in for an agency of the cast."""
    organization_id: uuid.UUID = world.organization(agency).id
    added = accounts.services.add_member(
        world.north,
        email=f"{name.lower()}@agency.example",
        display_name=name,
        role=role,
        password=None,
        locale=locale,
        organization_id=organization_id,
    )
    database.flush()
    return Member(
        added.account_id,
        world.north.id,
        added.account.email,
        role,
        organization_id=organization_id,
    )


def at_desk(app: Any, member: Any) -> Desk:
    """Sit somebody down, signed in already."""
    return Desk(browser_of(app, member))


def ask(world: Any, name: str = HOME) -> Referral:
    """Ask an agency for its kind of help, louise's by default."""
    return scenes.ask(world, name)
