"""The OpenAPI 3.1 document, built from the table of operations and the shapes."""

from collections import defaultdict
from functools import cache
from typing import Any

import msgspec

from nowserving import __version__
from nowserving.dialects.native.contents import CHAPTERS, OPERATIONS
from nowserving.dialects.native.operations import Caller, Operation
from nowserving.dialects.native.orders import Nothing
from nowserving.dialects.native.refusing import MEDIA_TYPE
from nowserving.dialects.native.shapes import ProblemReport
from nowserving.dialects.native.words import anchor, status
from nowserving.kit.problems import Problem, StillRunning

Json = dict[str, Any]

_REF = "#/components/schemas/{name}"
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Makes a repeated request do its work once; kept for seven days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of an earlier answer: 304 while nothing has changed.",
    "schema": {"type": "string"},
}
_HEADERS: dict[str, tuple[str, Json]] = {
    "ETag": ("Changes when the answer changes.", {"type": "string"}),
    "Location": ("Where the new thing is.", {"type": "string", "format": "uri-reference"}),
    "Retry-After": ("Seconds to wait.", {"type": "integer"}),
    "WWW-Authenticate": ("How to sign in.", {"type": "string"}),
    "Idempotency-Replayed": ("There if this answer was given before.", {"const": "true"}),
}
_NUMBER = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}
_HEADERS |= {
    "Accept-Ranges": ("Always bytes.", _TEXT),
    "Content-Disposition": ("The file's name (RFC 6266); it is to be saved, not shown.", _TEXT),
    "Content-Range": ("Which bytes these are, of how many.", _TEXT),
    "Tus-Resumable": ("The version of tus.", {"const": "1.0.0"}),
    "Upload-Offset": ("How many bytes are here.", _NUMBER),
    "Upload-Length": ("How many bytes the file has.", _NUMBER),
    "Upload-Expires": ("When the upload is given up, unless more comes.", _TEXT),
}
_ASKED: dict[str, tuple[str, Json, bool]] = {
    "Range": ("One range of bytes; for several the whole file is given.", _TEXT, False),
    "If-Range": ("The ETag of what you have; if it is another file, you get all.", _TEXT, False),
    "Content-Disposition": ("May say the file's name.", _TEXT, False),
    "Tus-Resumable": ("The version of tus.", {"const": "1.0.0"}, True),
    "Upload-Length": ("How many bytes the file has.", _NUMBER, True),
    "Upload-Metadata": ("May have `filename`, in base64.", _TEXT, False),
    "Upload-Offset": ("Where these bytes begin.", _NUMBER, True),
}
_BUG = "There is a bug on our side; nothing is told of it."


@cache
def document() -> Json:
    """The whole document. The address of the server is the one it was fetched from."""
    paths: dict[str, Json] = defaultdict(dict)
    for operation in OPERATIONS:
        paths[operation.path][operation.method.lower()] = described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Nowserving",
            "version": __version__,
            "summary": "Customer flow: tickets, lines, desks, and what has happened.",
            "description": "Names are in snake_case, ids are UUIDs, instants are RFC 3339 in "
            "UTC. Errors are RFC 9457 problems. A member that is not listed is refused, and so "
            "is a text with NUL or half a surrogate pair in it.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "tags": [{"name": one.title, "description": one.about} for one in CHAPTERS],
        "paths": dict(paths),
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": CHAPTERS[0].about}
            },
        },
        "security": [{"token": []}],
    }


@cache
def schemas() -> dict[str, Json]:
    """Every shape and order, by name."""
    shapes: set[Any] = {ProblemReport}
    for operation in OPERATIONS:
        beside = operation.wire.order if operation.wire else None
        shapes |= {operation.answer, operation.order, operation.query, beside} - {None, Nothing}
    ordered = sorted(shapes, key=lambda shape: str(shape.__name__))
    found = msgspec.json.schema_components(ordered, ref_template=_REF)[1]
    for shape in ordered:
        if one_of := getattr(shape, "one_of", ()):
            found[shape.__name__]["oneOf"] = [_given(name) for name in one_of]
    return dict(sorted(found.items()))


def described(operation: Operation) -> Json:
    """One operation."""
    found: Json = {
        "operationId": operation.name,
        "tags": [operation.chapter],
        "summary": operation.summary,
        "parameters": parameters(operation),
        "responses": responses(operation),
    }
    if operation.more:
        found["description"] = operation.more
    if operation.caller is not Caller.TOKEN:
        found["security"] = []
    if operation.order not in (None, Nothing):
        found["requestBody"] = _body(operation)
    if operation.wire is not None and operation.wire.takes:
        kinds = {kind: dict(told) for kind, told in operation.wire.takes.items()}
        found["requestBody"] = {"required": True, "content": kinds}
    return found


