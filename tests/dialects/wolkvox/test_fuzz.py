"""Whatever is sent to wolkvox' door, the answer has its form and is never a bug of ours."""

from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nowserving.dialects.wolkvox.queries import FIELDS
from nowserving.dialects.wolkvox.routes import PREFIX
from nowserving.dialects.wolkvox.words import NAME_OF
from tests.dialects.wolkvox.conftest import Crm

ONCE_FOR_ALL = settings(
    max_examples=40,
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
KEYS = (
    "case-type",
    "responsible",
    "owner",
    "contact",
    "description",
    "form",
    "status",
    "priority",
    "attachments",
    "solution",
)
CHANGES = st.dictionaries(st.sampled_from(KEYS) | TEXT, ANYTHING, max_size=4)
MODULES = st.sampled_from(["cases", "contacts", "wolkvox_activities"]) | ANYTHING
CUSTOM = st.fixed_dictionaries(
    {"module": MODULES},
    optional={
        "fields": ANYTHING | st.lists(CHANGES, max_size=2) | CHANGES,
        "field": st.sampled_from(FIELDS) | ANYTHING,
        "value": ANYTHING,
        "limit": ANYTHING,
        "date": st.just(True) | ANYTHING,
        "from": st.datetimes().map(str) | st.just("2024-01-01 00:00") | ANYTHING,
        "to": st.datetimes().map(str) | st.just("2034-01-01 00:00") | ANYTHING,
        "wolkvox-id": st.from_regex(r"[0-9a-f]{24}") | ANYTHING,
        "multiple": ANYTHING,
    },
)
CALLS = ("insert", "insertMany", "update", "query", "queryDates", "delete")


def must_have_the_form(answer: httpx.Response) -> None:
    """An envelope with the four keys, and no 5xx."""
    assert answer.status_code < 500, answer.text
    said = answer.json()
    assert [*said][:4] == ["code", "error", "msg", "data"]
    assert int(said["code"]) == answer.status_code
    assert said["error"] == ("null" if answer.status_code == 200 else NAME_OF[answer.status_code])


@ONCE_FOR_ALL
@given(changes=CHANGES)
async def test_any_case_is_answered(crm: Crm, changes: dict[str, Any]) -> None:
    answer = await crm.post("/cases/insertAttach.php", {**crm.case, **changes})
    must_have_the_form(answer)
    if answer.status_code == 200:
        edit = {"operation": crm.operation, "wolkvox-id": answer.json()["data"]["wolkvox_id"]}
        again = await crm.post("/cases/update.php", {**changes, **edit})
        must_have_the_form(again)


@ONCE_FOR_ALL
@given(field=st.sampled_from(FIELDS) | TEXT, value=ANYTHING, limit=ANYTHING)
async def test_any_query_is_answered(crm: Crm, field: str, value: Any, limit: Any) -> None:
    asked = {"operation": crm.operation, "field": field, "value": value, "limit": limit}
    must_have_the_form(await crm.post("/cases/queryCases.php", asked))
    outside = {"Wolkvox-Token": crm.external}
    must_have_the_form(await crm.post("/cases/listHistoryNote.php", asked, **outside))


@ONCE_FOR_ALL
@given(call=st.sampled_from(CALLS), body=CUSTOM)
async def test_any_generic_call_is_answered(crm: Crm, call: str, body: dict[str, Any]) -> None:
    must_have_the_form(await crm.ask(f"/custom/{call}.php", **body))


@ONCE_FOR_ALL
@given(
    body=st.binary(max_size=200) | ANYTHING.map(msgspec.json.encode),
    kind=st.sampled_from(
        ["application/json", "multipart/form-data; boundary=x", "multipart/x", "text/plain"]
    ),
)
async def test_any_bytes_are_answered(crm: Crm, body: bytes, kind: str) -> None:
    for path in ("/cases/insert.php", "/custom/query.php"):
        for told in ({"Wolkvox-Token": crm.token}, {}):
            headers = {"Content-Type": kind, **told}
            answer = await crm.client.post(f"{PREFIX}{path}", content=body, headers=headers)
            must_have_the_form(answer)


@ONCE_FOR_ALL
@given(path=st.lists(TEXT, max_size=4), method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]))
async def test_any_address_below_the_door_is_answered(
    crm: Crm, path: list[str], method: str
) -> None:
    address = "/".join(quote(part, safe="") for part in path if part not in ("", ".", ".."))
    for below in ("x", "cases/x", "cases/insert.php/", "token/"):
        answer = await crm.client.request(method, f"{PREFIX}/{below}{address}")
        must_have_the_form(answer)
