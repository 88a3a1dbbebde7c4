"""A registered application that speaks Cubu to the sample branch."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import Actor, ActorKind, grants_of
from nowserving.places.services import Field, Service, ServiceType, Tag
from nowserving.store.engines import Statement
from nowserving.store.tables import case_details, cases, facts, idempotency_keys, series

TABLES = (cases, case_details, facts, series, idempotency_keys)


@dataclass
class Program:
    """An application with its own credentials and, once asked for, a token."""

    client: httpx.AsyncClient
    made: Sample
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """How it says who it is."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def services(self) -> list[Service]:
        """The services of its organization: inquiry, papers, business (which asks for a phone)."""
        return self.things(Service)

    def things(self, kind: type[Any]) -> list[Any]:
        """All things of a kind in its organization."""
        return [thing for thing in self.made.beginning.places if type(thing) is kind]

    def type_of(self, service: Service) -> ServiceType:
        """The first service type of a service."""
        kinds: list[ServiceType] = self.things(ServiceType)
        return next(kind for kind in kinds if kind.category_id == service.category_id)

    @property
    def company(self) -> Field:
        """The one field of its business services."""
        field: Field = self.things(Field)[0]
        return field

    @property
    def tags(self) -> list[Tag]:
        """Its tags."""
        return self.things(Tag)

    def address(self, service: UUID | str, application: UUID | str | None = None) -> str:
        """Where somebody joins the line of a service."""
        return f"/{application or self.made.client.application_id}/services/{service}/cases"

    def body(self, service: Service, **more: Any) -> dict[str, Any]:
        """The least one has to say to join the line of a service."""
        kind = self.type_of(service)
        return {"serviceTypeId": str(kind.id), "channel": "FaceToFace", **more}

    async def queue_up(
        self, service: Service, *, key: str | None = None, **more: Any
    ) -> httpx.Response:
        """Join the line of a service."""
        headers = self.headers if key is None else {**self.headers, "Idempotency-Key": key}
        body = self.body(service, **more)
        return await self.client.post(self.address(service.id), json=body, headers=headers)

    async def sign_in(self) -> None:
        """Ask for a token."""
        answer = await self.client.post(self.token_address, data=self.credentials)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]

    @property
    def token_address(self) -> str:
        """Where it asks for a token."""
        return f"/{self.made.organization.id}/oauth2/v2.0/token"

    @property
    def credentials(self) -> dict[str, str]:
        """What it asks for a token with."""
        return {
            "grant_type": "client_credentials",
            "client_id": str(self.made.client.id),
            "client_secret": self.made.client_secret,
            "scope": f"{self.made.client.id}/.default",
        }


def program_of(branch: Sample) -> Actor:
    """The application of a branch, as the actions know it."""
    client = branch.client
    grants = grants_of((role, None) for role in client.roles)
    return Actor(branch.organization.id, ActorKind.CLIENT, client.id, client.name, grants)


@pytest.fixture
async def demo(client: httpx.AsyncClient, branch: Sample) -> Program:
    """The sample branch's application, with a token."""
    program = Program(client, branch)
    await program.sign_in()
    return program


@pytest.fixture
async def other(client: httpx.AsyncClient, other_branch: Sample) -> Program:
    """The application of another organization on the same server, with a token."""
    program = Program(client, other_branch)
    await program.sign_in()
    return program


Count = Callable[[], Awaitable[dict[str, int]]]


@pytest.fixture
def count(house: House) -> Count:
    """Counts the rows of every table that joining a line writes to."""
    questions = {table.name: Statement(select(func.count()).select_from(table)) for table in TABLES}

    async def counted() -> dict[str, int]:
        async with house.engine.reading() as connection:
            found = {}
            for name, question in questions.items():
                row = await connection.first(question)
                assert row is not None
                found[name] = int(row[0])
            return found

    return counted
