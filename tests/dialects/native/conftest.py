"""People and programs who speak our own language."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import bindparam, select

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.cases.moves import State
from nowserving.places.replays import Replay, ReplayState, Source
from nowserving.store.deliveries import Attempt, Spoken, Tried
from nowserving.store.engines import Statement
from nowserving.store.lanes import Stretch
from nowserving.store.routing import Routing
from nowserving.store.store import Store
from nowserving.store.tables import endpoints
from tests.dialects.native.api import Api

DATA_TABLE = {
    "name": "Cars",
    "singular": "Car",
    "plural": "Cars",
    "slug": "cars",
    "title": "{{plate-number}}",
    "fields": [{"name": "Plate", "slug": "plate-number", "key": True}],
}
"""A table of an organization's own, as one may order it."""


@pytest.fixture
async def api(client: httpx.AsyncClient, branch: Sample) -> Api:
    """The program of the sample branch."""
    return await program_of(client, branch)


@pytest.fixture
async def agent(client: httpx.AsyncClient, branch: Sample) -> Api:
    """Ann, who works at the main branch."""
    return await agent_of(client, branch)


@pytest.fixture
def other(other_branch: Sample) -> Sample:
    """Another organization in the same house."""
    return other_branch


async def program_of(client: httpx.AsyncClient, branch: Sample) -> Api:
    """A program with its token."""
    nobody = Api(client)
    got = await nobody.post(
        "/token",
        {
            "grant_type": "client_credentials",
            "client_id": str(branch.client.id),
            "client_secret": branch.client_secret,
            "organization": branch.organization.slug,
        },
    )
    return Api(client, got["access_token"])


async def agent_of(client: httpx.AsyncClient, branch: Sample, login: str = "ann") -> Api:
    """An agent with a token."""
    order = {"organization": branch.organization.slug, "login": login, "password": "Passw0rd!"}
    return Api(client, (await Api(client).post("/sign-in", order))["access_token"])


@dataclass(frozen=True)
class Places:
    """What the sample branch is made of, as the API tells it."""

    unit: dict[str, Any]
    services: list[dict[str, Any]]
    queues: list[dict[str, Any]]
    desks: list[dict[str, Any]]
    workspaces: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    tags: list[dict[str, Any]]


async def places_of(api: Api) -> Places:
    """The directory, asked for piece by piece."""
    return Places(
        (await api.get("/units"))["units"][0],
        (await api.get("/services"))["services"],
        (await api.get("/queues"))["queues"],
        (await api.get("/desks"))["desks"],
        (await api.get("/workspaces"))["workspaces"],
        (await api.get("/outcomes"))["outcomes"],
        (await api.get("/tags"))["tags"],
    )


@pytest.fixture
async def places(api: Api) -> Places:
    """What the sample branch is made of."""
    return await places_of(api)


async def queued(api: Api) -> str:
    """The id of a new case that waits."""
    queued = await api.post("/cases", {"service_ext_ref": "SVC-002"}, expect=201)
    return str(queued["case"]["id"])


async def after(api: Api, *verbs: str) -> str:
    """The id of a new case to which this was done."""
    id = await queued(api)
    for verb in verbs:
        await api.post(f"/cases/{id}/{verb}")
    return id


_WAY_TO: dict[State, tuple[str, ...]] = {
    State.WAITING: (),
    State.PENDING: ("pend",),
    State.CALLED: ("call",),
    State.ACTIVE: ("call", "start"),
    State.ON_HOLD: ("call", "start", "hold"),
    State.RESOLVED: ("resolve",),
    State.CLOSED: ("resolve", "close"),
    State.CANCELED: ("cancel",),
    State.NO_SHOW: ("call", "miss"),
}

CaseIn = Callable[[State], Awaitable[str]]


async def case_in(api: Api, state: State) -> str:
    """The id of a new case in a state."""
    if state is State.PLANNED:
        order = {"calendar_id": await _roomy_calendar(api), "start": 480}
        made = await api.post("/appointments", order, expect=201)
        return str(made["appointment"]["case"]["id"])
    return await after(api, *_WAY_TO[state])


async def hook_of(api: Api) -> str:
    """A new hook. Its address is one where nobody is asked anything."""
    order = {"kind": "book", "url": "https://localhost/ask"}
    return str((await api.post("/hooks", order, expect=201))["hook"]["id"])


async def token_of(api: Api) -> str:
    """A new token of a program."""
    return str((await api.post("/api-tokens", {"name": "CRM"}, expect=201))["token"]["id"])


