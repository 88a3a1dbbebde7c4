"""Anything in Q-Flow's language, and the form its errors have."""

from typing import Any
from urllib.parse import urlencode

import httpx
from hypothesis import strategies as some

from nowserving.dialects.qflow import models
from nowserving.dialects.qflow.models import Kind, Model
from nowserving.dialects.qflow.routes import ROUTES
from tests.fuzz.pieces import (
    ANYTHING,
    BYTES,
    KEYS,
    NUMBER,
    TEXT,
    WHEN,
    Call,
    encoded,
    in_path,
    members,
    mostly,
)
from tests.fuzz.world import World

BODIES = {
    ("POST", "Cases"): models.CASE_ENQUEUE,
    ("POST", "Cases/Cancel"): models.CASE_STATUS,
    ("PUT", "Appointments"): models.APPOINTMENT_CREATION,
    ("PATCH", "Appointments"): models.APPOINTMENT_RESCHEDULE,
    ("DELETE", "Appointments"): models.APPOINTMENT_CANCEL,
    ("POST", "Appointments/Checkin"): models.APPOINTMENT_ENQUEUE,
    ("POST", "Appointments/CheckinExtRef"): models.APPOINTMENT_EXT_REF_ENQUEUE,
    ("POST", "Customers"): models.CUSTOMER,
    ("PATCH", "Customers"): models.CUSTOMER,
    ("PUT", "Customers"): models.MERGE_CUSTOMER,
    ("POST", "Calendars/Reserve"): models.RESERVATION,
}
QUERIES = {
    "Customers": models.CUSTOMERS_QUERY,
    "Customers/{id}": models.CUSTOMER_QUERY,
    "Calendars/WeekTimes": models.TIMES_QUERY,
    "Calendars/Times": models.TIMES_QUERY,
    "Statistics/Units": models.STATISTICS_QUERY,
    "Appointments": models.APPOINTMENTS_QUERY,
    "Services": models.SERVICES_QUERY,
    "AppointmentTypes": models.SERVICES_QUERY,
}
NEEDED = {
    ("POST", "Cases/Cancel"): ("CaseId",),
    ("DELETE", "Appointments"): ("ProcessId",),
    ("POST", "Appointments/Checkin"): ("ProcessId",),
    ("POST", "Appointments/CheckinExtRef"): ("ExtRef",),
    ("POST", "Customers"): ("PersonalId",),
    ("PATCH", "Customers"): ("PersonalId",),
    ("PUT", "Customers"): ("PersonalId", "PersonalIdNew"),
}
"""What nothing is done without, although no model says so."""

_WORDS = ["INFO", "SVC-001", "SVC-004", "s1", "s2", "+4930123456", "a@b.example"]
_FEW = some.integers(1, 9)
_KINDS = ["application/json"] * 6 + ["application/x-www-form-urlencoded", "text/plain", ""]
_NUMBERS = {"id": [str(number) for number in range(1, 9)]}


def _kinds(world: World) -> dict[Kind, some.SearchStrategy[Any]]:
    """What a member of each kind mostly holds."""
    day = some.sampled_from(world.known["day"])
    time = some.tuples(day, some.integers(8, 15), some.sampled_from([0, 20, 40]))
    return {
        Kind.INTEGER: mostly(_FEW, NUMBER, of=8),
        Kind.NUMBER_OR_NOTHING: mostly(_FEW, some.none() | NUMBER, of=4),
        Kind.TEXT: some.sampled_from(_WORDS) | TEXT,
        Kind.FLAG: some.booleans(),
        Kind.DATE: mostly(time.map(lambda at: f"{at[0]}T{at[1]:02}:{at[2]:02}:00"), WHEN, of=4),
        Kind.TEXTS: some.lists(TEXT, max_size=3),
        Kind.PROPERTIES: some.dictionaries(TEXT, TEXT, max_size=3),
    }


def _object(world: World, model: Model, *needed: str) -> some.SearchStrategy[dict[str, Any]]:
    """What a model asks for, and a few of its other members."""
    kinds = world.once("qflow kinds", _kinds)
    must = {one.name for one in model.members if one.required} | set(needed)
    return members({one.name: kinds[one.kind] for one in model.members}, *sorted(must))


@some.composite
def calls(draw: some.DrawFn, world: World) -> Call:
    """A call of this language."""
    one = draw(some.sampled_from(ROUTES))
    address, headers = f"/API/{draw(in_path(one.path, _NUMBERS))}", {"X-API-Key": world.qflow.key}
    if one.method == "GET":
        model = QUERIES.get(one.path)
        query = draw(_object(world, model)) if model else {}
        return Call(one.method, f"{address}?{urlencode(_plain(query))}", b"", headers)
    if kind := draw(some.sampled_from(_KINDS)):
        headers["Content-Type"] = kind
    if (key := draw(KEYS)) is not None:
        headers["Idempotency-Key"] = key
    order = one.method, one.path
    whole = _object(world, BODIES[order], *NEEDED.get(order, ()))
    body = draw(mostly(whole, ANYTHING))
    form = "form" in kind and isinstance(body, dict)
    content = urlencode(_plain(body)).encode() if form else encoded(body)
    return Call(one.method, address, draw(mostly(some.just(content), BYTES)), headers)


def _plain(given: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in given.items()}


def check(call: Call, answer: httpx.Response) -> None:
    """No bug of ours, and an error is the framework's."""
    assert answer.status_code < 500, answer.text
    said = answer.json()
    if answer.status_code != 200:
        assert isinstance(said["Message"], str)
        known = {"Message", "ModelState", "MessageDetail", "ErrorNumber"}
        assert set(said) <= known | {"AppointmentEnqueueResult"}
