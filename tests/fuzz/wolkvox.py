"""Anything in wolkvox' language, and the envelope of its answers."""

from typing import Any
from urllib.parse import urlencode

import httpx
from hypothesis import strategies as some

from nowserving.dialects.wolkvox.queries import FIELDS
from nowserving.dialects.wolkvox.routes import HANDLERS, PREFIX
from nowserving.dialects.wolkvox.words import NAME_OF
from tests.fuzz.pieces import (
    ANYTHING,
    BYTES,
    KEYS,
    NUMBER,
    SINGLE,
    TEXT,
    WHEN,
    Call,
    encoded,
    members,
    mostly,
)
from tests.fuzz.world import World

CALLS = tuple(
    (str(method), path)
    for handler in HANDLERS
    for method in sorted(handler.http_methods)
    for path in sorted(handler.paths)
    if str(method) not in ("OPTIONS", "HEAD")
)
_OF_CONTACT = ["namecontact", "telephonecontact", "emailcontact", "idcontact"]
NEEDED = {
    "/cases/insert.php": (),
    "/cases/insertAttach.php": (),
    "/cases/update.php": ("wolkvox-id",),
    "/cases/updateCaseAttachment.php": ("wolkvox-id",),
    "/cases/queryCases.php": ("field", "value"),
    "/cases/listHistoryNote.php": ("field", "value"),
    "/custom/insert.php": ("module", "fields"),
    "/custom/insertMany.php": ("module", "fields"),
    "/custom/update.php": ("module", "wolkvox-id", "fields"),
    "/custom/updateMany.php": ("module", "fields"),
    "/custom/query.php": ("module", "field", "value"),
    "/custom/queryDates.php": ("module", "date", "from", "to"),
    "/custom/delete.php": ("module", "wolkvox-id"),
}
"""What must be said at each address, beside the operation."""

_TYPES = ["application/json"] * 14 + [
    "multipart/form-data; boundary=x",
    "multipart/x",
    "application/x-www-form-urlencoded",
    "text/plain",
]
_BASE64 = some.sampled_from(
    ["aGVsbG8=", "data:image/png;base64,iVBORw0KGgo=", "a", "QUFB" * 30_000]
)


@some.composite
def calls(draw: some.DrawFn, world: World) -> Call:
    """A call of this language."""
    method, path = draw(some.sampled_from(CALLS))
    crm = world.crm
    token = crm.external if "History" in path or "Information" in path else crm.token
    headers = {"Wolkvox-Token": token, "Content-Type": draw(some.sampled_from(_TYPES))}
    if (key := draw(KEYS)) is not None:
        headers["Idempotency-Key"] = key
    if draw(some.integers(1, 16)) == 7:
        del headers["Wolkvox-Token"]
    if path.startswith("/token"):
        operation = draw(some.sampled_from([crm.operation, "", "other"]) | TEXT)
        return Call(method, f"{PREFIX}{path}?{urlencode({'operation': operation})}", b"", headers)
    body = draw(world.once(f"wolkvox {path}", lambda _: _body(path, world)))
    return Call(method, f"{PREFIX}{path}", draw(_written(body, headers)), headers)


def _written(body: Any, headers: dict[str, str]) -> some.SearchStrategy[bytes]:
    """As the type says it, or else anything."""
    kind = headers["Content-Type"]
    if not isinstance(body, dict):
        return some.just(encoded(body)) | BYTES
    if kind.endswith("urlencoded"):
        return some.just(urlencode({k: str(v) for k, v in body.items()}).encode())
    if kind.startswith("multipart"):
        parts = (
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in body.items()
        )
        file = 'name="file"; filename="a.txt"\r\n\r\nhello\r\n'
        text = "".join([*parts, f"--x\r\nContent-Disposition: form-data; {file}--x--\r\n"])
        whole = text.encode(errors="replace")
        return some.just(whole) | some.integers(0, len(whole)).map(lambda end: whole[:end])
    return some.just(encoded(body))


def _body(path: str, world: World) -> some.SearchStrategy[Any]:
    """What is asked for at an address; or anything at all."""
    operation = {"operation": world.crm.operation}
    if "custom" in path:
        whole = members(_custom(world), *NEEDED[path]).map(lambda body: {**operation, **body})
        return mostly(whole, ANYTHING)
    changed = members(_members(world), *NEEDED[path]).map(lambda body: {**operation, **body})
    if "insert" in path:
        changed = changed.map(lambda body: {**world.crm.case, **body})
    return mostly(changed, ANYTHING)


def _members(world: World) -> dict[str, some.SearchStrategy[Any]]:
    operation = world.crm.operation
    users = some.sampled_from([f"ann@{operation}", f"dia@{operation}", "ann", "x@y"])
    status = some.sampled_from(["Open", "On hold", "solved", "Cerrado", "Rejected", "planned"])
    likely: dict[str, some.SearchStrategy[Any]] = {
        "case-type": some.sampled_from(["Request", "complaints", "Reclamos", "Passport"]),
        "responsible": users,
        "owner": users,
        "contact": some.sampled_from(["grace@acme.example", "CC-77", "nobody@x"]),
        "description": TEXT,
        "form": some.fixed_dictionaries({"Reference": SINGLE}) | some.just('{"Reference": "1"}'),
        "status": status,
        "priority": some.sampled_from(["low", "Alta", "urgent"]),
        "solution": TEXT,
        "attachments": some.lists(_BASE64, max_size=3),
        "wolkvox-id": _ids(world),
        "field": some.sampled_from(FIELDS),
        "value": SINGLE | status,
        "limit": NUMBER,
    }
    return likely


def _ids(world: World) -> some.SearchStrategy[str]:
    there = some.sampled_from(world.known["wolkvox_id"])
    return mostly(there, some.from_regex(r"[0-9a-f]{24}", fullmatch=True))


def _custom(world: World) -> dict[str, some.SearchStrategy[Any]]:
    """What the calls below `custom/` ask for."""
    of_case = _members(world)
    person = some.dictionaries(some.sampled_from(_OF_CONTACT) | TEXT, SINGLE, max_size=3)
    changes = members(of_case) | members(of_case, "wolkvox-id")
    record = some.just(world.crm.case) | changes | person
    return {
        **{name: of_case[name] for name in ("field", "value", "limit")},
        "module": some.sampled_from(["cases", "cases", "contacts", "wolkvox_activities"]),
        "fields": record | some.lists(record, min_size=1, max_size=2),
        "date": some.just(True),
        "from": WHEN | some.just("2024-01-01 00:00"),
        "to": WHEN | some.just("2034-01-01 00:00"),
        "wolkvox-id": of_case["wolkvox-id"] | some.lists(_ids(world), max_size=3),
        "multiple": some.just(True),
        "name": TEXT,
        "type": some.sampled_from(["task", "call", "meeting"]),
    }


def check(call: Call, answer: httpx.Response) -> None:
    """No bug of ours, and an envelope with the four keys."""
    assert answer.status_code < 500, answer.text
    said = answer.json()
    assert [*said][:4] == ["code", "error", "msg", "data"]
    assert int(said["code"]) == answer.status_code
    assert said["error"] == ("null" if answer.status_code == 200 else NAME_OF[answer.status_code])
