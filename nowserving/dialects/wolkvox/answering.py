"""Answers: the envelope with its spellings, and what stands in it when something is wrong."""

import json
from collections.abc import Sequence
from typing import Any

from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from nowserving.actions.doorway import problem_of
from nowserving.dialects.wolkvox.words import BUG, FOUND, NAME_OF, word_of
from nowserving.kit.http import AnyRequest, Reply, Unready
from nowserving.kit.problems import Problem, StillRunning


def written(message: str, id: str) -> Reply:
    """What was written, `code` a number and the blanks as in the vendor's sample."""
    data = f'{{ "wolkvox_id": "{id}" }}'
    return Reply(200, f'{{ "code": 200, "error": "null", "msg": "{message}", "data": {data} }}')


def wrote(message: str, ids: Sequence[str]) -> Reply:
    """Several records that were written."""
    data = ", ".join(f'{{ "wolkvox_id": "{id}" }}' for id in ids)
    return Reply(200, f'{{ "code": 200, "error": "null", "msg": "{message}", "data": [{data}] }}')


def found(records: Sequence[Any], data: Any = None) -> Reply:
    """What was found; `code` a text, and how many there are once more under a key of its own."""
    body = {
        "code": "200",
        "error": "null",
        "msg": FOUND.format(count=len(records)),
        "data": records if data is None else data,
        "Total records": len(records),
    }
    return Reply(200, json.dumps(body, ensure_ascii=False))


def sent(reply: Reply) -> Response[bytes]:
    """A reply on the wire."""
    headers = {**reply.headers, "Cache-Control": "no-store"}
    if reply.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(
        reply.body.encode(errors="replace"),
        status_code=reply.status,
        headers=headers,
        media_type="application/json; charset=utf-8",
    )


def refuse(_: AnyRequest, failure: Exception) -> Response[bytes]:
    """The answer to a request that failed. Of a bug nothing is told."""
    problem = problem_of(failure)
    word = BUG if problem is None else word_of(problem)
    body = {
        "code": word.status,
        "error": NAME_OF[word.status],
        "msg": word.text or (_detail(problem) if problem else ""),
        "data": [],
    }
    said = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return sent(Reply(word.status, said, _headers(problem)))


def _detail(problem: Problem) -> str:
    """What is to be mended, if that is known, in capitals as their texts are."""
    field, reason = problem.details.get("field"), problem.details.get("reason")
    if reason is None:
        return problem.message().upper()
    return f"{field}: {reason}".upper() if field else str(reason).upper()


def _headers(problem: Problem | None) -> dict[str, str]:
    if problem is None:
        return {}
    if "allow" in problem.details:
        return {"Allow": str(problem.details["allow"])}
    waits: dict[type[Problem], int] = {StillRunning: 1, Unready: 2}
    seconds = problem.details.get("seconds", waits.get(type(problem)))
    return {} if seconds is None else {"Retry-After": str(seconds)}


FOR_ALL: ExceptionHandlersMap = {Problem: refuse, HTTPException: refuse, Exception: refuse}
"""One answer for whatever fails."""
