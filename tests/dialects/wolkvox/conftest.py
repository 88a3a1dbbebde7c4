"""A CRM of wolkvox': the sample's back office, a contact, and a program with tokens."""

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from nowserving.actions import customers
from nowserving.actions.api_tokens import create_token
from nowserving.actions.customers import Given
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice
from nowserving.dialects.wolkvox.routes import PREFIX
from nowserving.people.actor import Actor, system
from nowserving.people.customers import Customer
from nowserving.people.tokens import TokenKind

PERSON = Given(
    contact={"name": "Grace Sample", "email": "grace@acme.example", "phone": "+49 30 5551234"},
    fields={"Company": "Acme"},
    keys={"identification": "CC-77"},
)


@dataclass
class Crm:
    """A program that speaks wolkvox' language to us."""

    client: httpx.AsyncClient
    operation: str
    token: str
    external: str
    contact: Customer
    office: BackOffice
    case: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The case that everybody inserts."""
        self.case = {
            "operation": self.operation,
            "case-type": "Request",
            "responsible": f"ann@{self.operation}",
            "owner": f"dia@{self.operation}",
            "contact": "grace@acme.example",
            "description": "The lamp is broken",
            "form": {},
            "status": "open",
            "priority": "low",
        }

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Ask for something in JSON, with the internal token unless another is given."""
        told = {"Wolkvox-Token": self.token, **headers}
        return await self.client.post(f"{PREFIX}{path}", json=body, headers=told)

    async def ask(self, path: str, **given: Any) -> httpx.Response:
        """Ask for something of the operation."""
        return await self.post(path, {"operation": self.operation, **given})

    async def inserted(self, **given: Any) -> str:
        """The id of a new case."""
        answer = await self.post("/cases/insertAttach.php", {**self.case, **given})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["wolkvox_id"])

    async def seen(self, id: str) -> dict[str, Any]:
        """A case as a query tells it."""
        answer = await self.ask("/cases/queryCases.php", field="wolkvox-id", value=id)
        [row] = answer.json()["data"]
        assert isinstance(row, dict)
        return row


@pytest.fixture
def operator(branch: Sample) -> Actor:
    """Whoever runs the installation."""
    return system(branch.organization.id, "operator")


@pytest.fixture
async def contact(house: House, operator: Actor) -> Customer:
    """A contact of a company."""
    async with house.acting(operator) as act:
        return (await customers.create(act, given=PERSON)).customer


@pytest.fixture
async def crm(  # noqa: PLR0917
    house: House,
    branch: Sample,
    back_office: BackOffice,
    operator: Actor,
    contact: Customer,
    client: httpx.AsyncClient,
) -> Crm:
    """The program of the sample's CRM."""
    async with house.acting(operator) as act:
        _, inside = await create_token(act, name="everything", daily_limit=1_000_000)
        _, outside = await create_token(
            act, name="acme", kind=TokenKind.EXTERNAL, customer_id=contact.id
        )
    return Crm(client, branch.organization.slug, inside, outside, contact, back_office)
