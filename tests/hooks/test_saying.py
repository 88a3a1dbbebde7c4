"""An endpoint's own headers go out; what is secret stays out of the log."""

from collections.abc import AsyncIterator, Sequence

import msgspec
import pytest

from nowserving.hooks.hiding import HIDDEN
from nowserving.journal.telling import Telling
from nowserving.kit.facts import Fact
from nowserving.kit.vault import Vault
from nowserving.places.endpoints import Endpoint
from nowserving.store.deliveries import Spoken
from nowserving.store.store import Store
from tests.hooks.far import Far, far_end
from tests.hooks.receivers import Read, Write, a_request, receiving
from tests.hooks.sending import Room, plainly
from tests.journal.conftest import engine, office
from tests.journal.facts import NOON, Office, until

__all__ = ["engine", "office"]


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    async with far_end() as far:
        yield far


async def test_own_headers_go_out_and_secrets_are_not_written_down(
    office: Office, far: Far
) -> None:
    async def with_credentials(
        fact: Fact,
        endpoint: Endpoint,
        *,
        secrets: Sequence[str],
        store: Store,
        gap: int | None = None,
    ) -> Telling | None:
        told = await plainly(fact, endpoint, secrets=secrets, store=store)
        assert told is not None
        return Telling(told.url, told.body, {**told.headers, "Authorization": "Bearer sesame"})

    own = {"X-Gate": "sesame", "Authorization": "never", "Content-Length": "1"}
    await _add(office, far.url + "hook?token=sesame&x=1", own)
    async with Room(office.engine, {"plain": with_credentials}) as room:
        fact = await office.happens(office.queue)
        room.router.wake(office.id)
        await until(lambda: len(far.taken) == 1)
        sent = far.posts[0]
        assert (sent.headers["X-Gate"], sent.headers["Authorization"]) == (
            "sesame",
            "Bearer sesame",
        )
        spoken = await _logged(office)
    assert spoken.headers == {
        "X-Gate": HIDDEN,
        "Authorization": HIDDEN,
        "Webhook-Id": str(fact.id),
        "Content-Length": HIDDEN,
    }
    assert "sesame" not in spoken.url
    assert spoken.url.endswith("&x=1")
    assert spoken.body == sent.body


async def test_what_a_receiver_says_back_of_our_secrets_is_not_written_down(
    office: Office,
) -> None:
    async def says_back(reader: Read, writer: Write) -> None:
        head, _ = await a_request(reader)
        length = f"Content-Length: {len(head) + 600}".encode()
        writer.write(b"HTTP/1.1 500 No\r\n" + length + b"\r\n\r\n" + b"x" * 600 + head)
        await writer.drain()

    async with receiving(says_back) as far:
        await _add(office, f"{far.url}?token=sesame", {"X-Gate": "sesame-too"})
        async with Room(office.engine) as room:
            await office.happens(office.queue)
            room.router.wake(office.id)
            await _logged(office)
    async with office.engine.reading() as connection:
        deliveries = Store(connection, office.id).deliveries
        [attempt, *_] = await deliveries.attempts(office.unit)
        _, answer = await deliveries.content(attempt)
    assert b"X-Gate: " + HIDDEN.encode() in (answer or b"")
    assert b"sesame" not in (answer or b"")


async def _add(office: Office, url: str, headers: dict[str, str]) -> None:
    endpoint = Endpoint(
        office.id,
        office.unit,
        "plain",
        url,
        ("case.queued",),
        "none",
        None,
        settings={"allowed": True},
        created_at=NOON,
        headers=Vault(b"k" * 32).lock(msgspec.json.encode(headers).decode()),
    )
    async with office.engine.writing() as connection:
        await Store(connection, office.id).endpoints.add(endpoint)


async def _logged(office: Office) -> Spoken:
    found: list[Spoken] = []

    async def is_logged() -> bool:
        async with office.engine.reading() as connection:
            deliveries = Store(connection, office.id).deliveries
            for attempt in await deliveries.attempts(office.unit):
                spoken, _ = await deliveries.content(attempt)
                assert spoken is not None
                found.append(spoken)
        return bool(found)

    await until(is_logged)
    return found[0]


async def test_what_was_said_about_a_person_can_be_erased(office: Office, far: Far) -> None:
    far.answer = lambda post: "200 OK"
    await _add(office, far.url, {})
    async with Room(office.engine) as room:
        await office.happens(office.queue)
        room.router.wake(office.id)
        await _logged(office)
    async with office.engine.writing() as connection:
        await Store(connection, office.id).deliveries.erase([office.queue])
    async with office.engine.reading() as connection:
        deliveries = Store(connection, office.id).deliveries
        [attempt] = await deliveries.attempts(office.unit)
        assert attempt.response is None
        assert await deliveries.content(attempt) == (None, None)