def parameters(operation: Operation) -> list[Json]:
    """What stands in the address, the query and the headers."""
    found: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": _ID} for name in operation.ids
    ]
    if operation.caller is Caller.LINK:
        found.append({"name": "link", "in": "path", "required": True, "schema": _LINK})
    if operation.query is not None:
        schema = schemas()[operation.query.__name__]
        found += [_query(name, one) for name, one in schema["properties"].items()]
    if operation.writes:
        found.append(_KEY)
    if operation.cached:
        found.append(_IF_NONE_MATCH)
    for name in operation.wire.asks if operation.wire else ():
        text, schema, needed = _ASKED[name]
        found.append(
            {
                "name": name,
                "in": "header",
                "description": text,
                "required": needed,
                "schema": schema,
            }
        )
    return found


def responses(operation: Operation) -> Json:
    """Every answer there may be."""
    found: Json = {}
    replayed = ["Idempotency-Replayed"] if operation.writes else []
    wire = operation.wire
    if wire is not None and wire.gives:
        found["200"] = {
            "description": "The file.",
            "headers": _headers(*wire.tells),
            "content": {wire.gives: {"schema": {}}},
        }
        for code, said in wire.also.items():
            content: Json = {wire.gives: {"schema": {}}} if code < 300 else {}
            found[str(code)] = {
                "description": said,
                "headers": _headers(*wire.tells),
                **({"content": content} if content else {}),
            }
    if operation.answer is not None:
        headers = [*replayed, *(["Location"] if operation.at else [])]
        headers += ["ETag"] if operation.method == "GET" and wire is None else []
        headers += wire.tells if wire is not None else ()
        found[str(operation.status)] = {
            "description": f"{operation.answer.__doc__}",
            "headers": _headers(*headers),
            "content": {"application/json": {"schema": _ref(operation.answer)}},
        }
    if (operation.answer is None and not (wire and wire.gives)) or operation.or_nothing:
        said = "Nobody waits." if operation.answer else "Done."
        told = wire.tells if wire is not None else ()
        found["204"] = {"description": said, "headers": _headers(*replayed, *told)}
    if operation.cached:
        found["304"] = {"description": "Nothing has changed.", "headers": _headers("ETag")}
    by_status: dict[int, list[type[Problem]]] = defaultdict(list)
    for problem in operation.problems:
        by_status[status(problem)].append(problem)
    for code, problems in sorted(by_status.items()):
        found[str(code)] = _refusal(code, sorted(problems, key=lambda one: one.name()))
    found["500"] = {"description": _BUG, "content": {MEDIA_TYPE: {"schema": _ref(ProblemReport)}}}
    return found


def _refusal(code: int, problems: list[type[Problem]]) -> Json:
    names = [anchor(problem) for problem in problems]
    schema = {"allOf": [_ref(ProblemReport), {"properties": {"type": {"enum": names}}}]}
    waits = code in (429, 503) or StillRunning in problems
    headers = [*(["WWW-Authenticate"] if code == 401 else []), *(["Retry-After"] if waits else [])]
    said = (f"`{problem.name()}`: {problem.message()}" for problem in problems)
    return {
        "description": " ".join(said),
        "headers": _headers(*headers),
        "content": {MEDIA_TYPE: {"schema": schema}},
    }


def _body(operation: Operation) -> Json:
    assert operation.order is not None
    content: Json = {"schema": _ref(operation.order)}
    if operation.example is not None:
        content["example"] = dict(operation.example)
    kinds = ["application/json"]
    if operation.form:
        kinds.append("application/x-www-form-urlencoded")
    schema = schemas()[operation.order.__name__]
    needed = bool(schema.get("required")) or "oneOf" in schema
    return {"required": needed, "content": dict.fromkeys(kinds, content)}


def _given(name: str) -> Json:
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


def _query(name: str, schema: Json) -> Json:
    bare = {key: value for key, value in schema.items() if key != "description"}
    text = {key: schema[key] for key in ("description",) if key in schema}
    return {"name": name, "in": "query", "schema": bare, **text}


def _headers(*names: str) -> Json:
    return {name: {"description": _HEADERS[name][0], "schema": _HEADERS[name][1]} for name in names}


def _ref(shape: type[msgspec.Struct]) -> Json:
    return {"$ref": _REF.format(name=shape.__name__)}


_ID: Json = {"type": "string", "format": "uuid"}
_LINK: Json = {"type": "string", "pattern": r"^[0-9]{1,9}\.[A-Za-z0-9_-]{22}$"}
