"""Anything in the language of VCC Live's Database API, and the envelope of its answers."""

from urllib.parse import urlencode

import httpx
from hypothesis import strategies as some

from tests.fuzz.pieces import (
    ANYTHING,
    KEYS,
    NUMBER,
    SINGLE,
    TEXT,
    WHEN,
    Call,
    bodies,
    in_path,
)
from tests.fuzz.world import World

PLACES = (
    "/projects",
    "/projects/{id}",
    "/projects/{id}/tickets",
    "/projects/{id}/tickets",
    "/projects/{id}/tickets",
    "/projects/{id}/{x}",
    "/projects/{id}/records/{id}",
    "/projects/{id}/records/{id}/{x}",
    "/users",
    "/users/{x}",
    "/{x}",
)
_NUMBERS = {"id": [str(number) for number in range(1, 6)]}
_DATES = ["firstOpenTime", "softDeadline", "lastCloseTime"]
_NUMBERED = NUMBER.map(str)
QUERY = {
    "start": _NUMBERED | TEXT,
    "limit": _NUMBERED | TEXT,
    "userId": _NUMBERED | TEXT,
    "createdBy": _NUMBERED | TEXT,
    "ticketNo": some.from_regex(r"[12]-[0-9]{8}-[0-9]{6,13}") | TEXT,
    "dateFrom": WHEN | TEXT,
    "dateTo": WHEN | TEXT,
    "dateField": some.sampled_from(_DATES) | some.sampled_from(_DATES) | TEXT,
}
FORM = some.dictionaries(
    some.sampled_from(["name", "email", "phone1", "company", "Company"]) | TEXT, SINGLE, max_size=4
)
RECORD = bodies(
    {
        "form": some.fixed_dictionaries({"name": TEXT}) | FORM,
        "contacts": some.lists(FORM, max_size=2),
        "phone_field": some.sampled_from(["phone1", "phone9"]),
        "premium": some.booleans() | SINGLE,
        "disposition": some.none(),
    },
    "form",
)
DISPOSITION = bodies(
    {
        "dispositionid": some.integers(1, 4) | NUMBER,
        "userid": some.integers(1, 5) | NUMBER,
        "description": TEXT,
        "next_calldate": some.none() | WHEN,
        "avoid_in_call": ANYTHING,
    },
    "dispositionid",
    "userid",
)


@some.composite
def calls(draw: some.DrawFn, world: World) -> Call:
    """A call of this language."""
    headers = {"Authorization": f"Basic {world.vcc.basic}"}
    if draw(some.booleans()):
        path = draw(in_path(draw(some.sampled_from(PLACES)), _NUMBERS))
        query = urlencode(draw(some.fixed_dictionaries({}, optional=QUERY)))
        method = draw(some.sampled_from(["GET"] * 5 + ["POST", "DELETE"]))
        return Call(method, f"/v2{path}?{query}", b"", headers)
    if (key := draw(KEYS)) is not None:
        headers["Idempotency-Key"] = key
    path, body = draw(
        some.sampled_from(
            [
                ("/projects/{id}/records", RECORD),
                ("/projects/{id}/records/{id}/dispositions", DISPOSITION),
            ]
        )
    )
    return Call("POST", f"/v2{draw(in_path(path, _NUMBERS))}", draw(body), headers)


def check(call: Call, answer: httpx.Response) -> None:
    """No bug of ours, and every answer stands in the envelope."""
    assert answer.status_code < 500, answer.text
    said = answer.json()
    assert set(said) - {"messages"} == {"response", "errors"}
    assert (said["errors"] == []) == (answer.status_code == 200)
    for error in said["errors"]:
        assert set(error) == {"errorcode", "errormessage", "detail"}
        assert error["errorcode"] == answer.status_code
