"""Answers out of a mailbox on a real IMAP server: each onto its case, once, whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from litestar import Litestar

from nowserving.actions import mail_in
from nowserving.actions.cases import notes
from nowserving.actions.house import House
from nowserving.actions.mailboxes import HELD_FOR, hold, let_go
from nowserving.actions.sample import Sample
from nowserving.cases import letters
from nowserving.cases.case import Case
from nowserving.hooks import fetcher as fetching
from nowserving.hooks.fetcher import Fetcher
from nowserving.hooks.imap import ImapBox, ImapFailed, ImapServer
from nowserving.main.server import create_app
from nowserving.main.settings import BadSettings, Settings
from nowserving.people.actor import Actor
from nowserving.store.engines import Unavailable
from tests.rig.mail_server import BOXES, PASSWORD, Dovecot, dovecot
from tests.rig.postgres import free_port
from tests.work.conftest import OpenOne, dia, open_one

__all__ = ["dia", "open_one"]


@pytest.fixture(scope="session")
async def mailboxes() -> AsyncIterator[Iterator[Dovecot]]:
    """A mail server."""
    async with dovecot() as boxes:
        yield boxes


@pytest.fixture
def mail(mailboxes: Iterator[Dovecot]) -> Dovecot:
    """A mailbox of one's own."""
    return next(mailboxes)


@pytest.fixture
def server(mail: Dovecot) -> ImapServer:
    """How that mailbox is reached."""
    return ImapServer("127.0.0.1", mail.port, mail.user, PASSWORD, security="none")


@pytest.fixture
async def case(open_one: OpenOne) -> Case:
    """A case that can be answered."""
    return await open_one(title="Lamp", email="ada@example.org")


def an_answer(house: House, case: Case, *, text: str, id: str | None = None) -> bytes:
    mail = EmailMessage()
    mail["From"] = "Ada <ada@example.org>"
    mail["Subject"] = f"Re: x [#{case.number}-{house.vault.mark(case.id)}]"
    if id:
        mail["Message-ID"] = id
    mail.set_content(text)
    return mail.as_bytes()


async def said(house: House, who: Actor, case: Case) -> list[str]:
    async with house.acting(who) as act:
        return [note.text for note in await notes(act, case_id=case.id)]


@pytest.mark.parametrize("done", ["", "Taken in/2026"])
async def test_what_waits_is_taken_in_and_waits_no_more(
    house: House,
    dia: Actor,
    branch: Sample,
    *,
    case: Case,
    mail: Dovecot,
    server: ImapServer,
    done: str,
) -> None:
    server = replace(server, done="Taken in" if done else "")
    fetcher = Fetcher(house, server, branch.organization.slug)
    named = an_answer(house, case, text="One", id="<1@x.example>")
    nameless = an_answer(house, case, text="Two")
    strange = b"From: x@example.org\r\nSubject: Hello\r\n\r\nBuy this\r\n"
    mail.deliver(named, nameless, strange, named, nameless)
    assert await fetcher.empty(dia.organization_id) == 5
    assert await fetcher.empty(dia.organization_id) == 0
    assert await said(house, dia, case) == ["One", "Two"]
    inbox, taken = (0, 5) if done else (5, -1)
    assert (mail.count("INBOX"), mail.count("Taken in")) == (inbox, taken)
    assert mail.count("INBOX", "UNSEEN") == 0
    mail.deliver(an_answer(house, case, text="Three", id="<3@x.example>"))
    assert await fetcher.empty(dia.organization_id) == 1
    assert await said(house, dia, case) == ["One", "Two", "Three"]


