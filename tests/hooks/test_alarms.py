"""People hear of an endpoint in trouble by mail, once, and never by the endpoint."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.hooks.alarms import Alarmist
from nowserving.hooks.mail import Mailer, MailServer, NotSent
from nowserving.kit.clock import wall
from nowserving.kit.ids import uuid7
from nowserving.places.endpoints import Endpoint
from nowserving.store.health import Alarm
from nowserving.store.store import Store
from tests.journal.facts import until


class Postman:
    """A mail server that keeps what it is handed, unless it is told to refuse."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.refuses = ""

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append((envelope.rcpt_tos, mail))
        return "250 OK"


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def server(postman: Postman) -> Any:
    controller = Controller(postman, hostname="127.0.0.1", port=_free_port())
    controller.start()
    yield MailServer("127.0.0.1", controller.port, "line@office.example", security="none")
    controller.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


Warn = Callable[..., Any]


@pytest.fixture
async def warn(house: House, branch: Sample) -> Warn:
    """Has people warned of a new endpoint, whose address holds a key."""

    async def warned(kind: str, *, at: datetime | None = None) -> UUID:
        now = wall()
        endpoint = Endpoint(
            branch.organization.id,
            uuid7(now),
            "cubu",
            "https://far.example/hook?key=sesame",
            (),
            "none",
            None,
            created_at=now,
            name="Far\nend",
        )
        async with house.engine.writing() as connection:
            store = Store(connection, branch.organization.id)
            await store.endpoints.add(endpoint)
            await store.health.warn(
                Alarm(branch.organization.id, uuid7(now), endpoint.id, kind, at or now, due=now)
            )
        return endpoint.id

    return warned


@pytest.fixture
async def alarmist(house: House, server: MailServer) -> AsyncIterator[Alarmist]:
    alarmist = Alarmist(
        house.engine, Mailer(server), clock=wall, base_url="https://line.example", every=0.02
    )
    await alarmist.start()
    yield alarmist
    await alarmist.stop()


async def _is_settled(house: House, branch: Sample) -> bool:
    far = wall() + timedelta(days=9)
    async with house.engine.reading() as connection:
        return not await Store(connection, branch.organization.id).health.warnings_due(far)


@pytest.mark.usefixtures("alarmist")
@pytest.mark.parametrize("kind", ["degraded", "failing", "gone"])
async def test_who_looks_after_webhooks_is_told(
    house: House, branch: Sample, warn: Warn, postman: Postman, kind: str
) -> None:
    endpoint = await warn(kind)
    await until(lambda: _is_settled(house, branch))
    owners = {agent.email for agent in branch.beginning.agents if agent.login == "eve"}
    assert {to for tos, _ in postman.mails for to in tos} == owners
    mail = postman.mails[0][1]
    assert mail["From"] == "line@office.example"
    assert "Far end" in str(mail["Subject"])
    text = mail.get_content()
    assert f"https://line.example/office/deliveries?endpoint={endpoint}" in text
    assert "far.example" in text
    assert "sesame" not in mail.as_string()


async def test_what_the_mail_server_refuses_is_due_again(
    house: House, branch: Sample, warn: Warn, server: MailServer, postman: Postman
) -> None:
    postman.refuses = "451 Later"
    await warn("gone")
    now = wall()
    alarmist = Alarmist(
        house.engine, Mailer(server), clock=lambda: now, base_url="https://x.example", every=0.02
    )
    await alarmist.start()

    async def put_off() -> bool:
        async with house.engine.reading() as connection:
            health = Store(connection, branch.organization.id).health
            due = await health.warnings_due(now + timedelta(days=1))
            return bool(due) and due[0].due > now  # type: ignore[operator]

    await until(put_off)
    assert postman.mails == []
    postman.refuses = ""
    now += timedelta(minutes=6)
    await until(lambda: _is_settled(house, branch))
    await alarmist.stop()
    assert len(postman.mails) == 1


async def test_nobody_is_warned_of_what_was_long_ago(
    house: House, branch: Sample, warn: Warn, alarmist: Alarmist, postman: Postman
) -> None:
    await warn("gone", at=wall() - timedelta(days=2))
    await until(lambda: _is_settled(house, branch))
    assert postman.mails == []


async def test_a_mail_server_that_is_not_there_is_told_of_without_secrets() -> None:
    away = MailServer("127.0.0.1", _free_port(), "a@b.example", "user", "sesame", "none")
    with pytest.raises(NotSent) as told:
        await Mailer(away).send(to="c@d.example", subject="x", text="y")
    assert "sesame" not in str(told.value)


async def test_a_server_without_the_wanted_security_gets_no_mail(
    server: MailServer, postman: Postman
) -> None:
    with pytest.raises(NotSent):
        await Mailer(replace(server, security="starttls")).send(
            to="c@d.example", subject="", text=""
        )
    await asyncio.sleep(0)
    assert postman.mails == []
