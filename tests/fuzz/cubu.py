"""Anything in Cubu's language, and the form its errors have."""

from typing import Any

import httpx
from hypothesis import strategies as some

from nowserving.dialects.cubu.routes import HANDLERS
from tests.fuzz.pieces import (
    BYTES,
    KEYS,
    NUMBER,
    SINGLE,
    TEXT,
    Call,
    bodies,
    in_path,
    mostly,
    one_of,
)
from tests.fuzz.world import World

TOKEN = "/oauth2/"
_FORMS = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
_BEGIN = b'--x\r\nContent-Disposition: form-data; name="grant_type"\r\n'


NEEDED = {
    "services/{service_id:str}/cases": ("serviceTypeId", "channel"),
    "units/_current": ("unitId",),
    "workspaces/_current": ("workspaceId",),
    "clockIn": ("unitId",),
    "clockOut": ("clockOutReason",),
    "becomeUnavailable": ("unavailabilityReason",),
    "startNext": ("workstationId",),
    "{cu_index:str}/appointments": ("serviceTypeId", "startTime", "cusotmerRecordId"),
    "customers": ("fields",),
    "{record_id:str}": ("fields",),
    "customers/query": ("queryType", "recordId", "fieldSlug", "fieldValue"),
}
"""What must be said in a body at the addresses that end so."""


@some.composite
def calls(draw: some.DrawFn, world: World) -> Call:
    """A call of this language."""
    offered = world.once("cubu", lambda _: _offered())
    method, path = draw(some.sampled_from(offered))
    known = (
        {**world.known, "service_id": world.known["booked_id"]} if "{day" in path else world.known
    )
    address = draw(in_path(path, known))
    headers = dict(world.cubu.headers)
    if (key := draw(KEYS)) is not None:
        headers["Idempotency-Key"] = key
    if TOKEN in path:
        headers["Content-Type"] = draw(some.sampled_from([*_FORMS, "application/json"]))
        rest = draw(BYTES)
        return Call(method, address, draw(some.sampled_from([b"", _BEGIN])) + rest, headers, path)
    if method == "GET":
        name = draw(some.sampled_from(["serviceTypeId", "customerRecordId", "x"]))
        ids = one_of(world.known, "type_id", "customer_id")
        query = httpx.QueryParams({name: draw(mostly(ids, TEXT))})
        return Call(method, f"{address}?{query}", b"", headers, path)
    needed = next((names for end, names in NEEDED.items() if path.endswith(end)), ())
    content = draw(world.once(f"cubu {needed}", lambda _: bodies(_members(world), *needed)))
    return Call(method, address, content, headers, path)


def _offered() -> list[tuple[str, str]]:
    return [
        (str(method), path)
        for handler in HANDLERS
        for method in sorted(handler.http_methods)
        for path in sorted(handler.paths)
        if str(method) not in ("OPTIONS", "HEAD")
    ]


def _members(world: World) -> dict[str, some.SearchStrategy[Any]]:
    def ids(*names: str) -> some.SearchStrategy[str]:
        return one_of(world.known, *names)

    flag = some.booleans() | some.sampled_from(["true", "False"])
    fields = some.dictionaries(ids("field_id"), SINGLE, max_size=3)
    named = some.fixed_dictionaries(
        {"value": SINGLE}, optional={"slug": TEXT, "fieldTypeId": ids("field_id"), "data": fields}
    )
    return {
        "serviceTypeId": ids("type_id"),
        "cusotmerRecordId": ids("customer_id"),
        "customerRecordId": ids("customer_id"),
        "unitId": ids("unit_id"),
        "workspaceId": ids("workspace_id"),
        "workstationId": ids("desk_id"),
        "inboxId": ids("queue_id"),
        "recordId": ids("customer_id"),
        "tagIds": some.lists(ids("tag_id"), max_size=3),
        "fields": fields | some.lists(named, max_size=3),
        "channel": some.sampled_from(["FaceToFace", "Phone", "video", "Chat"]),
        "locale": some.sampled_from(["en-US", "de", "EN_us"]) | TEXT,
        "language": some.sampled_from(["en-US", "de"]) | TEXT,
        "contactPhoneNumber": some.from_regex(r"[+0-9 ()a-z\x00-]{0,20}"),
        "contactEmail": some.from_regex(r"[a-z.@äß\x00-]{0,12}@[a-zß.\[\]0-9:-]{0,12}"),
        "useCustomerContactInfo": flag,
        "startTime": NUMBER | some.integers(480, 960),
        "bypassTimeslotCheck": flag,
        "preventSelfCheckIn": flag,
        "applyWorkspaceBehavior": flag,
        "silent": flag,
        "vacateOthers": flag,
        "backOfficeTaskId": ids("back_office_task_id"),
        "queryType": some.sampled_from(["RecordId", "KeyField"]),
        "fieldSlug": some.sampled_from(["customer-id", "customer-name"]) | TEXT,
        "fieldValue": TEXT,
        "clockOutReason": some.sampled_from(["EndOfShift", "Other"]) | TEXT,
        "clockOutDescription": TEXT,
        "unavailabilityReason": some.sampled_from(["Break", "BackOffice"]) | TEXT,
        "unavailabilityDescription": TEXT,
    }


def check(call: Call, answer: httpx.Response) -> None:
    """No bug of ours, and an error is an error of this language."""
    assert answer.status_code < 500, answer.text
    if answer.status_code < 400:
        return
    said = answer.json()
    if list(said) == ["title", "type", "status"]:  # the address is none of any language
        assert answer.status_code in (404, 405), said
        return
    assert answer.headers["content-type"] == "application/json"
    if TOKEN in call.about and "error" in said:
        assert set(said) == {"error", "error_description"}, said
    else:
        assert list(said)[:3] == ["errorCode", "message", "field"], said
        assert list(said)[3:] in ([], ["alternatives"]), said
        assert isinstance(said["message"], str)
