"""Mail about a case: written once, handed in until it is taken, and the answer comes back."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP
from litestar import Litestar

from nowserving.actions import letters, work
from nowserving.actions.cases import history, notes
from nowserving.actions.house import House
from nowserving.actions.mail_in import take_in
from nowserving.actions.sample import Sample
from nowserving.cases.letters import NobodyToWriteTo, read, without_quotes
from nowserving.hooks.letters import Postman
from nowserving.hooks.mail import Mailer, MailServer
from nowserving.main.server import create_app
from nowserving.main.settings import Settings
from nowserving.people.actor import Actor
from tests.work.conftest import OpenOne


class Mailbox:
    """A real mail server that keeps what it takes, and refuses as often as it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse = 0
        self.port = 0
        self.came = asyncio.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuse:
            self.refuse -= 1
            return "451 later"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.came.set()
        return "250 taken"


@asynccontextmanager
async def open_mailbox() -> AsyncIterator[Mailbox]:
    box = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(box, hostname="mail.example", loop=loop), "127.0.0.1", 0, family=socket.AF_INET
    )
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    await server.wait_closed()


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with open_mailbox() as box:
        yield box


def mailer(box: Mailbox) -> Mailer:
    return Mailer(MailServer("127.0.0.1", box.port, "office@example.org", security="none"))


async def wrote(house: House, who: Actor, case_id: Any, text: str) -> None:
    async with house.acting(who) as act:
        await letters.write(act, case_id=case_id, text=text)


async def handed_in(house: House, who: Actor, box: Mailbox) -> int:
    postman = Postman(house, mailer(box))
    return await letters.hand_in(house, who.organization_id, postman._take)


async def test_a_mail_is_written_with_its_remark_and_answers_come_back_by_its_id(
    house: House, dia: Actor, mailbox: Mailbox, open_one: OpenOne
) -> None:
    case = await open_one(title="Broken lamp", email="ada@example.org", name="Ada")
    await wrote(house, dia, case.id, "We are on it.\nGrüße")
    await wrote(house, dia, case.id, "It is mended.")
    assert await handed_in(house, dia, mailbox) == 2
    assert await handed_in(house, dia, mailbox) == 0
    first, second = mailbox.mails
    assert (first["To"], first["From"]) == ("ada@example.org", "office@example.org")
    assert "Broken lamp [#" in first["Subject"]
    assert first.get_content().split() == ["We", "are", "on", "it.", "Grüße"]
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["References"] == first["Message-ID"]

    answer = an_answer(**{"In-Reply-To": first["Message-ID"]}, text="Thanks!\n\n> We are on it.")
    assert await take_in(house, dia.organization_id, answer) is not None
    assert await take_in(house, dia.organization_id, answer) is None, "once only"
    async with house.acting(dia) as act:
        said = await notes(act, case_id=case.id)
        facts = await history(act, case_id=case.id, after=0, most=99)
    assert [(note.author, note.text) for note in said] == [
        (dia.name, "We are on it.\nGrüße"),
        (dia.name, "It is mended."),
        ("Ada Lovelace", "Thanks!"),
    ]
    assert {note.visibility for note in said} == {"public"}
    assert not any("Thanks" in fact.data or "ada@" in fact.data for fact in facts)


async def test_an_answer_finds_its_case_by_the_mark_in_the_subject_only_if_it_is_right(
    house: House, dia: Actor, mailbox: Mailbox, open_one: OpenOne
) -> None:
    case, other = await open_one(title="Lamp", email="a@example.org"), await open_one(title="x")
    await wrote(house, dia, case.id, "Hello")
    await handed_in(house, dia, mailbox)
    subject = mailbox.mails[0]["Subject"]
    right = an_answer(subject=f"Re: {subject}", id="<1@x.example>")
    taken = await take_in(house, dia.organization_id, right)
    assert taken is not None
    assert taken.id == case.id
    mark = house.vault.mark(case.id)
    wrong = (f"[#{other.number}-{mark}]", f"[#{case.number}-aaaaaaaaaa]", f"#{case.number}")
    for at, subject in enumerate(wrong, 2):
        odd = an_answer(subject=subject, id=f"<{at}@x.example>")
        assert await take_in(house, dia.organization_id, odd) is None


async def test_answers_to_a_duplicate_come_to_the_case_it_lives_on_in(
    house: House, dia: Actor, mailbox: Mailbox, open_one: OpenOne
) -> None:
    twin, case = await open_one(title="x", email="a@example.org"), await open_one(title="y")
    await wrote(house, dia, twin.id, "Hello")
    await handed_in(house, dia, mailbox)
    async with house.acting(dia) as act:
        await work.merge(act, case_id=twin.id, into_id=case.id)
    answer = an_answer(References=mailbox.mails[0]["Message-ID"])
    taken = await take_in(house, dia.organization_id, answer)
    assert taken is not None
    assert taken.id == case.id


