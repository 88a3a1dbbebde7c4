"""An organization of which only the journal is looked at, and a process that tells its facts."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import msgspec

from nowserving.hooks.guard import Guard
from nowserving.hooks.posters import Posters
from nowserving.hooks.sender import Sender
from nowserving.journal.router import Router
from nowserving.journal.telling import Telling
from nowserving.kit.clock import wall
from nowserving.kit.facts import Fact
from nowserving.kit.ids import uuid7
from nowserving.kit.signatures import standard_signature
from nowserving.kit.vault import Vault
from nowserving.places.endpoints import Endpoint
from nowserving.store.endpoints import Endpoints
from nowserving.store.engines import Engine, open_engine
from nowserving.store.feed import Feed
from nowserving.store.journal import Journal
from nowserving.store.migrate import migrate
from nowserving.store.store import Store

SECRET = "whsec_" + "c2VzYW1lIG9wZW4gc2VzYW1lIG9wZW4="
BODY = 1024
KIND = "case.queued"


@dataclass
class Office:
    """An organization; `services` narrow what an endpoint hears of to one of them."""

    engine: Engine
    id: UUID = field(default_factory=uuid4)
    services: list[UUID] = field(default_factory=list)
    versions: dict[UUID, int] = field(default_factory=dict)

    async def subscribe(self, urls: Sequence[str], *, services: Sequence[UUID]) -> list[Endpoint]:
        """Endpoints at these addresses, each for one service."""
        vault = Vault(b"k" * 32)
        made = [
            Endpoint(
                organization_id=self.id,
                id=uuid7(wall()),
                dialect="bench",
                url=url,
                kinds=(KIND,),
                authorization="none",
                secret=vault.lock(SECRET),
                settings={"allowed": True},
                created_at=wall(),
                service_ids=(service,),
            )
            for url, service in zip(urls, services, strict=True)
        ]
        async with self.engine.writing() as connection:
            for endpoint in made:
                await Endpoints(connection, self.id).add(endpoint)
        return made

    def fact(self, subject: UUID, service: UUID) -> Fact:
        """The next fact of a case at a service."""
        version = self.versions[subject] = self.versions.get(subject, 0) + 1
        case = {"id": subject, "service_id": service, "unit_id": self.id}
        data = msgspec.json.encode({"case": case}).decode()
        return Fact(self.id, subject, version, uuid7(wall()), KIND, wall(), "system:bench", data)

    async def commit(self, facts: Sequence[Fact]) -> None:
        """Facts, in one transaction."""
        async with self.engine.writing() as connection:
            await Journal(connection, self.id).add(facts)


async def tell(
    fact: Fact,
    endpoint: Endpoint,
    *,
    secrets: Sequence[str],
    store: Store,
    gap: int | None = None,
) -> Telling | None:
    """The fact in a kilobyte, signed."""
    return Telling(endpoint.url, *said(fact, secrets[0]))


def said(fact: Fact, secret: str) -> tuple[bytes, Mapping[str, str]]:
    """Body and headers of a fact: the signer that the limit program has too."""
    body = fact.data.encode().ljust(BODY)
    id, timestamp = str(fact.id), str(int(fact.at.timestamp()))
    return body, {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": standard_signature(secret, id=id, timestamp=timestamp, body=body),
    }


@asynccontextmanager
async def office(url: str) -> AsyncIterator[Office]:
    """An organization in an empty database."""
    await migrate(url)
    engine = await open_engine(url, connections=10)
    made = Office(engine)
    async with engine.writing() as connection:
        await Feed(connection, made.id).begin(uuid4())
    try:
        yield made
    finally:
        await engine.close()


@asynccontextmanager
async def telling(office: Office) -> AsyncIterator[Router]:
    """What a worker process does: it routes and sends."""
    async with AsyncExitStack() as stack:
        posters = await stack.enter_async_context(Posters(Guard(), clock=wall))
        sender = Sender(
            office.engine, Vault(b"k" * 32), posters, {"bench": tell}, clock=wall, ids=uuid7
        )
        router = Router(office.engine, [sender])
        for part in (sender, router):
            await part.start()
            stack.push_async_callback(part.stop)
        yield router
