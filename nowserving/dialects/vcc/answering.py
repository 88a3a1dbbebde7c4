"""Answers: an envelope of response and errors, and what stands in it when something is wrong."""

from typing import Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from nowserving.actions.doorway import problem_of
from nowserving.dialects.vcc.words import BUG, REQUIRED, WORD_OF, Word
from nowserving.kit.http import AnyRequest, Reply, Unready, status_of
from nowserving.kit.problems import Problem, StillRunning
from nowserving.people.staff import UnknownCaller

JSON = "application/json; charset=utf-8"


def answered(response: Any, **beside: Any) -> Reply:
    """What was asked for, and no errors; `beside` stands next to it."""
    envelope = {"response": response, **beside, "errors": []}
    return Reply(200, msgspec.json.encode(envelope).decode())


def sent(reply: Reply) -> Response[bytes]:
    """A reply on the wire."""
    headers = {**reply.headers, "Cache-Control": "no-store"}
    if reply.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(reply.body.encode(), status_code=reply.status, headers=headers, media_type=JSON)


def refuse(_: AnyRequest, failure: Exception) -> Response[bytes]:
    """The answer to a request that failed. Of a bug nothing is told."""
    problem = problem_of(failure)
    word = BUG if problem is None else _word(problem)
    error = {"errorcode": word.status, "errormessage": word.code}
    if problem is not None:
        error["detail"] = _detail(problem)
    body = msgspec.json.encode({"response": None, "errors": [error]})
    return sent(Reply(word.status, body.decode(), _headers(problem)))


def _word(problem: Problem) -> Word:
    if problem.details.get("required"):
        return REQUIRED
    known = WORD_OF.get(type(problem))
    return known or Word(status_of(problem), f"error.{problem.name().replace('-', '_')}")


def _detail(problem: Problem) -> str:
    """What is to be mended, if that is known."""
    field, reason = problem.details.get("field"), problem.details.get("reason")
    if reason is None:
        return problem.message()
    return f"{field}: {reason}" if field else str(reason)


def _headers(problem: Problem | None) -> dict[str, str]:
    """How to sign in, what to do instead, or when to try again."""
    if problem is None:
        return {}
    if isinstance(problem, UnknownCaller):
        return {"WWW-Authenticate": 'Basic realm="Database API", charset="UTF-8"'}
    if "allow" in problem.details:
        return {"Allow": str(problem.details["allow"])}
    waits: dict[type[Problem], int] = {StillRunning: 1, Unready: 2}
    seconds = problem.details.get("seconds", waits.get(type(problem)))
    return {} if seconds is None else {"Retry-After": str(seconds)}


FOR_ALL: ExceptionHandlersMap = {Problem: refuse, HTTPException: refuse, Exception: refuse}
"""One answer for whatever fails."""
