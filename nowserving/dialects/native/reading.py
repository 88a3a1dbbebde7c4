"""The OpenAPI document as people read it: rows for tables, and an example to try."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from nowserving.cases.moves import State, possible
from nowserving.dialects.native.contents import CHAPTERS, OPERATIONS
from nowserving.dialects.native.fact_schemas import address_of
from nowserving.dialects.native.openapi import Json, described, schemas
from nowserving.dialects.native.operations import Caller, Operation
from nowserving.dialects.native.words import STATES, STATUS_OF, VERBS
from nowserving.journal.catalogue import KINDS, Kind
from nowserving.kit.problems import Problem


@dataclass(frozen=True, slots=True)
class Member:
    """One row: a member of a shape, or a parameter."""

    name: str
    kind: Markup
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status, its shape if it has one, the problems it may be."""

    status: str
    about: str
    shape: str | None
    problems: list[type[Problem]]


@dataclass(frozen=True, slots=True)
class Told:
    """One operation."""

    name: str
    method: str
    path: str
    summary: str
    more: str
    parameters: list[Member]
    body: str | None
    members: list[Member]
    answers: list[Answer]
    example: str


def chapters(base_url: str) -> list[tuple[str, str, list[Told]]]:
    """Title, introduction and operations of each chapter."""
    return [
        (one.title, one.about, [told(operation, base_url) for operation in one.operations])
        for one in CHAPTERS
    ]


def told(operation: Operation, base_url: str) -> Told:
    """An operation with all that is to be said of it."""
    said = described(operation)
    body = _name_in(said.get("requestBody", {}).get("content", {}).get("application/json", {}))
    return Told(
        name=operation.name,
        method=operation.method,
        path=operation.path,
        summary=operation.summary,
        more=operation.more,
        parameters=[_parameter(one) for one in said["parameters"]],
        body=None if body is None else schemas()[body].get("description", ""),
        members=[] if body is None else members(schemas()[body]),
        answers=[_answer(operation, *one) for one in sorted(said["responses"].items())],
        example=example(operation, base_url),
    )


def shapes() -> list[tuple[str, str, list[Member]]]:
    """Name, sentence and members of every shape that is answered, or stands within another."""
    whole = {shape.__name__ for one in OPERATIONS for shape in (one.order, one.query) if shape}
    inner = set(re.findall(r"/schemas/(\w+)", json.dumps(schemas())))
    return [
        (name, schema.get("description", ""), members(schema))
        for name, schema in schemas().items()
        if schema.get("type") == "object" and (name not in whole or name in inner)
    ]


def states() -> list[tuple[State, str, list[str]]]:
    """Each state, what it means, and what can be done in it."""
    return [
        (state, about, [VERBS[move] for move in possible(state) if move in VERBS])
        for state, about in STATES.items()
    ]


def facts() -> list[tuple[Kind, str]]:
    """Each kind of fact, and where its schema is."""
    return [(kind, address_of(kind.name)) for kind in KINDS]


def problems() -> list[tuple[int, type[Problem]]]:
    """Each problem with its status."""
    return sorted(
        ((status, problem) for problem, status in STATUS_OF.items()),
        key=lambda one: (one[0], one[1].name()),
    )


def members(schema: Json) -> list[Member]:
    """The members of a shape, in their order."""
    required = schema.get("required", [])
    return [
        Member(name, kind_of(one), name in required, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]


def kind_of(schema: Json) -> Markup:
    """What a value is, in a few words; a shape is a link to it."""
    if "anyOf" in schema:
        return Markup(" or ").join(kind_of(one) for one in schema["anyOf"])
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        if "enum" in schemas()[name]:
            return kind_of(schemas()[name])
        return Markup('<a href="#shape-{0}">{0}</a>').format(name)
    if "enum" in schema:
        return Markup(", ").join(Markup("<code>{}</code>").format(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return Markup("list of ") + kind_of(schema.get("items", {}))
    return escape(schema.get("format") or schema.get("type") or "any value")


def example(operation: Operation, base_url: str) -> str:
    """A command that asks for this, with `$variables` for what the reader has."""
    path = re.sub(r"\{(\w+)\}", r"$\1", operation.path)
    lines = [f'curl "{base_url}/api/v1{path}"']
    if operation.method != "GET":
        lines[0] = f'curl -X {operation.method} "{base_url}/api/v1{path}"'
    if operation.caller is Caller.TOKEN or operation.name == "sign_agent_out":
        lines.append('-H "Authorization: Bearer $token"')
    if operation.writes:
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if operation.example is not None:
        lines += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(operation.example)}'"]
    return " \\\n  ".join(lines)


def prose(text: str) -> Markup:
    """A text in which `this` is code."""
    parts = text.split("`")
    return Markup("").join(_prose(parts))


def _prose(parts: list[str]) -> Iterator[Markup]:
    for at, part in enumerate(parts):
        yield Markup("<code>{}</code>").format(part) if at % 2 else escape(part)


def _parameter(one: Json) -> Member:
    about = one.get("description", "") or f"In the {one['in']}."
    return Member(one["name"], kind_of(one["schema"]), one.get("required", False), about)


def _answer(operation: Operation, status: str, said: Json) -> Answer:
    content: dict[str, Any] = next(iter(said.get("content", {}).values()), {})
    wrong = [problem for problem in operation.problems if str(STATUS_OF[problem]) == status]
    shape = _name_in(content) if int(status) < 400 else None
    return Answer(status, said["description"], shape, sorted(wrong, key=lambda one: one.name()))


def _name_in(content: Json) -> str | None:
    reference = content.get("schema", {}).get("$ref")
    return str(reference).rpartition("/")[2] if reference else None
