"""Anything in our own language, by its OpenAPI document, and what the document promises.

schemathesis makes the requests: such as the document allows, and such as it does not. Ids in
them are then mostly those of something that there is, or nearly all would end at a 404.
"""

from typing import Any

import httpx
import requests
import schemathesis
from hypothesis import assume
from hypothesis import strategies as some
from schemathesis import Case, GenerationMode
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.result import Ok

from nowserving.dialects.native.contents import OPERATIONS
from nowserving.dialects.native.openapi import document
from tests.dialects.native.api import check_documented
from tests.fuzz.pieces import BYTES, Call, mostly, one_of
from tests.fuzz.world import World

BASE = "http://x/api/v1"
URL_AT_MOST = 60_000
"""Characters; the client sends no longer ones."""

_NOWHERE = "https://localhost/nowhere"
_FORGETFUL = ("/sign-out",)
"""What ends the session with which everything else is asked."""


@schemathesis.serializer("application/offset+octet-stream")
def as_it_is(_: Any, value: Any) -> bytes:
    """Bytes of a file, whatever the document's example of them is."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


def _requests(_: World) -> list[list[some.SearchStrategy[Case]]]:
    """For each operation, such requests as are allowed and such as are not."""
    schema = schemathesis.openapi.from_dict(document())
    operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert len(operations) == len(OPERATIONS)
    modes = (GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    return [
        [operation.as_strategy(generation_mode=mode) for mode in modes]
        for operation in operations
        if operation.path not in _FORGETFUL
    ]


@some.composite
def calls(draw: some.DrawFn, world: World) -> Call:
    """A call of this language."""
    case = draw(draw(some.sampled_from(draw(some.sampled_from(world.once("native", _requests))))))
    for name, odd in (case.path_parameters or {}).items():
        case.path_parameters[name] = draw(mostly(one_of(world.known, name), some.just(odd)))
    case.body = draw(_known_in(case.body, world))
    sent = _sent(case)
    headers = {name: text for name, text in sent.headers.items() if isinstance(text, str)}
    who = draw(some.sampled_from([world.native, world.native, world.agent]))
    given = some.just(headers.get("Authorization", "Bearer x"))
    headers["Authorization"] = draw(mostly(some.just(f"Bearer {who.token}"), given, of=16))
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body
    content = draw(mostly(some.just(body), BYTES, of=30)) if isinstance(body, bytes) else b""
    path = (sent.url or "").removeprefix("http://x")
    assume(len(path) < URL_AT_MOST)
    return Call(case.method, path, content, headers, case.operation.path)


def _sent(case: Case) -> requests.PreparedRequest:
    try:
        given = case.as_transport_kwargs(base_url=BASE)
        for name in ("User-Agent", "Connection", "Accept-Encoding", "X-Schemathesis-TestCaseId"):
            given["headers"].pop(name, None)
        return requests.Request(**given).prepare()
    except (SchemathesisError, requests.RequestException, ValueError):
        assume(False)  # it cannot be said over HTTP at all
        raise


@some.composite
def _known_in(draw: some.DrawFn, tree: Any, world: World) -> Any:
    """A body in which most ids are those of things, and addresses lead nowhere."""
    if isinstance(tree, list):
        return [draw(_known_in(one, world)) for one in tree]
    if not isinstance(tree, dict):
        return tree
    return {name: draw(_member(name, value, world)) for name, value in tree.items()}


@some.composite
def _member(draw: some.DrawFn, name: str, value: Any, world: World) -> Any:
    kind = name.removesuffix("s") if isinstance(value, list) else name
    if isinstance(value, str) and "://" in value:
        return _NOWHERE
    if name == "on_failure":
        return "allow"  # or what comes after would be refused, rightly, by nobody's silence
    same = _known_in(value, world)
    if kind not in world.known or value is None:
        return draw(same)
    ids = one_of(world.known, kind)
    there = some.lists(ids, max_size=2, unique=True) if isinstance(value, list) else ids
    return draw(mostly(there, same, of=4))


def check(call: Call, answer: httpx.Response) -> None:
    """No bug of ours, and an answer as the document promises it to this operation."""
    assert answer.status_code < 500, answer.text
    said = answer.json() if answer.status_code >= 400 and answer.content else {}
    if [*said] == ["title", "type", "status"]:  # the address is none of any language
        assert answer.status_code in (404, 405), said
        return
    if said:
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status"} <= said.keys()
    if answer.status_code != 405 and said.get("type") != "/api/v1/docs#no-such-page":
        check_documented(call.method, call.about, answer)
