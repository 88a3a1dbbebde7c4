"""A house in which every language is spoken, with something of everything in it."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from nowserving.actions import customers
from nowserving.actions.api_tokens import create_token
from nowserving.actions.doorway import Doorway
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice, add_back_office
from nowserving.cases.moves import State
from nowserving.kit.pace import Pace
from nowserving.main.watching import Watching
from nowserving.people.actor import system
from nowserving.people.customers import Customer
from nowserving.people.tokens import TokenKind
from tests.dialects.cubu.conftest import Program as CubuProgram
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import (
    DATA_TABLE,
    agent_of,
    case_in,
    endpoint_of,
    file_on,
    hook_of,
    program_of,
    surgery_of,
    token_of,
    upload_to,
)
from tests.dialects.qflow.conftest import Program as QFlowProgram
from tests.dialects.vcc.conftest import Program as VccProgram
from tests.dialects.wolkvox.conftest import PERSON, Crm

_UNHURRIED = Pace(burst=10**9, every=timedelta(seconds=1))


@dataclass(repr=False)
class World:
    """Who asks, in each language, and the ids of what there is, by the names addresses use."""

    client: httpx.AsyncClient
    made: Sample
    native: Api
    agent: Api
    cubu: CubuProgram
    qflow: QFlowProgram
    vcc: VccProgram
    crm: Crm
    known: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    made_of: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[["World"], Any]) -> Any:
        """Something that is worked out for this world once."""
        if name not in self.made_of:
            self.made_of[name] = make(self)
        return self.made_of[name]


@dataclass(frozen=True)
class Furnished:
    """What is added to the sample branch so that everybody finds something to speak of."""

    office: BackOffice
    contact: Customer
    inside: str
    outside: str


async def furnished(house: House, made: Sample) -> Furnished:
    """Add a back office, somebody it knows, and tokens for it."""
    directory = await house.directory(made.organization.id)
    office = await add_back_office(house, directory, (made.beginning.agents[3].id,))
    async with house.acting(system(made.organization.id, "operator")) as act:
        contact = (await customers.create(act, given=PERSON)).customer
        _, inside = await create_token(act, name="everything", daily_limit=1_000_000)
        _, outside = await create_token(
            act,
            name="acme",
            kind=TokenKind.EXTERNAL,
            customer_id=contact.id,
            daily_limit=1_000_000,
        )
    return Furnished(office, contact, inside, outside)


async def signed_in(client: httpx.AsyncClient, made: Sample, more: Furnished) -> World:
    """Clients of every language, with their tokens; they know of nothing yet."""
    cubu = CubuProgram(client, made)
    await cubu.sign_in()
    return World(
        client,
        made,
        await program_of(client, made),
        await agent_of(client, made),
        cubu,
        QFlowProgram(client, made),
        VccProgram(client, made),
        Crm(client, made.organization.slug, more.inside, more.outside, more.contact, more.office),
    )


async def open_world(house: House, app: Watching, client: httpx.AsyncClient, made: Sample) -> World:
    """The sample branch with a back office, and clients of every language that know their way."""
    state = app.app.state
    doorway: Doorway = state.doorway
    state.doorway = replace(doorway, failures=_UNHURRIED)
    more = await furnished(house, made)
    world = await signed_in(client, made, more)
    _know_places(world)
    world.known["customer_id"].append(str(more.contact.id))
    await _know_what_happens(world)
    await _at_work(world)
    for personal_id in ("s1", "s2"):
        await world.qflow.customer(personal_id)
    world.known["wolkvox_id"] = [await world.crm.inserted() for _ in range(4)]
    return world


def _know_places(world: World) -> None:
    """What the organization is made of, by kind: `service_id`, `service_type_id`."""
    known, made, office = world.known, world.made, world.crm.office
    places = [*made.beginning.places, *office.types, *office.statuses, *office.priorities]
    for thing in (*places, office.unit, office.service, office.field):
        if isinstance(id := getattr(thing, "id", None), UUID):
            kind = re.sub(r"(?<!^)(?=[A-Z])", "_", type(thing).__name__).lower()
            known[f"{kind.removeprefix('case_')}_id"].append(str(id))
    known["agent_id"] = [str(one.id) for one in made.beginning.agents]
    known["type_id"] = known["service_type_id"]
    known["category_id"] = known["service_category_id"]
    for name, alias in {
        "user_id": "agent_id",
        "workstation_id": "desk_id",
        "record_id": "customer_id",
        "inbox_id": "queue_id",
        "owner_id": "agent_id",
        "assigned_to": "agent_id",
        "into_id": "case_id",
        "parent_id": "case_id",
        "other_id": "case_id",
        "subject_id": "case_id",
    }.items():
        known[name] = known[alias]
    known["application_id"] = [str(made.client.application_id)]
    known["client_id"] = [str(made.client.id)]
    known["tenant_id"] = known["organization_id"] = [str(made.organization.id)]


async def _know_what_happens(world: World) -> None:
    """A case in each state, and whatever else there can be."""
    api, known = world.native, world.known
    for state in State:
        if state is not State.ABANDONED:
            known["case_id"].append(await case_in(api, state))
    queued = await api.post("/cases", {"service_number": 1}, expect=201)
    known["link"].append(queued["ticket_url"].rpartition("/")[2])
    await _know_bookings(world)
    await _know_records(world)
    known["endpoint_id"].append(await endpoint_of(api))
    known["hook_id"].append(await hook_of(api))
    known["token_id"].append(await token_of(api))
    for id in known["case_id"][:3]:
        known["file_id"].append(await file_on(api, id))
        known["upload_id"].append(await upload_to(api, id))


async def _know_bookings(world: World) -> None:
    """Calendars, and what can be in them."""
    api, known = world.native, world.known
    calendar = (await surgery_of(api)).calendar
    time = {"calendar_id": calendar["id"], "start": 500}
    series = await api.post("/appointments/series", {"times": [time]}, expect=201)
    people = {**time, "start": 520, "people": [{}]}
    group = await api.post("/appointments/groups", people, expect=201)
    held = await api.post(f"/calendars/{calendar['id']}/holds", {"start": 540}, expect=201)
    blocked = {"start": 600, "end": 620}
    block = await api.post(f"/calendars/{calendar['id']}/block", blocked, expect=201)
    feed = {"service_id": calendar["service_id"]}
    known["calendar_id"].append(calendar["id"])
    known["booked_id"].append(calendar["service_id"])
    known["day"].append(calendar["day"])
    known["cu_index"].append(str(calendar["index"]))
    known["series_id"].append(series["appointments"][0]["appointment"]["series_id"])
    known["group_id"].append(group["appointments"][0]["appointment"]["group_id"])
    known["hold_id"].append(held["id"])
    known["block_id"].append(block["id"])
    known["feed_id"].append((await api.post("/calendar-feeds", feed, expect=201))["id"])


async def _know_records(world: World) -> None:
    """A table of the organization's own, with a record; Cubu's records are customers."""
    api, known = world.native, world.known
    eve = await agent_of(world.client, world.made, "eve")
    table = await eve.post("/data-tables", {**DATA_TABLE, "slug": "planes"}, expect=201)
    known["table_id"].append(table["id"])
    order = {"fields": {"plate-number": "D-AIRU"}}
    record = await api.post(f"/data-tables/{table['id']}/records", order, expect=201)
    known["record_id"] = [*known["customer_id"], record["id"]]


async def _at_work(world: World) -> None:
    """Every agent has chosen where they work, by way of Cubu."""
    cubu, known = world.cubu, world.known
    for agent in known["agent_id"][:4]:
        place = f"/{cubu.made.client.application_id}/agents/{agent}"
        for path, body in (
            ("/units/_current", {"unitId": known["unit_id"][0]}),
            ("/workspaces/_current", {"workspaceId": known["workspace_id"][0]}),
        ):
            answer = await world.client.post(place + path, json=body, headers=cubu.headers)
            assert answer.status_code == 200, answer.text
