"""Where a mail server hands in what customers answer: one mail as it came, byte by byte.

`POST /mail/inbound?organization=<slug>` with the operator's secret as a bearer token
(`NOWSERVING_MAIL_SECRET`; without one the door is shut). 200 with what became of the mail;
a mail that belongs to no case is taken and put nowhere, or it would come again and again.
"""

from hmac import compare_digest
from typing import Any

from litestar import Response, Router, post
from litestar.exceptions import HTTPException

from nowserving.actions.doorway import doorway, problem_of
from nowserving.actions.mail_in import take_in
from nowserving.cases.letters import MAIL_AT_MOST
from nowserving.kit.http import AnyRequest, NoSuchPage, bearer, body_of, status_of
from nowserving.kit.problems import Problem
from nowserving.people.staff import UnknownCaller


@post("/inbound", status_code=200)
async def inbound(request: AnyRequest) -> Response[Any]:
    """Take in one mail."""
    here = doorway(request)
    secret: str = getattr(request.app.state, "mail_secret", "")
    if not secret:
        raise NoSuchPage()
    if not compare_digest((bearer(request) or "").encode(), secret.encode()):
        raise UnknownCaller()
    organization = await here.house.organization_called(
        request.query_params.get("organization", "")
    )
    case = await take_in(here.house, organization.id, await body_of(request, MAIL_AT_MOST))
    return Response({"case_id": None if case is None else str(case.id)})


def _refuse(request: AnyRequest, failure: Exception) -> Response[Any]:
    problem = problem_of(failure)
    status = 500 if problem is None else status_of(problem)
    title = "Something went wrong on our side." if problem is None else problem.message()
    return Response({"title": title, "status": status}, status_code=status)


DOOR = Router(
    "/mail",
    route_handlers=[inbound],
    exception_handlers={Problem: _refuse, HTTPException: _refuse, Exception: _refuse},
    request_max_body_size=MAIL_AT_MOST,
    include_in_schema=False,
)
