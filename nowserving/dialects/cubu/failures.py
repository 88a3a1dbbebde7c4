"""What is answered when something goes wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap
from msgspec import UNSET, UnsetType

from nowserving.actions.doorway import problem_of
from nowserving.bookings.calendar import SlotTaken
from nowserving.dialects.cubu.wire import say_day
from nowserving.dialects.cubu.words import FIELD_OF, WORD_OF, Word
from nowserving.kit.http import AnyRequest, Unready, status_of
from nowserving.kit.problems import Problem, StillRunning
from nowserving.people.staff import UnknownCaller
from nowserving.places.hooks import HookRefused, NotConfirmed


class Alternative(msgspec.Struct, rename="camel"):
    """Another time that is free, as it is addressed and booked."""

    date: str
    cu_index: int
    start: int


class Failure(msgspec.Struct, rename="camel"):
    """The body of every error; `alternatives` of a time that is taken only."""

    error_code: int | None
    message: str
    field: str | None = None
    alternatives: list[Alternative] | UnsetType = UNSET


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


Words = Mapping[type[Problem], Word | Callable[[Problem], Word]]
"""The words an endpoint has of its own: the vendor's numbers are meant within one endpoint."""


def words_here(
    request: AnyRequest, words: Words, fields: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Let what fails from here on be said in this endpoint's own words first.

    `fields`: what this endpoint calls a property of ours.
    """
    request.state.words = words
    request.state.fields = fields


def refuse(request: AnyRequest, failure: Exception) -> Response[bytes]:
    """The answer to a request that failed."""
    why = explained(failure, getattr(request.state, "words", {}))
    fields = {**FIELD_OF, **getattr(request.state, "fields", {})}
    field = _field(why.problem, fields)
    body = Failure(why.error_code, why.message, field, _alternatives(why.problem))
    return Response(
        msgspec.json.encode(body),
        status_code=why.status,
        headers=why.headers,
        media_type="application/json",
    )


def explained(failure: Exception, words: Words = MappingProxyType({})) -> Why:
    """Why a request failed. A problem has a word, an endpoint's before all others'.

    Of a bug nothing is told.
    """
    problem = problem_of(failure)
    if problem is None:
        return Why(500, "Something went wrong on our side.")
    own = words.get(type(problem))
    word = own(problem) if callable(own) else own
    word = word or WORD_OF.get(type(problem)) or Word(status_of(problem))
    return Why(word.status, _sentence(problem), problem, word.error_code, _headers(problem))


def _sentence(problem: Problem) -> str:
    reason = problem.details.get("reason")
    if isinstance(problem, HookRefused) and reason:
        return str(reason)  # its own words, as Cubu passes them on
    return f"{problem.message()} ({reason})" if reason else problem.message()


def _field(problem: Problem | None, fields: Mapping[str, str]) -> str | None:
    name = problem.details.get("field") if problem is not None else None
    return fields.get(name, name) if isinstance(name, str) else None


def _alternatives(problem: Problem | None) -> list[Alternative] | UnsetType:
    if not isinstance(problem, SlotTaken):
        return UNSET
    found: Any = problem.details.get("alternatives", [])
    return [Alternative(say_day(one["day"]), one["index"], one["start"]) for one in found]


def _headers(problem: Problem) -> dict[str, str]:
    """How to sign in, what to do instead, or when to try again."""
    if "allow" in problem.details:
        return {"Allow": str(problem.details["allow"])}
    if isinstance(problem, UnknownCaller):
        return {"WWW-Authenticate": "Bearer"}
    waits: dict[type[Problem], int] = {StillRunning: 1, Unready: 2, NotConfirmed: 5}
    seconds = problem.details.get("seconds", waits.get(type(problem)))
    return {} if seconds is None else {"Retry-After": str(seconds)}
