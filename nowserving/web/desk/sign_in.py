"""Signing in and out."""

import re
from datetime import timedelta

from litestar import Response, get, post
from litestar.datastructures import Cookie

from nowserving.actions.doorway import doorway
from nowserving.actions.sign_in import sign_in, sign_out
from nowserving.kit.http import AnyRequest, status_of
from nowserving.kit.pace import Pace, neighbourhood
from nowserving.kit.problems import Invalid, NotFound, Problem
from nowserving.people.staff import UnknownCaller, WrongPassword
from nowserving.places.organization import Organization
from nowserving.web.desk.session import SIGN_IN, Form, cookie, cookie_name, form_of, go, who
from nowserving.web.pages import Page, page

_OWN = re.compile(r"/office(/[a-z0-9-]+)*")

LOGIN_AT_MOST = 200
"""Characters of a name or password; more than that nobody types."""


class Paces:
    """How often somebody may try: from one address, and with one name."""

    def __init__(self) -> None:
        self.address = Pace(burst=30, every=timedelta(seconds=2))
        self.login = Pace(burst=20, every=timedelta(seconds=5))


@get("/sign-in")
async def show(request: AnyRequest) -> Page | Response[None]:
    """The form for name and password."""
    after = request.query_params.get("next", "")
    try:
        await who(request)
    except UnknownCaller:
        at = request.query_params.get("at", "")
        return await _form(request, Form({"organization": at, "next": after}))
    return go(_next(after))


@post("/sign-in", status_code=200)
async def enter(request: AnyRequest) -> Page | Response[None]:
    """Check name and password, and begin a session."""
    form = await form_of(request, None)
    try:
        secret = await _enter(request, form)
    except Problem as problem:
        return await _form(request, form, problem)
    return go(_next(form["next"]), cookie(request, secret))


@post("/sign-out", status_code=200)
async def leave(request: AnyRequest) -> Response[None]:
    """End the session and leave the desk."""
    here = await who(request)
    await form_of(request, here)
    await sign_out(doorway(request).house, here)
    doorway(request).callers.forget(request.cookies.get(cookie_name(request)))
    gone = Cookie(cookie_name(request), path="/", max_age=0, secure=doorway(request).secure)
    return go(SIGN_IN, gone)


ROUTES = [show, enter, leave]


def _next(path: str) -> str:
    """Where to go after signing in: one of our own pages, whatever a link says."""
    return path if _OWN.fullmatch(path) else "/desk"


async def _enter(request: AnyRequest, form: Form) -> str:
    house = doorway(request).house
    paces: Paces = request.app.state.setdefault("sign_in_paces", Paces())
    address = neighbourhood(request.client.host if request.client else "")
    paces.address.take(address, house.clock())
    if not form["login"] or not form["password"]:
        raise WrongPassword()
    if len(form["login"]) > LOGIN_AT_MOST or len(form["password"]) > LOGIN_AT_MOST:
        raise Invalid(field="login", reason=f"at most {LOGIN_AT_MOST} characters")
    organization = await _organization(request, form)
    name = (organization.id, form["login"])
    paces.login.take(name, house.clock())
    secret, _ = await sign_in(
        house, organization_id=organization.id, login=form["login"], password=form["password"]
    )
    paces.login.give_back(name)
    paces.address.give_back(address)
    return secret


async def _organization(request: AnyRequest, form: Form) -> Organization:
    house = doorway(request).house
    known = await house.organizations()
    if len(known) == 1:
        return known[0]
    try:
        return await house.organization_called(form["organization"].strip().lower())
    except NotFound:
        raise WrongPassword() from None


async def _form(request: AnyRequest, form: Form, problem: Problem | None = None) -> Page:
    known = await doorway(request).house.organizations()
    return page(
        request,
        "desk/sign_in.html",
        status=status_of(problem) if problem else 200,
        organization=known[0] if len(known) == 1 else None,
        form=form,
        problem=problem,
    )
