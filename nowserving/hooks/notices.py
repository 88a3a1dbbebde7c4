"""Telling those who have booked: by mail, and by text where somebody sends texts.

At least once: a row is claimed for five minutes before anything is sent, and settled after it.
The id of a mail is the same each time, so a mail program that gets one twice shows it once.
"""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

import structlog

from nowserving.actions.booking_order import Booked
from nowserving.actions.bookings import see_appointment
from nowserving.actions.house import House
from nowserving.actions.notices import Written
from nowserving.actions.texts import send_sms
from nowserving.bookings.notice import Notice, Occasion
from nowserving.cases.moves import State
from nowserving.hooks.mail import Mailer, NotSent
from nowserving.journal.rounds import Rounds
from nowserving.kit.problems import NotFound, Problem, TooMany
from nowserving.people.actor import system
from nowserving.places.hooks import NotSent as TextNotSent
from nowserving.store.notices import organizations_to_notify
from nowserving.store.store import Store

CLAIMED_FOR = timedelta(minutes=5)
"""After which somebody else tells what we took on; also if we died while doing it."""

_log = structlog.get_logger("nowserving.notices")

Write = Callable[[Occasion, Booked, str], Written]
"""Says a notice in words, given the address of the server."""

CalendarFile = Callable[[Booked, str], bytes]
"""The appointment as a file for calendar programs, given where it is followed."""


class Herald:
    """Sends the notices that are due. Without a mailer, only texts."""

    def __init__(
        self,
        house: House,
        mailer: Mailer | None,
        *,
        base_url: str,
        write: Write,
        calendar_file: CalendarFile,
        every: float = 2.0,
    ) -> None:
        self._house = house
        self._mailer = mailer
        self._base_url = base_url
        self._write = write
        self._calendar_file = calendar_file
        self._rounds = Rounds("notices", self.tell, find=self._due, every=every)

    async def start(self) -> None:
        """Begin, with what was left behind."""
        await self._rounds.start()

    async def stop(self) -> None:
        """End; what is not sent is due again in a while."""
        await self._rounds.stop()

    async def tell(self, organization_id: UUID) -> None:
        """Send what is due in one organization."""
        async with self._house.engine.reading() as connection:
            store = Store(connection, organization_id)
            due = await store.notices.due(self._house.clock())
        for notice in due:
            await self._tell(notice)

    async def _due(self) -> list[UUID]:
        async with self._house.engine.reading() as connection:
            return await organizations_to_notify(connection, self._house.clock())

    async def _tell(self, notice: Notice) -> None:
        again = self._house.clock() + CLAIMED_FOR
        async with self._house.engine.writing() as connection:
            if not await Store(connection, notice.organization_id).notices.claim(notice, again):
                return
        booked = await self._still_true(notice)
        mailed = texted = booked is None
        if booked is not None:
            said = self._write(notice.occasion, booked, self._base_url)
            mailed = notice.mailed or await self._mail(notice, booked, said)
            texted = notice.texted or await self._text(notice, booked, said)
        done = notice.tried(self._house.clock(), mailed=mailed, texted=texted)
        async with self._house.engine.writing() as connection:
            await Store(connection, notice.organization_id).notices.settle(again, done)

    async def _still_true(self, notice: Notice) -> Booked | None:
        """The appointment, if what was to be told of it still holds."""
        actor = system(notice.organization_id, "notices")
        try:
            async with self._house.acting(actor) as act:
                booked = await see_appointment(act, case_id=notice.case_id)
        except NotFound:
            return None
        seat = booked.appointment
        if seat.starts_at != notice.starts_at or seat.starts_at <= self._house.clock():
            return None
        if notice.occasion is Occasion.CALLED_OFF:
            return booked if booked.case.state is State.CANCELED else None
        return booked if seat.awaited else None

    async def _mail(self, notice: Notice, booked: Booked, said: Written) -> bool:
        """Hand in the mail; False if that is worth another try."""
        if self._mailer is None or not booked.details.email:
            return True
        try:
            await self._mailer.hand_in(self._letter(notice, booked, said))
        except NotSent as why:
            _log.warning("a notice was not sent", why=str(why), case=str(notice.case_id))
            return why.for_good
        return True

    async def _text(self, notice: Notice, booked: Booked, said: Written) -> bool:
        """Send the text; False if that is worth another try."""
        if not booked.details.phone:
            return True
        actor = system(notice.organization_id, "notices")
        try:
            async with self._house.acting(actor) as act:
                await send_sms(act, case_id=notice.case_id, text=said.sms)
        except (TextNotSent, TooMany):
            return False
        except Problem:
            return True  # nobody sends texts here, or none to such a number
        return True

    def _letter(self, notice: Notice, booked: Booked, said: Written) -> EmailMessage:
        mail = EmailMessage()
        mail["To"], mail["Subject"] = booked.details.email, said.subject
        at = int(notice.made_at.timestamp() * 1000)
        mail["Message-ID"] = f"<{notice.case_id}.{notice.occasion}.{at}@nowserving.invalid>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(said.text)
        mail.add_alternative(said.page, subtype="html")
        link = f"{booked.directory.organization.number}.{booked.link}"
        mail.add_attachment(
            self._calendar_file(booked, f"{self._base_url}/b/{link}"),
            maintype="text",
            subtype="calendar",
            filename="appointment.ics",
            params={"method": "PUBLISH", "charset": "utf-8"},
        )
        return mail
