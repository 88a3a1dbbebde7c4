"""Two organizations that are made alike, in one house, to tell one story in two languages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from nowserving.actions import customers
from nowserving.actions.api_tokens import create_token
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice, add_back_office
from nowserving.people.actor import system
from nowserving.store.engines import Looking
from nowserving.store.store import Store
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import agent_of, program_of
from tests.dialects.wolkvox.conftest import PERSON, Crm

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


@dataclass
class Branch:
    """One of the two organizations, and who speaks there."""

    house: House
    made: Sample
    client: httpx.AsyncClient
    office: BackOffice
    crm: Crm
    program: Api
    agent: Api
    token_id: str
    case_id: str = ""

    def all(self, kind: type[Any]) -> list[Any]:
        """All things of a kind."""
        return [thing for thing in self.made.beginning.places if type(thing) is kind]

    def id(self, kind: type[Any], at: int = 0) -> str:
        """The id of one of them."""
        return str(self.all(kind)[at].id)

    async def number(self) -> int:
        """The number of the case."""
        return int((await self.program.get(f"/cases/{self.case_id}"))["case"]["number"])

    async def take(self, number: int) -> None:
        """Go on with the case that has this number."""
        found = await self.program.get(f"/cases?number={number}")
        self.case_id = found["cases"][0]["case"]["id"]

    async def told(self) -> list[dict[str, Any]]:
        """The facts of the case, ids said by what they are of, and what is kept beside it."""
        store = Store(Looking(self.house.engine), self.made.organization.id)
        facts = [
            {
                "kind": fact.kind,
                "version": fact.version,
                "at": fact.at,
                "actor": fact.actor,
                "data": json.loads(fact.data),
            }
            for fact in await store.journal.of(UUID(self.case_id))
        ]
        notes = (await self.program.get(f"/cases/{self.case_id}/notes"))["notes"]
        names = self._names() | {one["id"]: f"note {at}" for at, one in enumerate(notes)}
        contact = (await self.program.get(f"/cases/{self.case_id}"))["contact"]
        beside = {"contact": contact, "notes": [(one["text"], one["at"]) for one in notes]}
        told: list[dict[str, Any]] = named([*facts, beside], names)
        return told

    def _names(self) -> dict[str, str]:
        office, made = self.office, self.made
        places = [*made.beginning.places, office.unit, office.service, *office.types]
        places += [*office.statuses, *office.priorities, office.field]
        queues = {str(office.service.queue_id): "inbox", str(office.service.category_id): "office"}
        return {
            **queues,
            str(made.organization.id): "organization",
            str(made.client.id): "program",
            self.token_id: "program",
            str(self.crm.contact.id): "contact",
            self.case_id: "case",
            **{str(one.id): f"place {at}" for at, one in enumerate(places) if hasattr(one, "id")},
            **{str(one.id): f"agent {at}" for at, one in enumerate(made.beginning.agents)},
        }


def named(told: Any, names: Mapping[str, str]) -> Any:
    """The same with names for ids."""
    if isinstance(told, dict):
        return {key: named(value, names) for key, value in told.items()}
    if isinstance(told, list):
        return [named(value, names) for value in told]
    kind, _, id = str(told).rpartition(":")
    return f"{kind}:{names[id]}" if id in names else told


@dataclass
class Time:
    """Each step is at a moment of its own, the same one for both."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        """What the clock of the house says."""
        return self.now

    def go(self) -> None:
        """The next moment."""
        self.now += timedelta(minutes=1)


async def branch_of(house: House, client: httpx.AsyncClient, made: Sample) -> Branch:
    """An organization with a back office, a contact, and everybody signed in."""
    directory = await house.directory(made.organization.id)
    office = await add_back_office(house, directory, (made.beginning.agents[3].id,))
    async with house.acting(system(made.organization.id, "operator")) as act:
        contact = (await customers.create(act, given=PERSON)).customer
        known, token = await create_token(act, name="crm")
    crm = Crm(client, made.organization.slug, token, "", contact, office)
    program, agent = await program_of(client, made), await agent_of(client, made)
    return Branch(house, made, client, office, crm, program, agent, str(known.id))
