"""Whatever is asked of this door, the answer has its form and is never a bug of ours."""

from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nowserving.dialects.qflow import models
from nowserving.dialects.qflow.models import Kind, Member, Model
from nowserving.dialects.qflow.routes import ROUTES
from tests.dialects.qflow.conftest import Program

ONCE_FOR_ALL = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
SINGLE = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
ANYTHING = st.recursive(
    SINGLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OF_KIND: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.INTEGER: st.integers(-2, 6) | st.integers(-(2**65), 2**65),
    Kind.NUMBER_OR_NOTHING: st.none() | st.integers(-2, 6) | st.integers(-(2**65), 2**65),
    Kind.TEXT: TEXT | st.sampled_from(["INFO", "SVC-001", "s1"]),
    Kind.FLAG: st.booleans(),
    Kind.DATE: st.datetimes().map(str) | st.just("2026-03-02T10:00:00"),
    Kind.TEXTS: st.lists(TEXT, max_size=3),
    Kind.PROPERTIES: st.dictionaries(TEXT, TEXT, max_size=3),
}
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
    "Customers/s1": models.CUSTOMER_QUERY,
    "Calendars/WeekTimes": models.TIMES_QUERY,
    "Calendars/Times": models.TIMES_QUERY,
    "Statistics/Units": models.STATISTICS_QUERY,
    "Appointments": models.APPOINTMENTS_QUERY,
    "Services": models.SERVICES_QUERY,
    "AppointmentTypes": models.SERVICES_QUERY,
}


def _of(member: Member) -> st.SearchStrategy[Any]:
    return st.one_of(OF_KIND[member.kind], OF_KIND[member.kind], ANYTHING)


def bodies(model: Model) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional={one.name: _of(one) for one in model.members})


CALLS = st.one_of(*(st.tuples(st.just(call), bodies(model)) for call, model in BODIES.items()))
ASKED = st.one_of(
    *(
        st.tuples(
            st.just(path),
            st.fixed_dictionaries(
                {}, optional={one.name: OF_KIND[one.kind].map(str) for one in model.members}
            ),
        )
        for path, model in QUERIES.items()
    )
)


def must_have_the_form(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    said = answer.json()
    if answer.status_code != 200:
        assert isinstance(said["Message"], str)
        known = {"Message", "ModelState", "MessageDetail", "ErrorNumber"}
        assert set(said) <= known | {"AppointmentEnqueueResult"}


def test_every_order_is_among_them() -> None:
    assert set(BODIES) == {(one.method, one.path) for one in ROUTES if one.method != "GET"}


@ONCE_FOR_ALL
@given(call=CALLS)
async def test_any_body_is_answered(qflow: Program, call: tuple[tuple[str, str], Any]) -> None:
    (method, path), body = call
    must_have_the_form(
        await qflow.ask(
            method,
            path,
            content=msgspec.json.encode(body),
            headers={"Content-Type": "application/json"},
        )
    )


@ONCE_FOR_ALL
@given(
    path=st.sampled_from(sorted(BODIES)),
    body=st.binary(max_size=200) | ANYTHING.map(msgspec.json.encode),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain"]),
)
async def test_any_bytes_are_answered(
    qflow: Program, path: tuple[str, str], body: bytes, kind: str
) -> None:
    headers = {"Content-Type": kind}
    must_have_the_form(await qflow.ask(path[0], path[1], content=body, headers=headers))


@ONCE_FOR_ALL
@given(asked=ASKED)
async def test_any_query_is_answered(qflow: Program, asked: tuple[str, dict[str, str]]) -> None:
    must_have_the_form(await qflow.ask("GET", asked[0], params=asked[1]))


@ONCE_FOR_ALL
@given(
    first=st.sampled_from(["Cases", "Customers", "Tickets/Waiting", "Units", "x"]),
    rest=TEXT.filter(lambda text: text not in ("", ".", "..")),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
)
async def test_any_address_is_answered(qflow: Program, first: str, rest: str, method: str) -> None:
    must_have_the_form(await qflow.ask(method, f"{first}/{quote(rest, safe='')}"))
