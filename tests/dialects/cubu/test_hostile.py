"""Whatever is sent to whichever route: never a bug of ours, and never somebody else's things.

Every route is asked, from the table of routes: a new one that this file does not know how to
ask fails here.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from nowserving.actions import attendance
from nowserving.actions.house import House
from nowserving.bookings.spans import Span
from nowserving.dialects.cubu.routes import HANDLERS
from nowserving.kit.vault import fingerprint
from nowserving.people.actor import system
from nowserving.people.permissions import Role
from nowserving.places.organization import BackOfficeTask, Desk, Unit
from nowserving.places.services import Queue, Workspace
from nowserving.store.store import Store
from tests.actions.booking import Surgery
from tests.dialects.cubu.conftest import Program, program_of

ROUTES = {one.fn.__name__: one for one in HANDLERS if one.fn.__name__ != "token"}
SECRET = "secret"

BODIES: Mapping[str, Mapping[str, Any]] = {
    "queue_up_case": {
        "serviceTypeId": "type_id",
        "locale": "en-US",
        "channel": "FaceToFace",
        "cusotmerRecordId": "record_id",
        "useCustomerContactInfo": True,
        "contactPhoneNumber": "030 123456",
        "contactEmail": "ada@example.org",
        "fields": {},
        "tagIds": ["tag_id"],
    },
    "select_unit": {"unitId": "unit_id"},
    "select_workspace": {"workspaceId": "workspace_id"},
    "clock_in": {"unitId": "unit_id"},
    "clock_out": {"clockOutReason": "Other", "clockOutDescription": "Ill"},
    "become_unavailable": {
        "unavailabilityReason": "BackOfficeWork",
        "unavailabilityDescription": "Filing",
        "backOfficeTaskId": "task_id",
    },
    "become_available": {},
    "get_status": {},
    "list_workspaces": {},
    "list_workstations": {},
    "occupy": {"vacateOthers": True},
    "vacate": {},
    "list_inboxes": {},
    "list_active_cases": {},
    "start_the_next": {
        "workstationId": "workstation_id",
        "inboxId": "inbox_id",
        "applyWorkspaceBehavior": True,
        "silent": True,
    },
    "call_again": {},
    "resolve": {},
    "list_calendars": {},
    "list_vacancies": {},
    "book_appointment": {
        "serviceTypeId": "booked_type_id",
        "startTime": 600,
        "language": "en-US",
        "cusotmerRecordId": "record_id",
        "contactPhoneNumber": "030 123456",
        "contactEmail": "ada@example.org",
        "channel": "FaceToFace",
        "bypassTimeslotCheck": False,
        "preventSelfCheckIn": False,
        "fields": {},
        "tagIds": ["tag_id"],
    },
    "list_appointments": {},
    "delete_appointment": {},
    "cancel_appointment": {},
    "create_customer": {"fields": {"customer-name": "Ada"}},
    "find_customer": {"queryType": "RecordId", "recordId": "record_id"},
    "get_customer": {},
    "update_customer": {"fields": [{"slug": "customer-name", "value": "Ada"}]},
    "list_users": {},
    "list_back_office_tasks": {},
}
"""A body that each route takes; the names of ids stand for ids."""

TYPES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1.5,
    2**70,
    "",
    "x",
    "\0",
    "\u202e" * 300,
    [],
    {},
    [1],
    {"a": [{}]},
    [[]],
)
NO_OBJECTS = (b"{", b"[]", b"7", b"\xff", b'{"a":1}x', b"[" * 5000, b'"\\ud800"')
LIKE = "00000000-0000-4000-8000-00000000%04d"
EVERYBODY = ("list_users", "list_back_office_tasks")
"""Open to every registered application, whatever its roles."""


@dataclass
class Wire:
    """An application, and the ids it may name."""

    program: Program
    ids: dict[str, str]

    async def ask(
        self,
        name: str,
        body: Any = ...,
        *,
        ids: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Ask a route with its good body or another; `ids` are put in place of the good ones."""
        route = ROUTES[name]
        (method,) = route.http_methods
        known = self.ids | about(name, self.ids) | dict(ids or {})
        sent = filled(BODIES[name], known) if body is ... else body
        content = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        address = path_of(route, known)
        if name == "list_vacancies":
            address += f"?serviceTypeId={known['booked_type_id']}"
        return await self.program.client.request(
            str(method),
            address,
            content=b"" if method == "GET" else content,
            headers=self.program.headers if headers is None else headers,
        )


def about(name: str, ids: Mapping[str, str]) -> dict[str, str]:
    """The routes below a calendar are about the service that is booked."""
    path = min(ROUTES[name].paths, key=len)
    return {"service_id": ids["booked_service_id"]} if "/calendars/" in path else {}


def path_of(route: HTTPRouteHandler, ids: Mapping[str, str]) -> str:
    path = min(route.paths, key=len)
    for name, id in ids.items():
        path = path.replace(f"{{{name}:str}}", id)
    assert "{" not in path, path
    return path