async def endpoint_of(api: Api, **more: Any) -> str:
    """A new endpoint. Its address is one where nobody is asked anything."""
    order = {"dialect": "native", "url": "https://localhost/hooks", **more}
    return str((await api.post("/endpoints", order, expect=201))["id"])


@dataclass(frozen=True)
class Surgery:
    """The sample's service by appointment, with an open calendar of tomorrow."""

    service: dict[str, Any]
    calendar: dict[str, Any]


def to_come(days: int) -> str:
    """A day to come, in any zone."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


async def surgery_of(api: Api, days: int = 2, **more: Any) -> Surgery:
    """The service by appointment, and a new calendar of a day to come."""
    service = await _by_appointment(api)
    hours = [{"start": 480, "end": 960}]
    calendar = await api.post(
        f"/services/{service['id']}/calendars",
        {"day": to_come(days), "hours": hours, **more},
        expect=201,
    )
    return Surgery(service, calendar)


async def _roomy_calendar(api: Api) -> str:
    """A calendar of a day to come in which there is always room."""
    path, day = f"/services/{(await _by_appointment(api))['id']}/calendars", to_come(3)
    listed = (await api.get(f"{path}?first={day}&last={day}"))["calendars"]
    for one in listed:
        if one["calendar"]["index"] == 999:
            return str(one["calendar"]["id"])
    hours = [{"start": 480, "end": 960}]
    order = {"day": day, "index": 999, "capacity": 1000, "hours": hours}
    return str((await api.post(path, order, expect=201))["id"])


async def _by_appointment(api: Api) -> dict[str, Any]:
    services: list[dict[str, Any]] = (await api.get("/services"))["services"]
    return next(one for one in services if one["ext_ref"] == "SVC-004")


@pytest.fixture
async def surgery(api: Api) -> Surgery:
    """The service by appointment, with an open calendar."""
    return await surgery_of(api)


async def file_on(api: Api, case_id: str) -> str:
    """The id of a new file on a case."""
    path = f"/cases/{case_id}/files/plain"
    added = await api.ask("POST", path, raw=b"hello", expect=201)
    return str(added.json()["files"][0]["id"])


async def upload_to(api: Api, case_id: str) -> str:
    """The id of an upload that was begun for a case."""
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "5"}
    begun = await api.ask("POST", f"/cases/{case_id}/uploads", headers=headers, expect=201)
    return str(begun.json()["id"])


@dataclass(frozen=True)
class Told:
    """Something that was told to an endpoint, and something that has yet to be.

    `subject_id` is none of the cases, so that nobody has a hand in its lane.
    """

    case_id: str
    attempt_id: str
    subject_id: str
    replay_id: str
    fact_id: str


async def told_to(house: House, endpoint_id: str, case_id: str) -> Told:
    """An attempt at telling of a case, what is left on its lane, and a replay that waits."""
    async with house.engine.reading() as connection:
        found = await connection.first(_OWNER, id=UUID(endpoint_id))
        assert found is not None
        organization_id, now, case = found[0], house.clock(), UUID(case_id)
        [fact] = await Store(connection, organization_id).journal.of(case, after=0, most=1)
    attempt = Attempt(
        organization_id=organization_id,
        endpoint_id=UUID(endpoint_id),
        id=house.ids(now),
        subject_id=case,
        version=1,
        fact_id=fact.id,
        number=1,
        at=now,
        microseconds=1000,
        status=500,
        error=None,
        response="Oops",
        kind="case.queued",
    )
    spoken = Spoken("https://localhost/hooks", {"webhook-id": str(attempt.fact_id)}, b"{}")
    replay = Replay(
        organization_id=organization_id,
        id=house.ids(now),
        endpoint_id=attempt.endpoint_id,
        state=ReplayState.WAITING,
        wish={"source": Source.FEED, "after": 0, "up_to": 0},
        total=0,
        created_by="system:test",
        created_at=now,
        due=now + timedelta(days=30),
    )
    async with house.engine.writing() as connection:
        store = Store(connection, organization_id)
        routing = Routing(connection, organization_id)
        routed = await routing.take(1000)
        if routed is not None and routed.facts:
            await routing.append(routed.position, routed.facts)
        await store.deliveries.log([Tried(attempt, spoken, b"Oops")])
        await store.replays.add(replay)
        later = now + timedelta(days=30)
        other = house.ids(now)
        stretches = [Stretch(attempt.endpoint_id, one, 1, 1) for one in (case, other)]
        await store.lanes.extend(stretches, later)
    return Told(case_id, str(attempt.id), str(other), str(replay.id), str(fact.id))


_OWNER = Statement(select(endpoints.c.organization_id).where(endpoints.c.id == bindparam("id")))
