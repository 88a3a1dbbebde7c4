"""What is answered when something goes wrong (RFC 9457)."""

import math
from datetime import datetime

import msgspec
from litestar import Response
from litestar.types import ASGIApp

from nowserving.actions.doorway import doorway, problem_of
from nowserving.cases.attachment import WrongOffset
from nowserving.dialects.native.shapes import ProblemReport
from nowserving.dialects.native.tus import TUS, VERSION, OtherVersion
from nowserving.dialects.native.words import anchor, status
from nowserving.kit.http import AnyRequest, Reply, Unready, straight
from nowserving.kit.problems import Problem, StillRunning
from nowserving.people.staff import LockedOut, UnknownCaller, WrongPassword
from nowserving.places.hooks import NotConfirmed

MEDIA_TYPE = "application/problem+json"

_NO_STORE = {"Cache-Control": "no-store"}

_WAITS: dict[type[Problem], int] = {StillRunning: 1, Unready: 2, NotConfirmed: 5}


def refuse(request: AnyRequest, failure: Exception) -> Response[bytes]:
    """The answer to a request that failed. Of a bug nothing is told."""
    problem = problem_of(failure)
    if problem is None:
        report = ProblemReport(
            "/api/v1/docs#bug", "Something went wrong on our side.", 500, "Nothing was changed.", {}
        )
        return _sent(report, {})
    return _sent(report_of(problem), _headers(request, problem))


def refuse_straight(request: AnyRequest, problem: Problem) -> ASGIApp:
    """The same for a problem with an order: of a crowd at one time nearly everybody is refused."""
    report = report_of(problem)
    body = msgspec.json.encode(report, enc_hook=str).decode()
    headers = {**_NO_STORE, **_headers(request, problem)}
    return straight(Reply(report.status, body, headers), MEDIA_TYPE)


def report_of(problem: Problem) -> ProblemReport:
    """A problem on the wire."""
    return ProblemReport(
        type=anchor(type(problem)),
        title=problem.message(),
        status=status(type(problem)),
        detail=_detail(problem),
        details=problem.details,
    )


def _detail(problem: Problem) -> str:
    """What is to be mended, if that is known."""
    reason, field = problem.details.get("reason"), problem.details.get("field")
    if reason is None:
        return problem.message()
    return f"{field}: {reason}" if field else str(reason)


def _headers(request: AnyRequest, problem: Problem) -> dict[str, str]:
    """How to sign in, what to do instead, or when to try again."""
    if isinstance(problem, WrongOffset):
        return {**TUS, "Upload-Offset": str(problem.details.get("offset", 0))}
    if isinstance(problem, OtherVersion):
        return {"Tus-Version": VERSION}
    if isinstance(problem, UnknownCaller | WrongPassword):
        return {"WWW-Authenticate": 'Bearer realm="nowserving"'}
    if "allow" in problem.details:
        return {"Allow": str(problem.details["allow"])}
    seconds = problem.details.get("seconds", _WAITS.get(type(problem)))
    if isinstance(problem, LockedOut):
        seconds = _seconds_left(request, problem)
    return {} if seconds is None else {"Retry-After": str(seconds)}


def _seconds_left(request: AnyRequest, locked: LockedOut) -> int:
    until: datetime = locked.details["until"]  # type: ignore[assignment]
    left = (until - doorway(request).house.clock()).total_seconds()
    return max(1, math.ceil(left))


def _sent(report: ProblemReport, headers: dict[str, str]) -> Response[bytes]:
    return Response(
        msgspec.json.encode(report, enc_hook=str),
        status_code=report.status,
        headers={**_NO_STORE, **headers},
        media_type=MEDIA_TYPE,
    )
