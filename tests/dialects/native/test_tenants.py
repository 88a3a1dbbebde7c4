"""What belongs to another organization does not exist: foreign ids answer like unknown ones.

Every operation is asked, from the table of operations: a new one that this file does not
know how to ask fails here.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import add_back_office
from nowserving.cases import moves
from nowserving.cases.moves import State
from nowserving.dialects.native.contents import OPERATIONS
from nowserving.dialects.native.operations import Operation
from nowserving.dialects.native.words import VERBS
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import (
    DATA_TABLE,
    Places,
    Told,
    agent_of,
    case_in,
    endpoint_of,
    file_on,
    hook_of,
    places_of,
    program_of,
    queued,
    surgery_of,
    to_come,
    token_of,
    told_to,
    upload_to,
)

Ids = dict[str, Any]
TOLD = {field.name for field in fields(Told)} - {"case_id"}
PLANNED = State.PLANNED

NOON = datetime.now(UTC).replace(hour=10) - timedelta(days=1)
"""Yesterday, so that whoever signs in now is signed in then."""

CUSTOMERS_TABLE = {
    "name": "Customers",
    "singular": "Customer",
    "plural": "Customers",
    "slug": "customers",
    "title": "{{customer-name}}",
    "fields": [
        {"name": "Customer ID", "slug": "customer-id", "key": True},
        {"name": "Name", "slug": "customer-name", "required": True, "contact": "name"},
        {"name": "Phone", "slug": "customer-phone", "contact": "phone"},
        {"name": "E-mail", "slug": "customer-email", "contact": "email"},
    ],
}

GOOD: dict[str, dict[str, Any]] = {
    "queue_up": {"service_ext_ref": "SVC-003", "phone": "030 123456"},
    "correct_case": {"priority": 1},
    "add_note": {"text": "Hello."},
    "hold": {},
    "cancel": {},
    "resolve": {},
    "call": {},
    "start": {},
    "transfer": {"queue_id": "queue_id"},
    "call_next": {"workspace_id": "workspace_id"},
    "start_next": {"workspace_id": "workspace_id"},
    "sit_down": {},
    "track_attendance": {"tracked": False},
    "clock_in": {"unit_id": "unit_id"},
    "clock_out": {},
    "become_unavailable": {"reason": "break"},
    "choose_unit": {"unit_id": "unit_id"},
    "choose_workspace": {"workspace_id": "workspace_id"},
    "add_api_token": {"name": "CRM", "kind": "external", "customer_id": "customer_id"},
    "add_hook": {"kind": "queue_up", "url": "https://localhost/ask"},
    "change_hook": {"name": "CRM"},
    "add_endpoint": {"dialect": "native", "url": "https://localhost/"},
    "change_endpoint": {"version": 1},
    "roll_endpoint_secret": {},
    "open_case": {"service_ext_ref": "SVC-101", "title": "Broken lamp"},
    "assign": {"owner_id": "agent_id"},
    "set_status": {"status_id": "status_id"},
    "merge_case": {"into_id": "other_id"},
    "write_to_customer": {"text": "Hello."},
    "link_cases": {"other_id": "other_id", "kind": "related"},
    "unlink_cases": {"other_id": "linked_id", "kind": "blocks"},
    "save_filter": {"name": "Mine"},
    "add_status": {"name": "Stuck", "state": "waiting", "condition": "open"},
    "change_status": {"name": "Stuck"},
    "add_priority": {"name": "Soon", "level": 1},
    "change_priority": {"name": "Soon"},
    "add_inbox": {"unit_id": "unit_id", "name": "Inbox"},
    "change_inbox": {"name": "Inbox"},
    "add_code": {"kind": "procedure_option", "code": "X", "name": "Extra"},
    "change_code": {"name": "Renamed"},
    "change_unit": {"ext_ref": "BR-1"},
    "change_service": {"ext_ref": "SVC-003"},
    "add_type": {"category_id": "category_id", "name": "Kind"},
    "change_type": {"name": "Kind"},
    "add_field": {"category_id": "category_id", "name": "Color"},
    "change_field": {"position": 1},
    "send_again": {},
    "create_customer": {"name": "Ada"},
    "change_customer": {"name": "Augusta"},
    "upsert_customer": {"kind": "id", "value": "1", "name": "Ada"},
    "merge_customer": {"into_id": "other_customer_id"},
    "set_customers_table": CUSTOMERS_TABLE,
    "add_data_table": DATA_TABLE,
    "set_data_table": {**DATA_TABLE, "slug": "boats"},
    "add_data_record": {"fields": {"plate-number": "B NS 2"}},
    "change_data_record": {"fields": {"plate-number": "B NS 3"}},
    "add_application": {"name": "Booking site", "roles": ["appointments_manager"]},
    "set_booking_plan": {"template": {"weekdays": [{}] * 7}},
    "open_calendar": {"day": "new_day", "hours": [{"start": 480, "end": 960}]},
    "open_days": {"first": "2099-01-01", "last": "2099-01-02"},
    "switch_booking": {},
    "allocate_calendar": {"agent_id": None},
    "block_time": {"start": 600, "end": 620},
    "set_suits": {"index": 0, "suits": ["wheelchair"]},
    "set_merge": {"merge": "on_time"},
    "make_feed": {"service_id": "booked_id"},
    "hold_time": {"start": "start"},
    "hold_longer": {"minutes": 5},
    "book": {"calendar_id": "calendar_id", "start": "start"},
    "book_first_available": {"service_id": "booked_id", "first": "first"},
    "book_series": {"times": "times"},
    "book_group": {"calendar_id": "calendar_id", "start": "start", "people": [{}]},
    "reschedule": {"calendar_id": "calendar_id", "start": "start"},
    "call_off": {},
    "call_off_series": {},
    "call_off_group": {},
    "check_in": {"override": True},
    "check_in_by": {"code": "code", "override": True},
    "put_into_calendar": {},
    "ask_replay": {"case_id": "case_id", "version": 1},
}
"""A body that is accepted, for each operation that has one; the name of an id stands for it."""

MAY_BE_NOTHING = {"get_customer_by_key", "get_data_record_by_key", "resume_lane", "send_again"}
"""What is ours, and yet there is nothing of the kind: no such key, nothing parked or given up."""

HEADERS = {
    "begin_upload": {"Tus-Resumable": "1.0.0", "Upload-Length": "5"},
    "drop_upload": {"Tus-Resumable": "1.0.0"},
    "go_on_with_upload": {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    },
}
"""What some operations want beside."""

FOR_PEOPLE = {
    "sit_down",
    "get_up",
    "leave_desk",
    "track_attendance",
    "set_customers_table",
    *("add_data_table", "set_data_table", "remove_data_table", "get_groups"),
    *("add_status", "change_status", "add_priority", "change_priority"),
    *("add_inbox", "change_inbox", "add_code", "change_code", "change_unit", "change_service"),
    *("add_type", "change_type", "add_field", "change_field"),
    *(operation.name for operation in OPERATIONS if "/me" in operation.path),
}
"""What a program cannot do: it sits nowhere, comes to no work, leads nobody, manages no places."""

QUERY: dict[str, dict[str, str]] = {
    "get_calendars": {"first": "2099-01-01", "last": "2099-01-02"},
    "get_vacancies": {},
    "get_appointments": {"first": "2099-01-01", "last": "2099-01-02"},
    "get_expected": {"customer_id": "customer_id"},
    "get_data_record_by_key": {"slug": "plate-number", "value": "x"},
    "get_data_records_elsewhere": {"text": "x"},
}
"""What must be asked for in a query; the name of an id stands for it."""

INSTEAD = {
    ("queue_up", "service_id"): "service_ext_ref",
    ("call_next", "queue_ids"): "workspace_id",
    ("make_feed", "agent_id"): "service_id",
    ("check_in_by", "customer_id"): "code",
}
"""What must make room for an id in a body."""


def with_ids() -> Iterator[tuple[Operation, str]]:
    """Each operation with each place in it where an id can stand."""
    for operation in OPERATIONS:
        if operation.caller.value == "token":
            for name in operation.ids:
                yield operation, f"path:{name}"
            for where, order in (("body", operation.order), ("query", operation.query)):
                for field in msgspec.structs.fields(order) if order is not None else ():
                    if "UUID" in str(field.type):
                        yield operation, f"{where}:{field.name}"


CASES = list(with_ids())


def test_the_generator_finds_ids_everywhere() -> None:
    assert {place.partition(":")[0] for _, place in CASES} == {"path", "body", "query"}
    assert len(CASES) > 40


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize("who", ["program", "agent"])
async def test_a_foreign_id_is_an_unknown_id(
    who: str,
    client: httpx.AsyncClient,
    branch: Sample,
    *,
    other: Sample,
    api: Api,
    house: House,
) -> None:
    asking = api if who == "program" else await agent_of(client, branch, "eve")
    stranger = await program_of(client, other)
    for sample in (branch, other):
        await add_back_office(house, await house.directory(sample.organization.id))
    ours = {**_ids(await places_of(api)), **await work_ids(api, branch)}
    theirs = {**_ids(await places_of(stranger)), **await work_ids(stranger, other)}
    theirs |= await _booked(stranger, 0)
    ours |= await _booked(api, 0)
    theirs |= {"case_id": await queued(stranger), "endpoint_id": await endpoint_of(stranger)}
    theirs["hook_id"], ours["hook_id"] = await hook_of(stranger), await hook_of(api)
    theirs["token_id"], ours["token_id"] = await token_of(stranger), await token_of(api)
    theirs |= await _files(stranger, theirs["case_id"])
    theirs |= asdict(await told_to(house, theirs["endpoint_id"], theirs["case_id"]))
    compared = 0
    ready: dict[Any, Ids] = {}
    for operation, place in CASES:
        needs = _needs(operation)
        if needs not in ready:  # what is refused uses nothing up: it does for the next one too
            case_id = await case_for(api, operation)
            made = await _anew(house, api, asking, operation, case_id)
            ready[needs] = {"case_id": case_id, **made}
        answers = []
        for foreign in (theirs[_kind(place)], str(uuid4())):
            path, body = _request(operation, {**ours, **ready[needs]}, place, foreign)
            answer = await asking.asking.request(
                operation.method,
                f"/api/v1{path}",
                json=body,
                headers={
                    "Authorization": f"Bearer {asking.token}",
                    **HEADERS.get(operation.name, {}),
                },
            )
            answers.append((answer.status_code, answer.text.replace(foreign, "the id")))
        said = f"{operation.method} {operation.path} with a foreign {place}: {answers}"
        assert answers[0] == answers[1], said
        assert answers[0][0] in ({404} if place.startswith("path") else {404, 422}), said
        compared += 1
    assert compared == len(CASES)


@pytest.mark.usefixtures("noon", "back_office")
async def test_every_operation_accepts_what_is_ours(
    house: House, api: Api, agent: Api, branch: Sample
) -> None:
    """Otherwise the test above would compare refusals for another reason."""
    places = await places_of(api)
    hook_id, token_id = await hook_of(api), await token_of(api)
    for at, operation in enumerate(OPERATIONS):
        if operation.caller.value != "token" or operation.name in FOR_PEOPLE:
            continue
        ids = {**_ids(places), **await work_ids(api, branch, _named(operation))}
        case_id = await case_for(api, operation)
        if operation.name == "unlink_cases":
            link = {"other_id": ids["linked_id"], "kind": "blocks"}
            await api.post(f"/cases/{case_id}/links", link)
        ids |= {"case_id": case_id, "hook_id": hook_id, "token_id": token_id}
        ids |= await _anew(house, api, api, operation, case_id)
        if operation.chapter in ("Calendars", "Appointments"):
            ids |= await _booked(api, at)
            if "appointment" in operation.path:
                ids["case_id"] = await case_in(api, State.PLANNED)
        path, body = _request(operation, ids)
        answer = await api.asking.request(
            operation.method,
            f"/api/v1{path}",
            json=body,
            headers={
                "Authorization": f"Bearer {api.token}",
                **HEADERS.get(operation.name, {}),
            },
        )
        assert (
            answer.status_code in (200, 201, 202, 204, 429) or operation.name in MAY_BE_NOTHING
        ), (
            operation.name,
            answer.text,
        )
    assert (await agent.post(f"/desks/{places.desks[3]['id']}/sit-down"))["number"] == 4


async def test_a_token_opens_its_own_organization_only(
    client: httpx.AsyncClient, other: Sample, api: Api
) -> None:
    stranger = await program_of(client, other)
    assert (await stranger.get("/organization"))["slug"] == "other"
    assert (await api.get("/organization"))["slug"] == "demo"
    number, _, rest = str(api.token).partition(".")
    assert number == "1"
    await Api(client, f"2.{rest}").get("/organization", expect=401)


async def test_a_key_of_another_organization_is_another_key(
    client: httpx.AsyncClient, other: Sample, api: Api
) -> None:
    stranger = await program_of(client, other)
    order = {"service_number": 1}
    ours = await api.post("/cases", order, key="same", expect=201)
    theirs = await stranger.post("/cases", order, key="same", expect=201)
    assert ours["case"]["id"] != theirs["case"]["id"]
    await stranger.get(f"/cases/{ours['case']['id']}", expect=404)


def _request(
    operation: Operation, ids: Ids, place: str = "", foreign: str = ""
) -> tuple[str, dict[str, Any] | None]:
    """An address and a body in which one id, perhaps, is foreign."""
    where, _, wanted = place.partition(":")
    path = operation.path
    for name in operation.ids:
        path = path.replace(f"{{{name}}}", foreign if place == f"path:{name}" else ids[name])
    queried = QUERY.get(operation.name, {})
    if where == "query":
        queried = {**queried, wanted: foreign}
    if queried:
        path += "?" + "&".join(f"{name}={ids.get(to, to)}" for name, to in queried.items())
    if operation.name == "add_files":
        return path, {"files": [{"content": "SGVsbG8="}]}
    if not msgspec.structs.fields(operation.order) if operation.order else True:
        return path, None
    body = {
        name: ids.get(value, value) if isinstance(value, str) else value
        for name, value in GOOD[operation.name].items()
    }
    if where == "body":
        body.pop(INSTEAD.get((operation.name, wanted), ""), None)
        body[wanted] = [foreign] if wanted.endswith("_ids") else foreign
    return path, body


@pytest.fixture
def noon(house: House) -> None:
    """The clock stands still while there is most of a day ahead of us."""
    house.clock = lambda: NOON


async def _booked(api: Api, index: int) -> Ids:
    """A calendar of that day, and all that there can be in it."""
    day, whole = NOON.date().isoformat(), [{"start": 0, "end": 1440}]
    made = await surgery_of(api, day=day, index=index, hours=whole)
    calendar = made.calendar["id"]
    time = {"calendar_id": calendar, "start": 1200}
    series = await api.post("/appointments/series", {"times": [time]}, expect=201)
    group = await api.post(
        "/appointments/groups", {**time, "start": 1220, "people": [{}]}, expect=201
    )
    held = await api.post(f"/calendars/{calendar}/holds", {"start": 1240}, expect=201)
    block = await api.post(f"/calendars/{calendar}/block", {"start": 0, "end": 60}, expect=201)
    feed = await api.post("/calendar-feeds", {"service_id": made.service["id"]}, expect=201)
    return {
        "booked_id": made.service["id"],
        "service_id": made.service["id"],
        "calendar_id": calendar,
        "series_id": series["appointments"][0]["appointment"]["series_id"],
        "group_id": group["appointments"][0]["appointment"]["group_id"],
        "code": series["appointments"][0]["code"],
        "hold_id": held["id"],
        "block_id": block["id"],
        "feed_id": feed["id"],
        "start": 1300,
        "first": day,
        "new_day": to_come(100),
        "times": [{"calendar_id": calendar, "start": 1300}],
    }


def _named(operation: Operation) -> set[str]:
    """The ids that a request for the operation names, in its path, its query and its body."""
    given = [*GOOD.get(operation.name, {}).values(), *QUERY.get(operation.name, {}).values()]
    return {*operation.ids, *(value for value in given if isinstance(value, str))}


def _needs(operation: Operation) -> tuple[object, ...]:
    """Operations of which this is the same can be asked with the same case and what is with it."""
    state = "new" if operation.name == "take_up" else _state_for(operation)
    return state, *sorted(_named(operation) & {"endpoint_id", *TOLD, "file_id", "upload_id"})


async def _anew(house: House, api: Api, asking: Api, operation: Operation, case_id: str) -> Ids:
    """What the operation names and an operation before it may have used up."""
    named, made = _named(operation), dict[str, Any]()
    if named & {"endpoint_id", *TOLD}:
        made["endpoint_id"] = await endpoint_of(api)
    if named & TOLD:
        made |= asdict(await told_to(house, made["endpoint_id"], case_id))
    if named & {"file_id", "upload_id"}:
        made |= await _files(asking, case_id)
    return made


async def _files(api: Api, case_id: str) -> Ids:
    return {"file_id": await file_on(api, case_id), "upload_id": await upload_to(api, case_id)}


def _ids(places: Places) -> Ids:
    service = next(one for one in places.services if one["ext_ref"] == "SVC-003")
    found = {
        "unit_id": places.unit["id"],
        "desk_id": places.desks[0]["id"],
        "queue_id": next(one["id"] for one in places.queues if one["name"] == "Consulting"),
        "workspace_id": places.workspaces[0]["id"],
        "outcome_id": places.outcomes[0]["id"],
        "tag_id": places.tags[0]["id"],
        "service_id": service["id"],
        "type_id": service["types"][0]["id"],
        "category_id": service["category_id"],
        "field_id": next(one["id"] for of in places.services for one in of["fields"]),
        "task_id": str(UUID(int=8)),
    }
    return {**found, **{f"{name}s": id for name, id in found.items()}}


async def work_ids(api: Api, branch: Sample, named: set[str] | None = None) -> Ids:
    """Ids of whatever else can be named, or of what is: each made anew, for some are used up."""
    agent = str(branch.beginning.agents[0].id)
    found = dict.fromkeys(("agent_id", "owner_id", "assigned_to"), agent)
    found["group_id"] = str(branch.beginning.groups[0].id)
    for name, make in MADE.items():
        if named is None or name in named:
            found[name] = await make(api)
    if named is None or {"table_id", "record_id"} & named:
        found |= await _data_ids(api, branch)
    if named is None or "into_id" in named:
        found["into_id"] = found.get("other_id") or await queued(api)
    return {**found, **{f"{name}s": id for name, id in found.items()}}


async def _status(api: Api) -> str:
    return str((await api.get("/statuses"))["statuses"][0]["id"])


async def _priority(api: Api) -> str:
    return str((await api.get("/priorities"))["priorities"][0]["id"])


async def _code(api: Api) -> str:
    return str((await api.get("/codes"))["codes"][0]["id"])


async def _filter(api: Api) -> str:
    return str((await api.post("/case-filters", {"name": "x"}, expect=201))["id"])


async def _customer(api: Api) -> str:
    return str((await api.post("/customers", {"name": "Ada"}, expect=201))["customer"]["id"])


async def _data_ids(api: Api, branch: Sample) -> Ids:
    """A table of the organization's own, made once, and a record in it made anew."""
    tables = (await api.get("/data-tables"))["tables"]
    if not tables:
        eve = await agent_of(api.asking, branch, "eve")
        tables = [await eve.post("/data-tables", {**DATA_TABLE, "slug": "planes"}, expect=201)]
    table = tables[0]["id"]
    order = {"fields": {"plate-number": uuid4().hex}}
    made = await api.post(f"/data-tables/{table}/records", order, expect=201)
    return {"table_id": table, "record_id": made["id"]}


