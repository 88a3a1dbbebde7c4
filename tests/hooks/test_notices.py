"""Who has booked is told by mail and by text: at once, and before the time; once, never early."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from nowserving.actions import bookings
from nowserving.actions.booking_order import Booked
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.bookings.notice import Occasion
from nowserving.cases.admission import Request
from nowserving.dialects.ical.say import calendar as calendar_of
from nowserving.hooks.mail import Mailer, MailServer
from nowserving.hooks.notices import Herald
from nowserving.people.actor import Actor, holder
from nowserving.places.hooks import HookKind
from nowserving.store.engines import Looking
from nowserving.store.store import Store
from nowserving.web.booking.letters import written
from tests.actions.booking import Surgery
from tests.dialects.cubu.test_before import Enabled
from tests.hooks.asked import asked_far, asking


class Postman:
    """A mail server that keeps what it is handed, unless it is told to refuse."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = ""

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def mailer(postman: Postman) -> Iterator[Mailer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    controller.start()
    yield Mailer(MailServer("127.0.0.1", port, "line@office.example", security="none"))
    controller.stop()


@pytest.fixture
async def surgery(house: House, branch: Sample, program: Actor) -> Surgery:
    return await Surgery.of(house, branch, program)


@pytest.fixture
def herald(house: House, mailer: Mailer) -> Herald:
    return a_herald(house, mailer)


def a_herald(house: House, mailer: Mailer | None) -> Herald:
    def calendar_file(booked: Booked, url: str) -> bytes:
        return calendar_of([(booked.appointment, booked.case)], booked.directory, url=url)

    return Herald(
        house,
        mailer,
        base_url="https://line.example",
        write=written,
        calendar_file=calendar_file,
    )


async def a_booking(surgery: Surgery, day: datetime, start: int = 600, **more: object) -> Booked:
    """Somebody who can be written to books a time on a day."""
    calendar = await surgery.opened(day.date())
    async with surgery.house.acting(surgery.program) as act:
        request = Request(surgery.service.id, name="Ada", email="ada@office.example", **more)  # type: ignore[arg-type]
        return await bookings.book(act, request, calendar_id=calendar.id, start=start)


async def tell(surgery: Surgery, herald: Herald) -> None:
    await herald.tell(surgery.program.organization_id)


async def rows(surgery: Surgery, booked: Booked) -> dict[Occasion, datetime | None]:
    store = Store(Looking(surgery.house.engine), surgery.program.organization_id)
    return {one.occasion: one.due for one in await store.notices.of(booked.case.id)}


async def test_a_confirmation_with_links_and_a_calendar_file(
    surgery: Surgery, herald: Herald, postman: Postman
) -> None:
    booked = await a_booking(surgery, surgery.now + timedelta(days=2))
    await tell(surgery, herald)
    await tell(surgery, herald)
    [mail] = postman.mails
    assert mail["To"] == "ada@office.example"
    assert mail["From"] == "line@office.example"
    link = f"https://line.example/b/1.{booked.link}"
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert link in plain.get_content()
    assert link in page.get_content()
    assert "Hello Ada," in plain.get_content()
    assert "When: Wednesday, 4 March 2026, 10:00 (" in plain.get_content()
    assert "Central European Standard Time" in plain.get_content()
    [file] = mail.iter_attachments()
    assert file.get_content_type() == "text/calendar"
    assert "DTSTART:20260304T090000Z" in file.get_content()


async def test_reminders_a_day_and_two_hours_before_never_early_and_once(
    surgery: Surgery, herald: Herald, postman: Postman
) -> None:
    booked = await a_booking(surgery, surgery.now + timedelta(days=2))
    starts_at = booked.appointment.starts_at
    assert await rows(surgery, booked) == {
        Occasion.BOOKED: surgery.now,
        Occasion.DAY_BEFORE: starts_at - timedelta(hours=24),
        Occasion.HOURS_BEFORE: starts_at - timedelta(hours=2),
    }
    await tell(surgery, herald)
    for before in (timedelta(hours=24), timedelta(hours=2)):
        told = len(postman.mails)
        surgery.now = starts_at - before - timedelta(microseconds=1)
        await tell(surgery, herald)
        assert len(postman.mails) == told
        surgery.now = starts_at - before
        for _ in range(3):
            await tell(surgery, herald)
        assert len(postman.mails) == told + 1
    assert [subject.startswith("Reminder") for subject in postman.subjects] == [False, True, True]
    assert set((await rows(surgery, booked)).values()) == {None}


async def test_a_clock_that_is_set_back_tells_nobody_twice(
    surgery: Surgery, herald: Herald, postman: Postman
) -> None:
    booked = await a_booking(surgery, surgery.now + timedelta(days=2))
    began, due = surgery.now, booked.appointment.starts_at - timedelta(hours=24)
    for surgery.now in (began, due, began, due, due + timedelta(hours=1)):
        await tell(surgery, herald)
    assert len(postman.mails) == 2


async def test_of_a_moved_appointment_only_the_new_time_is_told(
    surgery: Surgery, herald: Herald, postman: Postman
) -> None:
    booked = await a_booking(surgery, surgery.now + timedelta(days=2))
    await tell(surgery, herald)
    later = await surgery.opened((surgery.now + timedelta(days=4)).date())
    actor = holder(booked.case.organization_id, booked.case.unit_id, booked.case.id)
    await surgery.do(bookings.move, actor, case_id=booked.case.id, calendar_id=later.id, start=660)
    await tell(surgery, herald)
    assert "moved" in postman.subjects[-1]
    assert "11:00" in postman.subjects[-1]
    surgery.now = booked.appointment.starts_at - timedelta(hours=1)
    await tell(surgery, herald)
    assert len(postman.mails) == 2
    surgery.now = datetime(2026, 3, 6, 10, 0, tzinfo=UTC) - timedelta(hours=24)
    await tell(surgery, herald)
    assert "11:00" in postman.subjects[-1]
    assert len(postman.mails) == 3


async def test_of_a_canceled_appointment_nothing_but_that_is_told(
    surgery: Surgery, herald: Herald, postman: Postman
) -> None:
    booked = await a_booking(surgery, surgery.now + timedelta(days=2))
    await surgery.do(bookings.cancel, case_id=booked.case.id)
    await tell(surgery, herald)
    surgery.now = booked.appointment.starts_at - timedelta(hours=1)
    await tell(surgery, herald)
    [mail] = postman.mails
    assert "canceled" in str(mail["Subject"])
    [file] = mail.iter_attachments()
    assert "STATUS:CANCELLED" in file.get_content()
    assert booked.link not in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


async def test_what_the_mail_server_refuses_for_now_is_tried_again(
    surgery: Surgery, herald: Herald, postman: Postman
) -> None:
    postman.refuses = "451 Later"
    booked = await a_booking(surgery, surgery.now + timedelta(days=2))
    await tell(surgery, herald)
    again = (await rows(surgery, booked))[Occasion.BOOKED]
    assert again is not None
    assert again > surgery.now
    postman.refuses = ""
    await tell(surgery, herald)
    assert postman.mails == []
    surgery.now = again
    await tell(surgery, herald)
    assert len(postman.mails) == 1


async def test_an_address_that_is_refused_for_good_is_left_in_peace(
    surgery: Surgery, herald: Herald, postman: Postman
) -> None:
    postman.refuses = "550 Nobody here"
    booked = await a_booking(surgery, surgery.now + timedelta(days=2))
    await tell(surgery, herald)
    assert (await rows(surgery, booked))[Occasion.BOOKED] is None


@pytest.mark.parametrize(
    ("day", "utc"),
    [("2026-03-28", 9), ("2026-03-29", 8), ("2026-10-24", 8), ("2026-10-25", 9)],
)
async def test_times_are_the_units_over_both_changes_of_the_clock(
    surgery: Surgery, herald: Herald, postman: Postman, day: str, utc: int
) -> None:
    starts_at = datetime.fromisoformat(f"{day}T{utc:02}:00:00+00:00")
    surgery.now = starts_at - timedelta(days=3)
    booked = await a_booking(surgery, starts_at)
    assert booked.appointment.starts_at == starts_at
    surgery.now = starts_at - timedelta(hours=24)
    await tell(surgery, herald)
    [reminder] = [subject for subject in postman.subjects if subject.startswith("Reminder")]
    assert "10:00" in reminder


async def test_two_processes_tell_once(
    surgery: Surgery, house: House, mailer: Mailer, postman: Postman
) -> None:
    await a_booking(surgery, surgery.now + timedelta(days=2))
    both = [a_herald(house, mailer) for _ in range(2)]
    await asyncio.gather(*(tell(surgery, one) for one in both))
    assert len(postman.mails) == 1


@pytest.mark.parametrize(("language", "word"), [("de-DE", "Ihr Termin"), ("ar-EG", "موعدك")])
async def test_in_the_language_of_whoever_booked(
    surgery: Surgery, herald: Herald, postman: Postman, language: str, word: str
) -> None:
    await a_booking(surgery, surgery.now + timedelta(days=2), language=language)
    await tell(surgery, herald)
    assert word in postman.subjects[0]


async def test_whoever_left_no_address_is_not_told(surgery: Surgery) -> None:
    calendar = await surgery.opened()
    booked = await surgery.book(calendar, 600, name="Bo")
    assert await rows(surgery, booked) == {}


async def test_a_text_goes_where_somebody_sends_texts(
    surgery: Surgery, house: House, postman: Postman
) -> None:
    organization = surgery.program.organization_id
    async with asked_far() as far, asking(house):
        enabled = await Enabled(house, organization).at(far)
        await enabled.hook(HookKind.SMS)
        booked = await a_booking(surgery, surgery.now + timedelta(days=2), phone="030 123456")
        for _ in range(2):
            await tell(surgery, a_herald(house, None))
        [said] = far.said
    assert f"https://line.example/b/1.{booked.link}" in str(said)
    assert "10:00" in str(said)
    assert postman.mails == []