def filled(body: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(body, Mapping):
        return {name: filled(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(one, ids) for one in body]
    return ids.get(body, body) if isinstance(body, str) else body


def in_path(name: str) -> list[str]:
    path = min(ROUTES[name].paths, key=len)
    parts = [part.strip("{}").removesuffix(":str") for part in path.split("/")]
    return [part for part in parts if part.endswith("_id") and part != "application_id"]


def checked(answer: httpx.Response, what: object = "") -> tuple[int, Any]:
    """Status and body of an answer that is one of ours."""
    assert answer.status_code < 500, f"{what}: {answer.text}"
    if answer.status_code < 400:
        return answer.status_code, None
    said = answer.json()
    assert list(said)[:3] == ["errorCode", "message", "field"], what
    assert list(said)[3:] in ([], ["alternatives"]), what
    assert said["message"]
    return answer.status_code, said


@pytest.fixture
async def wire(house: House, demo: Program) -> Wire:
    """The sample's application: Ann is at work, somebody waits, somebody has a time."""
    return Wire(demo, await ids_of(house, demo))


async def ids_of(house: House, program: Program) -> dict[str, str]:
    """Ids of everything that routes and bodies name, in one organization."""
    made = program.made
    surgery = await Surgery.of(house, made, program_of(made))
    await program.sign_in()
    day = date(2026, 3, 3)
    calendar = await surgery.opened(day, hours=(Span(480, 960),))
    booked = await surgery.book(calendar, 480)
    task = BackOfficeTask(made.organization.id, uuid4(), "Filing")
    async with house.acting(system(made.organization.id, "test")) as act:
        await act.store.places.add([task])
        await attendance.track(act, tracked=True)
    first = program.services[0]
    ids = {
        "application_id": made.client.application_id,
        "user_id": made.beginning.agents[0].id,
        "service_id": first.id,
        "type_id": program.type_of(first).id,
        "booked_service_id": surgery.service.id,
        "booked_type_id": surgery.kinds[0].id,
        "day": day,
        "cu_index": 0,
        "case_id": booked.case.id,
        "unit_id": program.things(Unit)[0].id,
        "workspace_id": program.things(Workspace)[0].id,
        "workstation_id": program.things(Desk)[0].id,
        "inbox_id": program.things(Queue)[0].id,
        "tag_id": program.tags[0].id,
        "task_id": task.id,
    }
    known = {name: str(id) for name, id in ids.items()}
    wire = Wire(program, known)
    record = await wire.ask("create_customer")
    known["record_id"] = record.json()["recordId"]
    for name in ("clock_in", "select_workspace"):
        assert (await wire.ask(name)).status_code == 200
    return known


def test_every_route_can_be_asked_here() -> None:
    assert set(BODIES) == set(ROUTES)


async def test_nobody_is_served_without_being_allowed(
    house: House, wire: Wire, other: Program
) -> None:
    less = replace(
        wire.program.made.client,
        id=uuid4(),
        application_id=uuid4(),
        secret_hash=fingerprint(SECRET).hex(),
        roles=(Role.INTEGRATION_ADMIN,),
    )
    async with house.engine.writing() as connection:
        await Store(connection, less.organization_id).people.add(clients=[less])
    without = {**wire.program.credentials, "client_id": str(less.id), "client_secret": SECRET}
    without["scope"] = f"{less.id}/.default"
    given = (await wire.program.client.post(wire.program.token_address, data=without)).json()
    theirs = {"Authorization": f"Bearer {given['access_token']}"}
    await other.sign_in()
    foreign = {"application_id": str(other.made.client.application_id)}
    for name in ROUTES:
        assert checked(await wire.ask(name, headers={}))[0] == 401, name
        assert checked(await wire.ask(name, ids=foreign))[0] == 403, name
        assert checked(await wire.ask(name, headers=other.headers))[0] == 403, name
        own = {"application_id": str(less.application_id)}
        status, _ = checked(await wire.ask(name, ids=own, headers=theirs), name)
        assert status == (200 if name in EVERYBODY else 403), name


async def test_what_is_unknown_and_what_is_foreign_are_the_same(
    house: House, wire: Wire, other: Program
) -> None:
    theirs = await ids_of(house, other)
    await wire.program.sign_in()
    for name in ROUTES:
        for param in in_path(name):
            answers = [
                checked(await wire.ask(name, ids={param: id}), (name, param))
                for id in (LIKE % 1, (theirs | about(name, theirs))[param], "x", "7" * 40)
            ]
            assert answers[0][0] == 404, (name, param)
            assert answers.count(answers[0]) == len(answers), (name, param)
        for property_, id in _ids_in(name):
            body = filled(BODIES[name], wire.ids)
            told: list[tuple[int, str]] = []
            for value in (LIKE % 2, theirs[id]):
                put: Any = [value] if isinstance(body[property_], list) else value
                answer = await wire.ask(name, {**body, property_: put})
                told.append((answer.status_code, answer.text.replace(value, "*")))
            assert told[0][0] in (400, 403, 404, 409), (name, property_)
            assert told[0] == told[1], (name, property_)


def _ids_in(name: str) -> Iterator[tuple[str, str]]:
    for property_, value in BODIES[name].items():
        one = value[0] if isinstance(value, list) and value else value
        if isinstance(one, str) and one.endswith("_id"):
            yield property_, one


async def test_no_value_of_whatever_type_is_a_bug(wire: Wire) -> None:
    for name in BODIES:
        for property_ in BODIES[name]:
            good = filled(BODIES[name], wire.ids)
            rest = {one: value for one, value in good.items() if one != property_}
            checked(await wire.ask(name, rest), (name, property_))
            for value in TYPES:
                what = (name, property_, value)
                checked(await wire.ask(name, {**good, property_: value}), what)


async def test_a_body_that_is_no_object_is_refused_by_everything_that_reads_one(
    wire: Wire,
) -> None:
    for name, route in ROUTES.items():
        if "GET" in route.http_methods:
            continue
        for body in NO_OBJECTS:
            status, said = checked(await wire.ask(name, body), (name, body[:20]))
            assert (status, said["field"]) == (400, None), (name, body[:20])
        for body in (b"", b"null", b" "):
            checked(await wire.ask(name, body), name)
        status, _ = checked(await wire.ask(name, b" " * 2_000_000), name)
        assert status == 413, name
