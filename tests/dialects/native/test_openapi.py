"""The document is complete and true."""

import json
from typing import Any

import httpx
import jsonschema
import pytest
from litestar import Litestar
from openapi_spec_validator import OpenAPIV31SpecValidator

from nowserving.dialects.native.contents import CHAPTERS, OPERATIONS
from nowserving.dialects.native.docs import PAGES
from nowserving.dialects.native.openapi import document
from nowserving.dialects.native.operations import Operation
from nowserving.dialects.native.routes import DOOR

READ_BY_PEOPLE = {
    "/openapi.json",
    "/docs",
    "/docs.css",
    "/facts/schemas",
    "/facts/schemas/{name}",
}


def described(operation: Operation) -> dict[str, Any]:
    """What the document says of an operation."""
    found: dict[str, Any] = document()["paths"][operation.path][operation.method.lower()]
    return found


def test_it_is_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(each_answer_once()).validate()
    assert document()["openapi"] == "3.1.0"


def each_answer_once() -> dict[str, Any]:
    """The document, but of answers that are the same word for word the first only.

    Nine in ten are; the validator would follow each into its schema and try that anew.
    """
    told: dict[str, Any] = json.loads(json.dumps(document()))
    known = set[str]()
    for operation in (one for item in told["paths"].values() for one in item.values()):
        (status, first), *others = operation["responses"].items()
        new = {again: answer for again, answer in others if json.dumps(answer) not in known}
        operation["responses"] = {status: first, **new}
        known.update(map(json.dumps, operation["responses"].values()))
    return told


def test_every_route_is_in_it_and_every_path_has_a_route() -> None:
    routes = {
        (route.path_format.removeprefix("/api/v1"), method)
        for route in Litestar([DOOR], openapi_config=None).routes
        for method, (handler, _) in getattr(route, "route_handler_map", {}).items()
        if "refuse_method" not in handler.handler_name and method not in ("HEAD", "OPTIONS")
    }
    told = {(path, method.upper()) for path, item in document()["paths"].items() for method in item}
    assert routes - {(path, "GET") for path in READ_BY_PEOPLE} == told
    assert len(PAGES) == len(READ_BY_PEOPLE)


def test_every_operation_has_a_name_of_its_own() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_tells_all_of_itself(operation: Operation) -> None:
    told = described(operation)
    assert told["summary"].endswith(".")
    assert told["tags"] in [[chapter.title] for chapter in CHAPTERS]
    names = [parameter["name"] for parameter in told["parameters"]]
    assert len(names) == len(set(names))
    assert ("Idempotency-Key" in names) == operation.writes
    assert ("If-None-Match" in names) == operation.cached == ("304" in told["responses"])
    assert {"500", "503"} <= set(told["responses"])
    if operation.caller.value == "token":
        assert {"401", "403"} <= set(told["responses"])
        assert "security" not in told


@pytest.mark.parametrize(
    "operation",
    [one for one in OPERATIONS if "requestBody" in described(one)],
    ids=lambda operation: operation.name,
)
def test_every_example_is_accepted(operation: Operation) -> None:
    for content in described(operation)["requestBody"]["content"].values():
        jsonschema.Draft202012Validator(
            {**content["schema"], "components": document()["components"]},
            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
        ).validate(content["example"])


def test_what_is_not_listed_is_refused_and_said_so() -> None:
    for operation in OPERATIONS:
        body = described(operation).get("requestBody")
        if body is not None and "application/json" in body["content"]:
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert document()["components"]["schemas"][name]["additionalProperties"] is False


async def test_anybody_may_read_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.json()) == (200, document())