async def test_a_mail_that_could_not_be_marked_comes_again_and_is_known(
    house: House,
    dia: Actor,
    branch: Sample,
    *,
    case: Case,
    mail: Dovecot,
    server: ImapServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fetcher = Fetcher(house, server, branch.organization.slug)
    mail.deliver(an_answer(house, case, text="One", id="<1@x.example>"))

    def broken(self: ImapBox, uid: int) -> None:
        raise ImapFailed("the line is dead")

    with monkeypatch.context() as patched:
        patched.setattr(ImapBox, "mark_done", broken)
        with pytest.raises(ImapFailed):
            await fetcher.empty(dia.organization_id)
    assert mail.count("INBOX", "UNSEEN") == 1
    assert await fetcher.empty(dia.organization_id) == 1
    assert mail.count("INBOX", "UNSEEN") == 0
    assert await said(house, dia, case) == ["One"]


async def test_a_mail_waits_on_while_the_database_is_away(
    house: House,
    dia: Actor,
    branch: Sample,
    *,
    case: Case,
    mail: Dovecot,
    server: ImapServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fetcher = Fetcher(house, server, branch.organization.slug)
    mail.deliver(an_answer(house, case, text="One", id="<1@x.example>"))

    async def away(*_: Any) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(fetching, "take_in", away)
        with pytest.raises(Unavailable):
            await fetcher.empty(dia.organization_id)
    assert mail.count("INBOX", "UNSEEN") == 1
    assert await fetcher.empty(dia.organization_id) == 1
    assert await said(house, dia, case) == ["One"]


async def test_a_mail_that_we_stumble_over_is_set_aside_and_those_behind_it_come(
    house: House,
    dia: Actor,
    branch: Sample,
    *,
    case: Case,
    mail: Dovecot,
    server: ImapServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = letters.read

    def stumbles(raw: bytes) -> Any:
        if b"Poison" in raw:
            raise RuntimeError("a bug")
        return read(raw)

    monkeypatch.setattr(mail_in, "read", stumbles)
    monkeypatch.setattr(fetching, "MAIL_AT_MOST", 50_000)
    fetcher = Fetcher(house, server, branch.organization.slug)
    mail.deliver(
        an_answer(house, case, text="Poison", id="<1@x.example>"),
        an_answer(house, case, text="large " * 20_000, id="<2@x.example>"),
        an_answer(house, case, text="One", id="<3@x.example>"),
    )
    assert await fetcher.empty(dia.organization_id) == 3
    assert await said(house, dia, case) == ["One"]
    assert mail.count("Set aside", "UNSEEN") == 2
    assert mail.count("INBOX") == 1


async def test_one_empties_a_mailbox_until_it_lets_go_or_dies(house: House, dia: Actor) -> None:
    now = house.clock()
    later = House(house.engine, house.vault, clock=lambda: now)
    one, other = house.ids(now), house.ids(now)
    ours = dia.organization_id
    assert await hold(later, ours, "box", one)
    assert await hold(later, ours, "box", one)
    assert not await hold(later, ours, "box", other)
    assert await hold(later, ours, "another box", other)
    await let_go(later, ours, "box", other)
    assert not await hold(later, ours, "box", other)
    await let_go(later, ours, "box", one)
    assert await hold(later, ours, "box", other)
    assert not await hold(later, ours, "box", one)
    now += HELD_FOR + timedelta(seconds=1)
    assert await hold(later, ours, "box", one)


async def test_two_at_once_take_each_mail_in_once(
    house: House, dia: Actor, branch: Sample, *, case: Case, mail: Dovecot, server: ImapServer
) -> None:
    texts = [f"No. {number}" for number in range(5)]
    mail.deliver(
        *(an_answer(house, case, text=text, id=f"<{text[4:]}@x.example>") for text in texts)
    )
    both = [Fetcher(house, server, branch.organization.slug) for _ in range(2)]
    done = await asyncio.gather(*(one.empty(dia.organization_id) for one in both))
    assert sorted(done) == [0, 5]
    assert await said(house, dia, case) == texts


async def test_a_server_that_is_away_is_asked_again_after_longer_and_longer_pauses(
    house: House, branch: Sample
) -> None:
    now = house.clock()
    later = House(house.engine, house.vault, clock=lambda: now)
    away = ImapServer("127.0.0.1", free_port(), BOXES[0], PASSWORD, security="none")
    fetcher = Fetcher(later, away, branch.organization.slug)
    pauses = []
    for _ in range(12):
        assert list(await fetcher._organization()) == [branch.organization.id]
        await fetcher._round(branch.organization.id)
        assert list(await fetcher._organization()) == []
        assert fetcher._not_before is not None
        pauses.append((fetcher._not_before - now).total_seconds())
        now = fetcher._not_before
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"folder": "None"}, {"user": "x"}])
async def test_what_the_server_refuses_is_said_without_secrets(
    server: ImapServer, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ImapFailed) as refused:
        await asyncio.to_thread(ImapBox.open, replace(server, **wrong))
    assert "did not sign in" in str(refused.value)
    assert PASSWORD not in repr(server) + str(refused.value)


async def test_the_server_fetches_what_has_come(
    house: House,
    dia: Actor,
    branch: Sample,
    *,
    case: Case,
    mail: Dovecot,
    settings: Settings,
    doors: Litestar,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mail.deliver(an_answer(house, case, text="One", id="<1@x.example>"))
    marked, mark = asyncio.Event(), ImapBox.mark_done
    loop = asyncio.get_running_loop()

    def marks(self: ImapBox, uid: int) -> None:
        mark(self, uid)
        loop.call_soon_threadsafe(marked.set)

    monkeypatch.setattr(ImapBox, "mark_done", marks)
    fetches = replace(
        settings,
        imap_host="127.0.0.1",
        imap_port=mail.port,
        imap_user=mail.user,
        imap_password=PASSWORD,
        imap_security="none",
        imap_organization=branch.organization.slug,
    )
    async with create_app(fetches, house=house, doors=doors).app.lifespan():
        await marked.wait()
    assert await said(house, dia, case) == ["One"]
    assert mail.count("INBOX", "UNSEEN") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"imap_security": "ssl"},
        {"imap_host": "x", "imap_user": "y"},
        {"imap_host": "x", "imap_organization": "y"},
        {"imap_seconds": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadSettings):
        Settings(**wrong).check()
