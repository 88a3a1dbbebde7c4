"""Whatever is asked of the Database API, the answer has its form and is never a bug of ours."""

from typing import Any
from urllib.parse import quote

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dialects.vcc.conftest import Program

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
WHEN = st.datetimes().map(str) | st.dates().map(str) | st.from_regex(r"[0-9T:.+Z -]{0,30}") | TEXT
QUERY = {
    "start": st.integers(-5, 2**70).map(str) | TEXT,
    "limit": st.integers(-5, 2**70).map(str) | TEXT,
    "userId": st.integers(-5, 9).map(str) | TEXT,
    "createdBy": st.integers(-5, 9).map(str) | TEXT,
    "ticketNo": st.from_regex(r"2-[0-9]{8}-[0-9]{6,13}") | TEXT,
    "dateFrom": WHEN,
    "dateTo": WHEN,
    "dateField": st.sampled_from(["firstOpenTime", "softDeadline", "lastCloseTime"]) | TEXT,
}
FORM = st.dictionaries(
    st.sampled_from(["name", "email", "phone1", "company", "Company"]) | TEXT, SINGLE, max_size=4
)
RECORD = st.fixed_dictionaries(
    {"form": FORM | ANYTHING},
    optional={
        "contacts": st.lists(FORM, max_size=2) | ANYTHING,
        "phone_field": st.sampled_from(["phone1", "phone9"]) | ANYTHING,
        "premium": ANYTHING,
        "disposition": ANYTHING,
    },
)
DISPOSITION = st.fixed_dictionaries(
    {"dispositionid": st.integers(-1, 4) | ANYTHING, "userid": st.integers(-1, 6) | ANYTHING},
    optional={"description": ANYTHING, "next_calldate": ANYTHING, "avoid_in_call": ANYTHING},
)


def must_have_the_form(answer: Any, *statuses: int) -> None:
    assert answer.status_code in statuses, answer.text
    said = answer.json()
    assert set(said) - {"messages"} == {"response", "errors"}
    assert (said["errors"] == []) == (answer.status_code == 200)
    for error in said["errors"]:
        assert set(error) == {"errorcode", "errormessage", "detail"}
        assert error["errorcode"] == answer.status_code


@ONCE_FOR_ALL
@given(query=st.fixed_dictionaries({}, optional=QUERY))
async def test_any_query_is_answered(vcc: Program, query: dict[str, str]) -> None:
    must_have_the_form(await vcc.ask("/projects/2/tickets", **query), 200, 417)


@ONCE_FOR_ALL
@given(query=st.binary(max_size=60))
async def test_any_bytes_of_a_query_are_answered(vcc: Program, query: bytes) -> None:
    path = f"/v2/projects/2/tickets?{quote(query, safe='=&;+%')}"
    answer = await vcc.client.get(path, auth=(vcc.user, vcc.password))
    must_have_the_form(answer, 200, 417)


@ONCE_FOR_ALL
@given(body=RECORD | ANYTHING, project=st.integers(1, 3))
async def test_any_record_is_answered(vcc: Program, body: Any, project: int) -> None:
    must_have_the_form(await vcc.post(f"/projects/{project}/records", body), 200, 417)


@ONCE_FOR_ALL
@given(body=DISPOSITION | ANYTHING)
async def test_any_disposition_is_answered(vcc: Program, body: Any) -> None:
    number = (await vcc.post("/projects/2/records", {"form": {"name": "Ada"}})).json()["response"]
    answer = await vcc.post(f"/projects/2/records/{number}/dispositions", body)
    must_have_the_form(answer, 200, 417)


@ONCE_FOR_ALL
@given(body=st.binary(max_size=200) | ANYTHING.map(msgspec.json.encode))
async def test_any_bytes_are_answered(vcc: Program, body: bytes) -> None:
    answer = await vcc.client.post(
        "/v2/projects/2/records", content=body, auth=(vcc.user, vcc.password)
    )
    must_have_the_form(answer, 200, 417)


@ONCE_FOR_ALL
@given(path=st.lists(TEXT, max_size=4), method=st.sampled_from(["GET", "POST", "DELETE"]))
async def test_any_address_below_the_door_is_answered(
    vcc: Program, path: list[str], method: str
) -> None:
    address = "/".join(quote(part, safe="") for part in path if part not in ("", ".", ".."))
    answer = await vcc.client.request(method, f"/v2/x{address}", auth=(vcc.user, vcc.password))
    must_have_the_form(answer, 404)


@ONCE_FOR_ALL
@given(number=TEXT.filter(lambda text: text not in ("", ".", "..")))
async def test_any_number_in_an_address_is_answered(vcc: Program, number: str) -> None:
    told = quote(number, safe="")
    for wanted in (
        f"/projects/{told}",
        f"/projects/{told}/tickets",
        f"/projects/2/{told}",
        f"/projects/2/tickets/{told}",
        f"/projects/2/records/{told}",
        f"/projects/2/records/{told}/{told}",
        f"/projects/2/records/1/dispositions/{told}",
        f"/users/{told}",
    ):
        must_have_the_form(await vcc.ask(wanted), 200, 404, 405)
