"""The postman: hands in the mail that waits in the database, in every organization."""

from collections.abc import Iterable
from email.message import EmailMessage
from typing import Protocol
from uuid import UUID

from nowserving.actions.house import House
from nowserving.actions.letters import hand_in
from nowserving.cases.letters import OURS, Letter
from nowserving.hooks.mail import NotSent
from nowserving.journal.rounds import Rounds

EVERY = 2.0
"""Seconds between two looks for mail that waits."""


class HandsIn(Protocol):
    """Whoever hands in mail."""

    async def hand_in(self, mail: EmailMessage) -> None:
        """Hand in one mail; NotSent if it is not taken."""


class Postman:
    """Hands in mail as long as it is open."""

    def __init__(self, house: House, mailer: HandsIn, *, every: float = EVERY) -> None:
        self._house = house
        self._mailer = mailer
        self._rounds = Rounds("postman", self._round, find=self._organizations, every=every)

    async def start(self) -> None:
        """Begin, with what was left behind."""
        await self._rounds.start()

    async def stop(self) -> None:
        """Finish what is being handed in."""
        await self._rounds.stop()

    async def _organizations(self) -> Iterable[UUID]:
        return [organization.id for organization in await self._house.organizations()]

    async def _round(self, organization_id: UUID) -> None:
        await hand_in(self._house, organization_id, self._take)

    async def _take(self, letter: Letter) -> str:
        try:
            await self._mailer.hand_in(written(letter))
        except NotSent as failure:
            return str(failure)
        return ""


def written(letter: Letter) -> EmailMessage:
    """A letter as a mail: with its id, and the ids of those before it."""
    mail = EmailMessage()
    mail["To"], mail["Subject"] = letter.to, letter.subject
    if letter.cc:
        mail["Cc"] = letter.cc
    mail["Message-ID"] = letter.message_id
    if letter.references:
        mail["In-Reply-To"] = letter.references[-1]
        mail["References"] = " ".join(letter.references)
    mail[OURS] = str(letter.id)
    mail.set_content(letter.text)
    return mail
