"""A client of Q-Flow's at the sample branch."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import Actor
from tests.actions.booking import Surgery


@dataclass
class Program:
    """A program with its secret."""

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
    def key(self) -> str:
        """All three, as an API key."""
        return f"{self.user}.{self.password}"

    @property
    def basic(self) -> str:
        """What stands behind `Basic`."""
        return b64encode(f"{self.user}:{self.password}".encode()).decode()

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Ask for something."""
        headers = {"X-API-Key": self.key, **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return await self.client.request(method, f"/API/{path}", headers=headers, **more)

    async def said(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """What is answered to something that goes well."""
        answer = await self.ask(method, path, body, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def customer(self, personal_id: str, **more: Any) -> Any:
        """A customer with a personal id."""
        given = {"PersonalId": personal_id, "FirstName": "Ana", "LastName": "Roy", **more}
        return await self.said("POST", "Customers", given)


@pytest.fixture
def qflow(client: httpx.AsyncClient, branch: Sample) -> Program:
    """The program of the sample branch."""
    return Program(client, branch)


@pytest.fixture
async def surgery(house: House, branch: Sample, program: Actor) -> Surgery:
    """The service that is booked, number 4, on a Monday at eight when the clock stands still."""
    return await Surgery.of(house, branch, program)
