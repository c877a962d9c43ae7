"""Those who act in the stories, with what they do in words: navigators at the desk, agencies on a phone."""

from typing import Any

from tests.intake.filling import answers
from tests.journeys.browser import Browser
from tests.journeys.pages import Page
from tests.journeys.stage import Stage
from tests.world import Member

NEXT_AS_PLANNED = {"still_ok": "yes", "are_hours_right": "yes", "next_call": "series"}


class Navigator:
    """A navigator at their desk, signed in."""

    def __init__(self, stage: Stage, member: Member, language: str = "en-CA") -> None:
        self.stage = stage
        self.member = member
        self.browser: Browser = stage.browser(member, language)

    # --- the first contact ----------------------------------------------------------------------

    def first_contact(self, *, status: int = 200, **changes: Any) -> Page:
        """Fill in the New case page with somebody on the line."""
        page = self.browser.open("/cases/new")
        return self.browser.send(page.form(offering="keep"), status=status, **answers(**changes))

    def opens_a_case(self, **changes: Any) -> str:
        """Open a case and give its reference."""
        return _ref_in(self.first_contact(**changes).url)

    def opens_it_anyway(self) -> str:
        """Open a case although somebody with this number may be known."""
        form = self.browser.page.form(offering="again")
        return _ref_in(self.browser.send(form, again="yes").url)

    # --- the case -------------------------------------------------------------------------------

    def case(self, ref: str) -> Page:
        """Open the case page."""
        return self.browser.open(f"/cases/{ref}")

    def my_day(self) -> Page:
        """Open My day."""
        return self.browser.open("/my-day")

    def cannot_open(self, ref: str) -> bool:
        """Tell whether the case is not there for them."""
        return self.browser.goes(f"/cases/{ref}") == 404

    def person_page(self, ref: str, what: str) -> Page:
        """Open one of the pages of the person, by the link on the case page."""
        return self.browser.open(self.case(ref).link("/people/", ending=f"/{what}"))

    def withdraws(self, ref: str, purpose: str) -> Page:
        """Withdraw one consent of the person, after saying aloud what ends."""
        consents = self.person_page(ref, "consents")
        self.browser.open(consents.link("/withdraw/", ending=purpose))
        return self.browser.press(f"/withdraw/{purpose}")

    def records_consent(self, ref: str, purpose: str, **answer: Any) -> Page:
        """Record a new answer to one question."""
        page = self.person_page(ref, "consents")
        given = {"purpose": purpose, "is_given": "yes"} | answer
        return self.browser.send(page.form(offering="is_given"), **given)

    def need_url(self, ref: str, number: int = 0) -> str:
        """Give the address where the outcome of a need is recorded."""
        links = [href for href in self.case(ref).links if href.endswith("/outcome")]
        return links[number]

    def records_outcome(self, ref: str, number: int = 0, **answer: Any) -> Page:
        """Record how a need ended, as the navigator sees it."""
        page = self.browser.open(self.need_url(ref, number))
        said = {"source": "navigator_observed"} | answer
        return self.browser.send(page.form(offering="outcome"), **said)

    # --- agencies -------------------------------------------------------------------------------

    def asks(self, ref: str, agency: str, *, number: int = 0, **told: str) -> str:
        """Ask an agency for a need of the case; give the address of the request."""
        before = self.requests(ref)
        links = [href for href in self.browser.page.links if "/referrals/new?need" in href]
        page = self.browser.open(links[number])
        chosen = {"organization": self.stage.agency_id(agency)} | told
        self.browser.send(page.form(offering="organization"), **chosen)
        [made] = set(self.requests(ref)) - set(before)
        return made

    def requests(self, ref: str) -> list[str]:
        """List the addresses of the case's requests, newest first."""
        found = [href for href in self.case(ref).links if href.startswith("/referrals/")]
        return list(dict.fromkeys("/".join(href.split("/")[:3]) for href in found))

    def asks_the_next(self, ref: str, agency: str) -> str:
        """Ask another agency after a refusal: one click on the case, one on the agency."""
        before = self.requests(ref)
        page = self.browser.open(self.browser.page.link("/referrals/", ending="/again"))
        chosen = self.stage.agency_id(agency)
        self.browser.send(page.form(offering="organization", value=chosen), organization=chosen)
        [made] = set(self.requests(ref)) - set(before)
        return made

    def records_answer(self, request: str, **answer: str) -> Page:
        """Record what an agency says on the phone."""
        page = self.browser.open(f"{request}/answer")
        return self.browser.send(page.form(offering="reply"), **answer)

    # --- calling --------------------------------------------------------------------------------

    def starts_to_call(self, ref: str, **override: str) -> Page:
        """Begin to dial, from the link on the case page; from here on the number shows."""
        page = self.browser.open(self.case(ref).link("/follow-ups/", ending="/call"))
        return self.browser.send(page.form(offering="step", value="start"), **override)

    def heard(self, result: str, **more: str) -> Page:
        """Record who answered."""
        form = self.browser.page.form(offering="step", value="reach")
        return self.browser.send(form, result=result, **more)

    def recognises(self, code_word: str) -> Page:
        """Record that the person said the word."""
        return self.heard("reached_person", code_word=code_word)

    def ends_the_call(self, **said: Any) -> Page:
        """Record what the person said, and what follows."""
        answers = {"are_hours_right": "yes"} | said if said.get("still_ok") == "yes" else said
        return self.browser.send(self.browser.page.form(offering="still_ok"), **answers)

    def reaches(self, ref: str, code_word: str, **said: Any) -> Page:
        """Call, recognise the person and record what they said."""
        self.starts_to_call(ref)
        self.recognises(code_word)
        return self.ends_the_call(**NEXT_AS_PLANNED | said)

    # --- somebody calls us ----------------------------------------------------------------------

    def looks_up(self, what: str) -> Page:
        """Look up what a caller gives."""
        page = self.browser.open("/look-up")
        return self.browser.send(page.form(offering="find"), find=what)

    def asks_who_it_is(self, **said: str) -> Page:
        """Write down what the caller says when asked for the word."""
        return self.browser.send(self.browser.page.form(offering="code_word"), **said)


class Agency:
    """Somebody at an agency, on a phone and without an account, with a link from a letter."""

    def __init__(self, stage: Stage, link: str, language: str = "fr-CA") -> None:
        self.browser: Browser = stage.browser(None, language)
        self.url = link
        self.page = self.browser.open(link)

    def looks_closer(self) -> Page:
        """Press for what the person agreed to tell."""
        return self.browser.press("/details")

    def holds_a_place(self, until: str = "", **words: str) -> Page:
        """Hold a place, until a time or without one."""
        return self._say("hold", **({"hold": until} if until else {}), **words)

    def declines(self, reason: str) -> Page:
        """Decline with a reason, in one tap."""
        form = self.browser.page.form("/r/", offering="reason", value=reason)
        return self.browser.send(form, reason=reason)

    def says(self, reply: str, **words: str) -> Page:
        """Press one of the other buttons."""
        return self._say(reply, **words)

    def is_told(self) -> Page:
        """Open the link once more."""
        return self.browser.open(self.url)

    def _say(self, reply: str, **words: str) -> Page:
        form = self.browser.page.form("/r/", offering="reply", value=reply)
        return self.browser.send(form, reply=reply, **words)


def _ref_in(url: str) -> str:
    """Read the reference of the case in an address."""
    assert url.startswith("/cases/C-"), url
    return url.split("/")[2]
