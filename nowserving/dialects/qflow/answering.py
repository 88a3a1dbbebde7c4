"""Answers: JSON, and the framework's body for what is wrong (reference/qflow.md 2.9)."""

from typing import Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from nowserving.actions.doorway import problem_of
from nowserving.dialects.qflow.binding import ModelInvalid, UnknownMediaType
from nowserving.dialects.qflow.caller import terms_of
from nowserving.dialects.qflow.words import BUG, WORD_OF, Word
from nowserving.kit.http import AnyRequest, NoSuchPage, Reply, Unready, WrongMethod, status_of
from nowserving.kit.problems import Invalid, Problem, StillRunning
from nowserving.people.staff import UnknownCaller
from nowserving.places.hooks import HookRefused

JSON = "application/json; charset=utf-8"
_NO_CACHE = {"Cache-Control": "no-cache"}


def answered(said: Any) -> Response[bytes]:
    """What was asked for, or the reply to what was done."""
    reply = said if isinstance(said, Reply) else Reply(200, msgspec.json.encode(said).decode())
    headers = {**_NO_CACHE, **({"Idempotency-Replayed": "true"} if reply.replayed else {})}
    return Response(reply.body.encode(), status_code=reply.status, headers=headers, media_type=JSON)


def refuse(request: AnyRequest, failure: Exception) -> Response[bytes]:
    """The answer to a request that failed. Of a bug nothing is told."""
    problem = problem_of(failure)
    status, body = (500, {"Message": BUG}) if problem is None else _said(request, problem)
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        headers={**_NO_CACHE, **_headers(request, problem)},
        media_type=JSON,
    )


def _said(request: AnyRequest, problem: Problem) -> tuple[int, dict[str, Any]]:
    word = WORD_OF.get(type(problem)) or Word(status_of(problem))
    body: dict[str, Any] = {"Message": _message(request, problem)}
    if isinstance(problem, ModelInvalid):
        body["ModelState"] = problem.details["state"]
    elif isinstance(problem, NoSuchPage):
        body["MessageDetail"] = "No type was found that matches the controller in the address."
    if word.number is not None:
        body["ErrorNumber"] = word.number
    if word.result is not None:
        body["AppointmentEnqueueResult"] = word.result
    return word.status, body


def _message(request: AnyRequest, problem: Problem) -> str:
    if isinstance(problem, UnknownCaller):
        return "Authorization has been denied for this request."
    if isinstance(problem, NoSuchPage):
        address = str(request.url).partition("?")[0]
        return f"No HTTP resource was found that matches the request URI '{address}'."
    if isinstance(problem, WrongMethod):
        return f"The requested resource does not support http method '{request.method}'."
    if isinstance(problem, UnknownMediaType):
        kind = problem.details["media_type"]
        return f"The request entity's media type '{kind}' is not supported for this resource."
    return _with_reason(problem)


def _with_reason(problem: Problem) -> str:
    """What is to be mended, if that is known; of whoever was asked before, their own words."""
    reason = problem.details.get("reason")
    if isinstance(problem, HookRefused) and reason:
        return str(reason)
    if isinstance(problem, Invalid) and reason:
        field = problem.details.get("field")
        return f"The request is invalid. {f'{field}: ' if field else ''}{reason}"
    return problem.message()


def _headers(request: AnyRequest, problem: Problem | None) -> dict[str, str]:
    """How to sign in, what to do instead, or when to try again."""
    if problem is None:
        return {}
    if isinstance(problem, UnknownCaller):
        terms = terms_of(request)
        offered = [('Basic realm="Q-Flow", charset="UTF-8"', terms.basic)]
        offered.append(('ApiKey realm="Q-Flow"', terms.api_key))
        return {"WWW-Authenticate": ", ".join(how for how, taken in offered if taken) or "None"}
    if "allow" in problem.details:
        return {"Allow": str(problem.details["allow"])}
    waits: dict[type[Problem], int] = {StillRunning: 1, Unready: 2}
    seconds = problem.details.get("seconds", waits.get(type(problem)))
    return {} if seconds is None else {"Retry-After": str(seconds)}


FOR_ALL: ExceptionHandlersMap = {Problem: refuse, HTTPException: refuse, Exception: refuse}
"""One answer for whatever fails."""