async def _letter(api: Api) -> str:
    asked = {"service_ext_ref": "SVC-101", "email": "ada@example.org"}
    id = (await api.post("/cases/open", asked, expect=201))["case"]["id"]
    await api.post(f"/cases/{id}/messages", {"text": "Hello."}, expect=201)
    return str((await api.get(f"/cases/{id}/messages"))["letters"][0]["id"])


MADE: dict[str, Callable[[Api], Awaitable[str]]] = {
    "status_id": _status,
    "priority_id": _priority,
    "code_id": _code,
    "filter_id": _filter,
    "letter_id": _letter,
    **dict.fromkeys(("parent_id", "other_id", "linked_id"), queued),
    **dict.fromkeys(("customer_id", "other_customer_id"), _customer),
}
"""How each id comes to be."""


async def case_for(api: Api, operation: Operation) -> str:
    """A case to which this can be done."""
    if operation.name == "take_up":
        opened = await api.post("/cases/open", {"service_ext_ref": "SVC-101"}, expect=201)
        return str(opened["case"]["id"])
    return await case_in(api, _state_for(operation))


def _kind(place: str) -> str:
    return place.partition(":")[2]


def _state_for(operation: Operation) -> State:
    """A state in which the operation is possible."""
    verb = operation.path.rpartition("/")[2]
    for move, word in VERBS.items():
        if word == verb and "{case_id}" in operation.path:
            return min(move.when - {State.PLANNED, State.ABANDONED, State.NO_SHOW}, default=PLANNED)
    return State.WAITING


def test_each_verb_has_a_state_to_begin_from() -> None:
    assert _state_for(next(one for one in OPERATIONS if one.name == "close")) in moves.CLOSE.when