async def test_what_is_not_taken_is_tried_again_later_and_given_up_in_the_end(
    house: House, dia: Actor, mailbox: Mailbox, open_one: OpenOne
) -> None:
    case = await open_one(title="x", email="a@example.org")
    await wrote(house, dia, case.id, "Hello")
    now = house.clock()
    later = House(house.engine, house.vault, clock=lambda: now)
    mailbox.refuse = 1
    assert await handed_in(later, dia, mailbox) == 0
    assert await handed_in(later, dia, mailbox) == 0, "it waits a while"
    async with house.acting(dia) as act:
        [letter] = await act.look.letters.of(case.id)
    assert (letter.attempts, letter.error, letter.sent_at) == (
        *(1, "the mail server answered 451", None),
    )
    now += timedelta(minutes=3)
    assert await handed_in(later, dia, mailbox) == 1
    await wrote(house, dia, case.id, "Again")
    mailbox.refuse = 100
    for _ in range(12):
        now += timedelta(days=1)
        await handed_in(later, dia, mailbox)
    async with house.acting(dia) as act:
        *_, letter = await act.look.letters.of(case.id)
    assert (letter.attempts, letter.due_at, letter.sent_at) == (8, None, None)


async def test_nobody_is_written_to_without_an_address(
    house: House, dia: Actor, open_one: OpenOne
) -> None:
    case = await open_one(title="x")
    async with house.acting(dia) as act:
        with pytest.raises(NobodyToWriteTo):
            await letters.write(act, case_id=case.id, text="Hello")
    async with house.acting(dia) as act:
        assert await notes(act, case_id=case.id) == []
        assert await act.look.letters.of(case.id) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; x=1"},
        {"Precedence": "bulk"},
        {"X-Autoreply": "yes"},
        {"List-Id": "<list.example>"},
        {"Return-Path": "<>"},
        {"X-Nowserving": "0198"},
        {"From": "MAILER-DAEMON@example.org"},
    ],
)
def test_what_machines_write_is_no_answer(headers: dict[str, str]) -> None:
    assert read(an_answer(**headers)) is None


def test_anything_at_all_can_be_read() -> None:
    for raw in (
        b"",
        b"\0\xff",
        b"From: \xff\nSubject: =?x?q?=?=\n\n",
        b"Content-Type: a/b\n\n\xff",
    ):
        read(raw)
    html = EmailMessage()
    html["From"] = "a@example.org"
    html.set_content("<p>Hello <b>there</b></p><script>x()</script>", subtype="html")
    found = read(html.as_bytes())
    assert found is not None
    assert found.text.split() == ["Hello", "there"]
    assert without_quotes("Yes.\n\nOn Monday Ann wrote:\n> No?") == "Yes."


async def test_a_mail_server_hands_in_answers_with_the_secret(
    house: House,
    dia: Actor,
    settings: Settings,
    *,
    branch: Sample,
    open_one: OpenOne,
    doors: Litestar,
) -> None:
    case = await open_one(title="x", email="a@example.org")
    subject = f"Re: x [#{case.number}-{house.vault.mark(case.id)}]"
    async with mail_door(house, replace(settings, mail_secret="s3cret"), doors) as asking:
        path = f"/mail/inbound?organization={branch.organization.slug}"
        raw = an_answer(subject=subject)
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer wrong"}, 401),
            ({"Authorization": "Bearer s3cret"}, 200),
        ):
            answer = await asking.post(path, content=raw, headers=headers)
            assert answer.status_code == status
        assert answer.json() == {"case_id": str(case.id)}
        known = {"Authorization": "Bearer s3cret"}
        again = await asking.post(path, content=raw, headers=known)
        assert again.json() == {"case_id": None}
        nowhere = await asking.post("/mail/inbound?organization=x", content=raw, headers=known)
        assert nowhere.status_code == 404
    async with mail_door(house, settings, doors) as asking:
        shut = await asking.post(path, content=raw, headers={"Authorization": "Bearer "})
        assert shut.status_code == 404


@asynccontextmanager
async def mail_door(
    house: House, settings: Settings, doors: Litestar
) -> AsyncIterator[httpx.AsyncClient]:
    opened = create_app(settings, house=house, doors=doors)
    async with (
        opened.app.lifespan(),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=opened),  # type: ignore[arg-type]
            base_url="http://127.0.0.1:8000",
        ) as asking,
    ):
        yield asking


async def test_the_server_hands_in_what_waits(
    house: House,
    dia: Actor,
    settings: Settings,
    *,
    mailbox: Mailbox,
    open_one: OpenOne,
    doors: Litestar,
) -> None:
    case = await open_one(title="x", email="a@example.org")
    await wrote(house, dia, case.id, "Hello")
    sends = replace(
        settings,
        smtp_host="127.0.0.1",
        smtp_port=mailbox.port,
        smtp_from="office@example.org",
        smtp_security="none",
    )
    async with mail_door(house, sends, doors):
        await mailbox.came.wait()
    assert mailbox.mails[0]["To"] == "a@example.org"


def an_answer(
    *, subject: str = "Re: x", text: str = "Thanks", id: str = "<me@x.example>", **headers: str
) -> bytes:
    mail = EmailMessage()
    for name, value in {
        "From": "Ada Lovelace <ada@example.org>",
        "Subject": subject,
        "Message-ID": id,
        **headers,
    }.items():
        mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()
