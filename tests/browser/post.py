"""The agency's letter in a browser test: it leaves by the outbox, and its link is what we open."""

import re

from tests.browser.conftest import Site
from tests.referrals import scenes
from tests.world import World

LINK = re.compile(r"https?://[^/\s]+(/r/\S+)")


def open_letters(site: Site) -> list[str]:
    """Let every waiting letter leave, and give the links in them, oldest first."""
    with site.app.app_context():
        world = World.load()
        mails = scenes.post(world.north.id)
    found = (LINK.search(mail.get_content()) for mail in mails)
    return [match.group(1) for match in found if match]
