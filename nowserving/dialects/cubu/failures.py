"""What is answered when something goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from nowserving.actions.doorway import problem_of
from nowserving.dialects.cubu.words import FIELD_OF, WORD_OF, Word
from nowserving.kit.http import AnyRequest, Unready, status_of
from nowserving.kit.problems import Problem, StillRunning
from nowserving.people.staff import UnknownCaller


class Failure(msgspec.Struct, rename="camel"):
    """The body of every error."""

    error_code: int | None
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """Why a request failed, before it is put in anybody's form; `problem` None for a bug."""

    status: int
    message: str
    problem: Problem | None = None
    error_code: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


def for_all(answer: Callable[[AnyRequest, Exception], Response[Any]]) -> ExceptionHandlersMap:
    """One answer for whatever fails; the application's own for some kinds would come first."""
    return {Problem: answer, HTTPException: answer, Exception: answer}


def refuse(request: AnyRequest, failure: Exception) -> Response[bytes]:
    """The answer to a request that failed."""
    why = explained(failure)
    body = Failure(why.error_code, why.message, _field(why.problem))
    return Response(
        msgspec.json.encode(body),
        status_code=why.status,
        headers=why.headers,
        media_type="application/json",
    )


def explained(failure: Exception) -> Why:
    """Why a request failed. A problem has a word; of a bug nothing is told."""
    problem = problem_of(failure)
    if problem is None:
        return Why(500, "Something went wrong on our side.")
    word = WORD_OF.get(type(problem)) or Word(status_of(problem))
    return Why(word.status, _sentence(problem), problem, word.error_code, _headers(problem))


def _sentence(problem: Problem) -> str:
    reason = problem.details.get("reason")
    return f"{problem.message()} ({reason})" if reason else problem.message()


def _field(problem: Problem | None) -> str | None:
    name = problem.details.get("field") if problem is not None else None
    return FIELD_OF.get(name, name) if isinstance(name, str) else None


def _headers(problem: Problem) -> dict[str, str]:
    """How to sign in, what to do instead, or when to try again."""
    if "allow" in problem.details:
        return {"Allow": str(problem.details["allow"])}
    if isinstance(problem, UnknownCaller):
        return {"WWW-Authenticate": "Bearer"}
    waits: dict[type[Problem], int] = {StillRunning: 1, Unready: 2}
    seconds = problem.details.get("seconds", waits.get(type(problem)))
    return {} if seconds is None else {"Retry-After": str(seconds)}
