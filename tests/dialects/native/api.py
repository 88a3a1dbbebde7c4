"""A client of the API that believes nothing: each answer must be one the document promises."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from nowserving.dialects.native.contents import OPERATIONS
from nowserving.dialects.native.openapi import document
from nowserving.dialects.native.operations import Operation

Body = Mapping[str, Any]


class Api:
    """Somebody who asks with a token, or without."""

    def __init__(self, asking: httpx.AsyncClient, token: str | None = None) -> None:
        self.asking = asking
        self.token = token

    async def ask(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        expect: int = 200,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> httpx.Response:
        """Ask, and look whether the answer is as documented and has the expected status."""
        sent = dict(headers or {})
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if key:
            sent["Idempotency-Key"] = key
        given: dict[str, Any] = {"content": raw} if raw is not None else {"json": body}
        if raw is None and body is None:
            given = {}
        answer = await self.asking.request(method, f"/api/v1{path}", headers=sent, **given)
        check_documented(method, path, answer)
        assert answer.status_code == expect, answer.text
        return answer

    async def get(self, path: str, **more: Any) -> Any:
        """What is there."""
        return (await self.ask("GET", path, **more)).json()

    async def post(self, path: str, body: Body | None = None, **more: Any) -> Any:
        """What came of doing something."""
        answer = await self.ask("POST", path, body, **more)
        return answer.json() if answer.content else None

    async def patch(self, path: str, body: Body, **more: Any) -> Any:
        """What came of changing something."""
        return (await self.ask("PATCH", path, body, **more)).json()


def operation_at(method: str, path: str) -> Operation | None:
    """The operation that an address belongs to."""
    bare = path.partition("?")[0]
    for operation, pattern in _patterns():
        if operation.method == method and pattern.fullmatch(bare):
            return operation
    return None


@cache
def _patterns() -> list[tuple[Operation, re.Pattern[str]]]:
    return [(one, re.compile(re.sub(r"\{\w+\}", "[^/]+", one.path))) for one in OPERATIONS]


def check_documented(method: str, path: str, answer: httpx.Response) -> None:
    """Fail unless the document promises this answer to this operation."""
    operation = operation_at(method, path)
    if operation is None:
        return
    responses = document()["paths"][operation.path][method.lower()]["responses"]
    promised = responses.get(str(answer.status_code))
    said = f"{method} {path}: {answer.status_code} {answer.text}"
    assert promised is not None, f"not documented: {said}"
    assert answer.headers["cache-control"] == "no-store", said
    for name in answer.headers.keys() & {"etag", "location", "retry-after", "idempotency-replayed"}:
        assert name in {header.lower() for header in promised.get("headers", {})}, (name, said)
    content = promised.get("content", {})
    if operation.wire and operation.wire.gives and answer.status_code < 300:
        assert set(content) == {operation.wire.gives}
        return
    if not answer.content:
        assert content == {}, said
        return
    kind = answer.headers["content-type"]
    assert kind in content, said
    assert set(content) == {kind}, said
    validator = _validator(json.dumps(content[kind]["schema"]))
    problems = [error.message for error in validator.iter_errors(answer.json())]
    assert problems == [], f"{problems} in {said}"
    if answer.status_code >= 400:
        assert answer.json()["status"] == answer.status_code


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    """What looks whether an answer is as the document says; one for all that say the same."""
    return jsonschema_rs.Draft202012Validator(
        {"allOf": [json.loads(schema)], "components": document()["components"]},
        validate_formats=True,
    )
