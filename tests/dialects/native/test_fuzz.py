"""Whatever is sent: never a server error, always a documented answer."""

import json
from typing import Any
from urllib.parse import quote
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from msgspec.structs import fields

from nowserving.dialects.native.contents import OPERATIONS
from nowserving.dialects.native.operations import Operation
from tests.dialects.native.api import Api, check_documented
from tests.dialects.native.conftest import (
    endpoint_of,
    file_on,
    hook_of,
    places_of,
    queued,
    surgery_of,
    token_of,
    upload_to,
)

ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
PLENTY = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@some.composite
def requests(draw: some.DrawFn) -> tuple[Operation, dict[str, str], Any, str, str]:
    """An operation, what stands in its address, its body, its query and a key."""
    operation = draw(some.sampled_from(OPERATIONS))
    ids = {name: draw(some.sampled_from(["good", "odd"])) for name in (*operation.ids, "link")}
    names = [field.name for field in fields(operation.order)] if operation.order else []
    known = some.sampled_from(names) if names else some.text(max_size=5)
    body = draw(some.dictionaries(known, ANYTHING, max_size=4) | ANYTHING)
    asked = [field.name for field in fields(operation.query)] if operation.query else ["x"]
    query = draw(
        some.just("")
        | some.tuples(some.sampled_from(asked), some.text(max_size=20)).map(
            lambda pair: f"?{pair[0]}={quote(pair[1].encode(errors='replace'))}"
        )
    )
    key = draw(some.sampled_from(["", "k"]) | some.text("abc \x80ÿ\t", max_size=5))
    return operation, ids, body, query, key


@PLENTY
@given(asked=requests(), odd=some.text(min_size=1, max_size=40))
async def test_anything_may_be_sent(
    api: Api, asked: tuple[Operation, dict[str, str], Any, str, str], odd: str
) -> None:
    operation, ids, body, query, key = asked
    path = operation.path
    good = await _good_ids(api)
    for name, kind in ids.items():
        value = good[name] if kind == "good" else quote(odd.encode(errors="replace"), safe="")
        path = path.replace(f"{{{name}}}", value)
    headers = {"Authorization": f"Bearer {api.token}"}
    if key.strip():
        headers["Idempotency-Key"] = key.strip()
    answer = await api.asking.request(
        operation.method,
        f"/api/v1{path}{query}",
        content=json.dumps(body),
        headers=[(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    )
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status"} <= answer.json().keys()
    if "/" not in odd and odd not in (".", ".."):
        check_documented(operation.method, path, answer)


@PLENTY
@given(body=some.binary(max_size=60))
async def test_any_bytes_may_be_sent(api: Api, body: bytes) -> None:
    answer = await api.asking.post(
        "/api/v1/cases", content=body, headers={"Authorization": f"Bearer {api.token}"}
    )
    check_documented("POST", "/cases", answer)
    assert answer.status_code in (400, 422)


async def _about_bookings(api: Api) -> dict[str, str]:
    """A calendar and what can be in it."""
    calendar = (await surgery_of(api)).calendar["id"]
    time = {"calendar_id": calendar, "start": 500}
    series = await api.post("/appointments/series", {"times": [time]}, expect=201)
    group = await api.post(
        "/appointments/groups", {**time, "start": 520, "people": [{}]}, expect=201
    )
    held = await api.post(f"/calendars/{calendar}/holds", {"start": 540}, expect=201)
    block = await api.post(f"/calendars/{calendar}/block", {"start": 600, "end": 620}, expect=201)
    me = {"service_id": (await api.get(f"/calendars/{calendar}"))["calendar"]["service_id"]}
    return {
        "calendar_id": calendar,
        "series_id": series["appointments"][0]["appointment"]["series_id"],
        "group_id": group["appointments"][0]["appointment"]["group_id"],
        "hold_id": held["id"],
        "block_id": block["id"],
        "feed_id": (await api.post("/calendar-feeds", me, expect=201))["id"],
    }


async def _good_ids(api: Api) -> dict[str, str]:
    known: dict[str, str] | None = getattr(api, "good_ids", None)
    if known is None:
        places = await places_of(api)
        known = {
            "case_id": await queued(api),
            "unit_id": places.unit["id"],
            "desk_id": places.desks[0]["id"],
            "queue_id": places.queues[0]["id"],
            "service_id": places.services[0]["id"],
            "workspace_id": places.workspaces[0]["id"],
            "endpoint_id": await endpoint_of(api),
            "customer_id": str(UUID(int=7)),
            "filter_id": str(UUID(int=7)),
            "hook_id": await hook_of(api),
            "token_id": await token_of(api),
            **await _about_bookings(api),
            **dict.fromkeys(("attempt_id", "replay_id", "subject_id"), str(UUID(int=9))),
            "link": "1.AAAAAAAAAAAAAAAAAAAAAA",
        }
        known["file_id"] = await file_on(api, known["case_id"])
        known["upload_id"] = await upload_to(api, known["case_id"])
        api.good_ids = known  # type: ignore[attr-defined]
    return known
