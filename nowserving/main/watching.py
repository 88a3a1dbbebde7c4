"""What an operator sees: a log line and figures for each request, health, and logs in JSON."""

import logging
import os
import random
import re
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec
import structlog
from litestar import Litestar, MediaType, Response, get
from litestar.enums import ScopeType
from litestar.types import HTTPScope, Message, Receive, Scope, Send
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

from nowserving.actions.asking import WITHIN, WITHIN_HEADER
from nowserving.actions.doorway import doorway
from nowserving.dialects.wolkvox.slashes import straighten
from nowserving.kit.crowd import Crowd
from nowserving.kit.http import AnyRequest
from nowserving.main.patience import AT_MOST, patient

REQUESTS = Counter("nowserving_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "nowserving_request_seconds",
    "Time to the end of the answer",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_WITHIN = WITHIN_HEADER.lower().encode()
_QUIET = {"/healthz", "/readyz", "/metrics"}
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def set_up_logs(level: str, form: str) -> None:
    """One line for each event, as JSON or for people, with the request's id."""
    last: Any = (
        structlog.processors.JSONRenderer(_json)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            getattr(logging, level.upper(), logging.INFO)
        ),
        cache_logger_on_first_use=True,
    )


def _json(event: dict[str, Any], **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


class Watching:
    """Gives each request an id, and tells how it went. The path of a page is never logged whole:
    a ticket's link is a secret; the route it matched is."""

    def __init__(self, app: Litestar, crowd: Crowd, *, patience: float = AT_MOST) -> None:
        """`crowd`: is told who waits, until an answer begins: a stream is no waiting."""
        self.app = app
        self._crowd = crowd
        self.patience = patience
        self._log = structlog.get_logger("nowserving.request").bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        straighten(scope)
        started = time.perf_counter()
        status, waits = 500, True
        self._crowd.comes()
        request_id = _request_id(scope["headers"])

        async def sending(message: Message) -> None:
            nonlocal status, waits
            if message["type"] == "http.response.start":
                waits = self._goes(waits)
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", []),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        within = WITHIN.set(_within(scope["headers"]))
        try:
            await self.app(scope, patient(receive, self.patience), sending)
        finally:
            self._goes(waits)
            self._tell(scope, status, time.perf_counter() - started)
            WITHIN.reset(within)
            structlog.contextvars.unbind_contextvars("request_id")

    def _goes(self, waits: bool) -> bool:
        if waits:
            self._crowd.goes()
        return False

    def _tell(self, scope: HTTPScope, status: int, seconds: float) -> None:
        route = str(scope.get("path_template") or "unknown")
        method = str(scope["method"]) if scope["method"] in _METHODS else "OTHER"
        count, histogram = _figures(method, route, status)
        count.inc()
        histogram.observe(seconds)
        if route not in _QUIET:
            tell = self._log.error if status >= 500 else self._log.info
            tell("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """What the request calls itself, if that can be written down; else a name by chance."""
    for name, value in headers:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(given := value.decode("latin-1")):
            return given
    return f"{random.getrandbits(64):016x}"


def _within(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """What a hook says that asks us something before it answers us."""
    for name, value in headers:
        if name == _WITHIN:
            return value.decode("latin-1")
    return None


@lru_cache(4096)
def _figures(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, status), SECONDS.labels(method, route)


@get("/healthz", sync_to_thread=False, include_in_schema=False)
def healthz() -> dict[str, str]:
    """The process is alive."""
    return {"status": "alive"}


@get("/readyz", include_in_schema=False)
async def readyz(request: AnyRequest) -> Response[dict[str, str]]:
    """The process can work: the database answers and has the right form."""
    try:
        await doorway(request).house.organizations()
    except Exception:
        return Response({"status": "the database does not answer"}, status_code=503)
    if not await request.app.state.migrated():
        return Response({"status": "migrations are missing"}, status_code=503)
    return Response({"status": "ready"})


@get("/metrics", sync_to_thread=True, include_in_schema=False)
def metrics() -> Response[bytes]:
    """Figures for Prometheus, of all workers together."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(
        generate_latest(registry),
        media_type=MediaType.TEXT,
        headers={"content-type": CONTENT_TYPE_LATEST},
    )
