"""What of the demonstration speaks wolkvox CRM: tokens, a contact, a case."""

from typing import Any
from uuid import UUID

from nowserving.actions import customers
from nowserving.actions.api_tokens import create_token
from nowserving.actions.customers import Given
from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.cases.admission import Request
from nowserving.cases.work import Opening
from nowserving.dialects.wolkvox.names import case_id
from nowserving.main.settings import Settings
from nowserving.people.actor import system
from nowserving.people.tokens import TokenKind
from nowserving.places.directory import Directory

EMAIL = "grace.sample@acme.example"


async def for_wolkvox(house: House, settings: Settings, facts: dict[str, Any]) -> dict[str, Any]:
    """The chapter of demo.json; what was made once is kept, what may change is told anew."""
    organization_id = UUID(facts["organization_id"])
    operation = facts["organization"]
    directory = await house.directory(organization_id)
    service = next((one for one in directory.services.values() if not directory.lined(one)), None)
    if service is None:
        return {}
    made = dict(facts.get("wolkvox") or await _made(house, directory, service.id, facts))
    return {
        **made,
        "base_url": settings.base_url,
        "operation": operation,
        "responsible": f"{facts['agents'][0]['login']}@{operation}",
        "owner": f"{facts['agents'][3]['login']}@{operation}",
        "case_types": [kind.name for kind in directory.types_of(service)],
        "statuses": [
            {"name": one.name, "condition": str(one.condition)}
            for one in sorted(directory.statuses.values(), key=lambda one: one.position)
        ],
    }


async def _made(
    house: House, directory: Directory, service_id: UUID, facts: dict[str, Any]
) -> dict[str, Any]:
    actor = system(directory.organization.id, "demo")
    agents = [UUID(agent["id"]) for agent in facts["agents"]]
    person = Given(
        contact={"name": "Grace Sample", "email": EMAIL, "phone": "+49305551234"},
        fields={"Company": "Acme"},
        keys={"identification": "CC-77"},
    )
    async with house.acting(actor) as act:
        contact = (await customers.create(act, given=person)).customer
        _, token = await create_token(act, name="Demonstration")
        _, external = await create_token(
            act, name="Acme's portal", kind=TokenKind.EXTERNAL, customer_id=contact.id
        )
    async with house.acting(actor) as act:
        opening = Opening(
            Request(service_id=service_id, customer_id=contact.id, use_customer_contact=True),
            title="An invoice that was paid twice",
            description="The invoice of March was paid twice.",
            assigned_to=agents[0],
            owner_id=agents[3],
        )
        case = (await open_case(act, opening)).case
    return {
        "token": token,
        "external_token": external,
        "contact": EMAIL,
        "wolkvox_id": case_id(case),
    }
