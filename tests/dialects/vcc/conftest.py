"""A project of VCC Live's: a service of the sample branch, with somebody who has come."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.dialects.vcc.endpoints import KINDS, NAME
from nowserving.kit.facts import Fact
from nowserving.people.actor import Actor
from nowserving.places.endpoints import Endpoint
from nowserving.places.services import Outcome, Service
from nowserving.store.store import Store

KEY = "very secret key"


def an_endpoint(
    house: House, branch: Sample, url: str, *, kinds: Sequence[str] = KINDS, **settings: Any
) -> Endpoint:
    """A receiver of the sample branch; with `encrypt` it has a key."""
    now = house.clock()
    return Endpoint(
        organization_id=branch.organization.id,
        id=house.ids(now),
        dialect=NAME,
        url=url,
        kinds=tuple(kinds),
        authorization="none",
        secret=house.vault.lock(KEY) if "encrypt" in settings else None,
        settings={"allowed": True, **settings},
        created_at=now,
    )


@pytest.fixture
def papers(branch: Sample) -> Service:
    """The service of passports: project 2."""
    return next(
        thing
        for thing in branch.beginning.places
        if isinstance(thing, Service) and thing.number == 2
    )


@pytest.fixture
def outcomes(branch: Sample) -> dict[str, Outcome]:
    """How a case can end, by name."""
    return {one.name: one for one in branch.beginning.places if isinstance(one, Outcome)}


async def a_ticket(house: House, actor: Actor, service: Service, **asked: Any) -> Case:
    """Somebody who has joined the line of a service."""
    async with house.acting(actor) as act:
        return (await queue_up(act, Request(service_id=service.id, **asked))).case


async def facts_of(house: House, case: Case) -> list[Fact]:
    """What happened to a case."""
    async with house.engine.reading() as connection:
        return await Store(connection, case.organization_id).journal.of(case.id)


@dataclass
class Program:
    """A program that asks the Database API with its own secret."""

    client: httpx.AsyncClient
    made: Sample

    @property
    def user(self) -> str:
        """The account: the organization's name in addresses."""
        return self.made.organization.slug

    @property
    def password(self) -> str:
        """Client id and secret."""
        return f"{self.made.client.id}.{self.made.client_secret}"

    @property
    def basic(self) -> str:
        """What stands behind `Basic`."""
        return b64encode(f"{self.user}:{self.password}".encode()).decode()

    async def ask(self, path: str, **query: object) -> httpx.Response:
        """Ask for something."""
        given = {name: str(value) for name, value in query.items()}
        auth = (self.user, self.password)
        return await self.client.get(f"/v2{path}", params=given, auth=auth)

    async def rows(self, project: int, **query: object) -> tuple[list[Any], int]:
        """The tickets of a project, and how many there are."""
        answer = await self.ask(f"/projects/{project}/tickets", **query)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        assert (said["messages"], said["errors"]) == ([], [])
        return said["response"]["rows"], said["response"]["totalCount"]

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """Order something."""
        auth = (self.user, self.password)
        return await self.client.post(f"/v2{path}", json=body, auth=auth, headers=headers)


@pytest.fixture
def vcc(client: httpx.AsyncClient, branch: Sample) -> Program:
    """The program of the sample branch."""
    return Program(client, branch)
