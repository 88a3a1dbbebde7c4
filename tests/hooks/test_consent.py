"""Nobody is told at full pace who has not said that they want it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from standardwebhooks import Webhook

from nowserving.actions import endpoints
from nowserving.actions.endpoints import Shown
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.hooks.consent import Consent
from nowserving.hooks.posters import Posters
from nowserving.kit.ids import uuid7
from nowserving.main.outside import CHALLENGES, outside
from nowserving.people.actor import Actor, system
from nowserving.places.endpoints import Endpoint, Why
from nowserving.store.deliveries import Attempt, Deliveries, Tried
from tests.hooks.receivers import Read, Receiver, Write, a_request, near, receiving
from tests.journal.facts import until


@dataclass
class Asked:
    """Somebody who is asked, and answers with what `say` makes of the token."""

    say: Any
    questions: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def story(self, reader: Read, writer: Write) -> None:
        while True:
            head, body = await a_request(reader)
            _, *lines = head.decode().strip().split("\r\n")
            headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
            self.questions.append((headers, body))
            text = self.say(msgspec.json.decode(body)["data"]["challenge"])
            status, text = text if isinstance(text, tuple) else ("200 OK", text)
            said = f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n{text}"
            writer.write(said.encode())
            await writer.drain()


@dataclass
class World:
    """A house that asks one receiver."""

    house: House
    owner: Actor
    receiver: Receiver

    async def add(self, **more: Any) -> Shown:
        async with self.house.acting(self.owner) as act:
            asked = {"dialect": "native", "url": self.receiver.url, **more}
            return await endpoints.add(act, **asked)

    async def now(self, id: UUID) -> Endpoint:
        async with self.house.acting(self.owner) as act:
            return (await endpoints.show(act, endpoint_id=id)).shown.endpoint

    async def confirmed(self, id: UUID) -> bool:
        return (await self.now(id)).confirmed

    async def ask_again(self, id: UUID) -> None:
        async with self.house.acting(self.owner) as act:
            await endpoints.ask_again(act, endpoint_id=id)

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        guard = near(self.receiver)
        async with Posters(guard, clock=self.house.clock) as posters:
            consent = Consent(self.house, posters, CHALLENGES, every=0.02, timeout=2.0)
            await consent.start()
            yield
            await consent.stop()


@asynccontextmanager
async def world(house: House, branch: Sample, asked: Asked) -> AsyncIterator[World]:
    async with receiving(asked.story) as receiver:
        house.outside = outside(near(receiver))
        owner = system(branch.organization.id, "test")
        yield World(house, owner, receiver)


@pytest.mark.parametrize(
    "says",
    [
        lambda token: token,
        lambda token: f"{token}\n",
        lambda token: f'"{token}"',
        lambda token: f'{{"challenge": "{token}", "more": 1}}',
    ],
)
async def test_who_answers_with_the_token_is_told_at_full_pace(
    house: House, branch: Sample, says: Any
) -> None:
    asked = Asked(says)
    async with world(house, branch, asked) as here:
        shown = await here.add(headers={"X-Gate": "open"})
        assert shown.endpoint.pace(house.clock()) == (1, 1)
        async with here.asking():
            await until(lambda: here.confirmed(shown.endpoint.id))
        endpoint = await here.now(shown.endpoint.id)
        assert endpoint.pace(house.clock() + timedelta(seconds=1)) == (8, None)
        async with house.acting(here.owner) as act:
            verbs = await endpoints.history(act, endpoint_id=endpoint.id)
        assert [(one.verb, one.actor) for one in verbs] == [
            ("confirm", "system:consent"),
            ("add", "system:test"),
        ]
    [(headers, body)] = asked.questions
    assert headers["x-gate"] == "open"
    told = Webhook(str(shown.secret)).verify(body.decode(), headers)
    assert told["type"] == "endpoint.challenge"


@pytest.mark.parametrize(
    "says",
    [
        lambda token: "ok",
        lambda token: "",
        lambda token: f"hello {token}",
        lambda token: ("404 Not Found", token),
        lambda token: ("302 Found", token),
    ],
)
async def test_who_answers_otherwise_is_not(house: House, branch: Sample, says: Any) -> None:
    asked = Asked(says)
    async with world(house, branch, asked) as here:
        shown = await here.add()
        async with here.asking():
            await until(lambda: len(asked.questions) == 1)
            await here.ask_again(shown.endpoint.id)
            await until(lambda: len(asked.questions) == 2)
        assert not await here.confirmed(shown.endpoint.id)


async def test_who_says_gone_when_asked_is_told_nothing(house: House, branch: Sample) -> None:
    asked = Asked(lambda token: ("410 Gone", token))
    async with world(house, branch, asked) as here:
        shown = await here.add()

        async def is_gone() -> bool:
            return (await here.now(shown.endpoint.id)).why is Why.GONE

        async with here.asking():
            await until(is_gone)
        assert not await here.confirmed(shown.endpoint.id)


async def test_both_secrets_sign_the_question_while_one_rolls(house: House, branch: Sample) -> None:
    asked = Asked(lambda token: token)
    async with world(house, branch, asked) as here:
        first = await here.add()
        async with house.acting(here.owner) as act:
            second = await endpoints.roll_secret(act, endpoint_id=first.endpoint.id)
        async with here.asking():
            await until(lambda: here.confirmed(first.endpoint.id))
    [(headers, body)] = asked.questions
    for secret in (first.secret, second.secret):
        Webhook(str(secret)).verify(body.decode(), headers)


async def test_each_is_asked_by_one_process_only(house: House, branch: Sample) -> None:
    asked = Asked(lambda token: "no")
    async with world(house, branch, asked) as here:
        await here.add()
        async with here.asking(), here.asking(), here.asking():
            await until(lambda: len(asked.questions) >= 1)
            await until(lambda: nobody_due(here))
    assert len(asked.questions) == 1


async def nobody_due(here: World) -> bool:
    async with here.house.acting(here.owner) as act:
        return not await act.look.consents.unconfirmed(here.house.clock())


async def test_a_paused_endpoint_is_not_asked(house: House, branch: Sample) -> None:
    asked = Asked(lambda token: token)
    async with world(house, branch, asked) as here:
        paused, other = await here.add(), await here.add()
        async with house.acting(here.owner) as act:
            await endpoints.pause(act, endpoint_id=paused.endpoint.id)
        async with here.asking():
            await until(lambda: here.confirmed(other.endpoint.id))
        assert not await here.confirmed(paused.endpoint.id)
    assert len(asked.questions) == 1


@pytest.mark.parametrize(
    ("statuses", "confirms"),
    [([200] * 20, True), ([200] * 19, False), ([200] * 10 + [404] + [204] * 19, False)],
)
async def test_who_cannot_be_asked_has_to_take_what_it_is_told(
    house: House, branch: Sample, statuses: list[int], confirms: bool
) -> None:
    asked = Asked(lambda token: token)
    async with world(house, branch, asked) as here:
        shown = await here.add(dialect="cubu")
        marker = await here.add()
        await tried(house, shown.endpoint, statuses)
        async with here.asking():
            await until(lambda: here.confirmed(marker.endpoint.id))
            await until(lambda: nobody_due(here))
            if confirms:
                await until(lambda: here.confirmed(shown.endpoint.id))
        assert await here.confirmed(shown.endpoint.id) is confirms
    assert len(asked.questions) == 1


async def tried(house: House, endpoint: Endpoint, statuses: list[int]) -> None:
    """Attempts at an endpoint, the oldest first."""
    at = house.clock()
    attempts = [
        Attempt(
            organization_id=endpoint.organization_id,
            endpoint_id=endpoint.id,
            id=uuid7(at + timedelta(milliseconds=number)),
            subject_id=UUID(int=1),
            version=number,
            fact_id=UUID(int=2),
            number=1,
            at=at,
            microseconds=1000,
            status=status,
            error=None,
            response="",
        )
        for number, status in enumerate(statuses)
    ]
    async with house.engine.writing() as connection:
        deliveries = Deliveries(connection, endpoint.organization_id)
        await deliveries.log([Tried(one) for one in attempts])
