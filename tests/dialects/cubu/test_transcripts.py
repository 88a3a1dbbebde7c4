"""What is written down of this language is what we say; there is no route without a transcript."""

import re
from datetime import date
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from nowserving.actions import attendance, desk_posts
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.bookings.spans import Span
from nowserving.dialects.cubu.routes import HANDLERS
from nowserving.people.actor import Actor, ActorKind, system
from nowserving.places.data_tables import Contact
from nowserving.places.organization import BackOfficeTask, Desk, Unit
from nowserving.places.services import Queue, Workspace
from tests.actions.booking import Surgery
from tests.dialects.cubu.conftest import Program, program_of
from tests.rig.transcripts import Teller, routes_in

FOLDER = Path(__file__).parent / "transcripts"
FILES = sorted(FOLDER.glob("*.http"))


@pytest.fixture
async def teller(
    house: House, branch: Sample, client: httpx.AsyncClient, demo: Program, ann: Actor
) -> Teller:
    """An application of a branch where Bob sits at counter 2 and two people wait."""
    task = BackOfficeTask(branch.organization.id, uuid4(), "Filing")
    async with house.acting(system(branch.organization.id, "test")) as act:
        await act.store.places.add([task])
        await attendance.track(act, tracked=False)
    bob = branch.beginning.agents[1]
    as_bob = Actor(ann.organization_id, ActorKind.AGENT, bob.id, bob.name, ann.grants)
    counters: list[Desk] = demo.things(Desk)
    async with house.acting(as_bob) as act:
        await desk_posts.sit_down(act, desk_id=counters[1].id)
    first, second = [(await demo.queue_up(demo.services[0])).json()["caseId"] for _ in range(2)]
    table = (await house.directory(branch.organization.id)).customers
    named = {f"{one.name.lower()}": one.id for one in demo.things(Queue)}
    spaces = {one.name: one.id for one in demo.things(Workspace)}
    known = {
        "application": branch.client.application_id,
        "token": demo.token,
        "tenant": branch.organization.id,
        "client": branch.client.id,
        "secret": branch.client_secret,
        "ann": branch.beginning.agents[0].id,
        "bob": bob.id,
        "unit": demo.things(Unit)[0].id,
        "counter1": counters[0].id,
        "counter2": counters[1].id,
        "everything": spaces["Everything"],
        "reception_space": spaces["Reception"],
        "consulting_space": spaces["Consulting"],
        "task": task.id,
        "first": first,
        "second": second,
        "inquiry": demo.services[0].id,
        "inquiry_type": demo.type_of(demo.services[0]).id,
        **named,
        **{f"field_{one.slug.replace('-', '_')}": one.id for one in table.fields},
    }
    return Teller(client, {name: str(value) for name, value in known.items()})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_a_transcript_is_true(
    file: Path, teller: Teller, house: House, branch: Sample
) -> None:
    if file.stem == "agent-at-work":
        async with house.acting(system(branch.organization.id, "test")) as act:
            await attendance.track(act, tracked=True)
    if file.stem == "appointments":
        await _open_a_day(house, branch, teller)
    await teller.play(file)


async def _open_a_day(house: House, branch: Sample, teller: Teller) -> None:
    """It is a Monday in March; on Tuesday there are two calendars, one of them Ann's."""
    surgery = await Surgery.of(house, branch, program_of(branch))
    hours = (Span(480, 960),)
    day = date(2026, 3, 3)
    await surgery.opened(day, 0, hours=hours)
    await surgery.opened(day, 1, hours=hours, agent_id=branch.beginning.agents[0].id)
    service = surgery.service
    table = (await house.directory(branch.organization.id)).customers
    teller.known |= {
        "advice": str(service.id),
        "advice_category": str(service.category_id),
        "advice_type": str(surgery.kinds[0].id),
        "short_type": str(surgery.kinds[1].id),
        "table": str(table.id),
        "phone_field": str(table.contact(Contact.PHONE).id),
        "email_field": str(table.contact(Contact.EMAIL).id),
    }


def test_there_is_no_route_without_a_transcript() -> None:
    told = {(method, _shape(path)) for method, path in routes_in(iter(FILES))}
    offered = {
        (str(method), _shape(path))
        for handler in HANDLERS
        for path in handler.paths
        for method in handler.http_methods
        if " " not in path  # Occupy once more, as its page prints it
    }
    assert offered <= told


def _shape(path: str) -> str:
    """A path with its ids, days and indices left out."""
    return re.sub(r"(?<=/)(\{[^}]*\}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9-]+)", "*", path)
