"""The document for programs, and the page people read it on."""

import hashlib
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response, get

from nowserving import __version__
from nowserving.actions.doorway import doorway
from nowserving.dialects.native import reading
from nowserving.dialects.native.fact_schemas import names, schema_of
from nowserving.dialects.native.openapi import document
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import NotFound

HERE = Path(__file__).parent
CSP = (
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
STRICT = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
FOR_EVER = "public, max-age=31536000, immutable"


@get("/openapi.json", sync_to_thread=False)
def openapi() -> Response[bytes]:
    """The OpenAPI document."""
    return Response(_document(), media_type="application/json", headers=STRICT)


@get("/docs", sync_to_thread=False)
def docs(request: AnyRequest) -> Response[bytes]:
    """The page that tells of every operation."""
    html = _page(doorway(request).base_url)
    return Response(html, media_type="text/html", headers=STRICT)


@get("/docs.css", sync_to_thread=False)
def style() -> Response[bytes]:
    """The page's style; its address names its content."""
    headers = {**STRICT, "Cache-Control": FOR_EVER}
    return Response(_style(), media_type="text/css", headers=headers)


@get("/facts/schemas", sync_to_thread=False)
def fact_kinds() -> Response[bytes]:
    """The kinds of facts, and where each says what it looks like."""
    return Response(
        msgspec.json.encode({"facts": names()}), media_type="application/json", headers=STRICT
    )


@get("/facts/schemas/{name:str}", sync_to_thread=False)
def fact_schema(request: AnyRequest) -> Response[bytes]:
    """The JSON Schema of one kind of fact."""
    name = str(request.path_params["name"])
    try:
        schema = schema_of(name.removesuffix(".json"))
    except KeyError:
        raise NotFound(what="schema", id=name) from None
    body = msgspec.json.encode(schema)
    return Response(body, media_type="application/schema+json", headers=STRICT)


@cache
def _document() -> bytes:
    return msgspec.json.encode(document())


@cache
def _page(base_url: str) -> bytes:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["prose"] = reading.prose
    drawn = environment.get_template("docs.html").render(
        version=__version__,
        style=hashlib.sha256(_style()).hexdigest()[:16],
        base_url=base_url,
        chapters=reading.chapters(base_url),
        shapes=reading.shapes(),
        states=reading.states(),
        facts=reading.facts(),
        problems=reading.problems(),
    )
    return drawn.encode()


@cache
def _style() -> bytes:
    return (HERE / "static" / "docs.css").read_bytes()


PAGES = [openapi, docs, style, fact_kinds, fact_schema]
