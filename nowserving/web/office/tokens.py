"""Tokens of programs: made and shown once, how often each came today, taken back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions import api_tokens
from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.replies import once
from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest, Reply
from nowserving.kit.ids import token
from nowserving.kit.problems import Invalid, NotFound, Problem
from nowserving.people.permissions import Permission
from nowserving.people.tokens import LIMIT, TokenKind
from nowserving.web.desk.session import go
from nowserving.web.office.frame import office_page, who_may
from nowserving.web.office.session import Entered, entered
from nowserving.web.pages import Page
from nowserving.web.words import N_

PATH = "/office/tokens"
KINDS: Mapping[TokenKind, str] = {
    TokenKind.INTERNAL: N_("Internal: for everything"),
    TokenKind.EXTERNAL: N_("External: the public notes on the cases of one company"),
}
SAID = {"add": N_("Added."), "drop": N_("It is good no longer.")}


@get("/tokens")
async def show(request: AnyRequest) -> Page:
    """The tokens that are good."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    return await _list(request, here, said=SAID.get(request.query_params.get("said", "")))


@get("/tokens/new")
async def ask(request: AnyRequest) -> Page:
    """The form of a new token."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    return await _form(request, here, Entered({"kind": ["internal"], "limit": [str(LIMIT)]}))


@post("/tokens/new", status_code=200)
async def add(request: AnyRequest) -> Page | Response[None]:
    """Make a token; the page after it shows its text, this once."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    form = await entered(request, here)
    secrets: list[str] = []

    async def do(act: Act) -> None:
        _, secret = await api_tokens.create_token(act, **await _terms(act, form))
        secrets[:] = [secret]

    key = once(form["key"] or None, request.url.path, repr(sorted(form.fields.items())))
    try:
        reply = await doorway(request).house.perform(
            here.actor, do, lambda _: Reply(200, ""), once=key
        )
    except Problem as problem:
        return await _form(request, here, form, problem=problem)
    if reply.replayed or not secrets:
        return go(PATH, said="add")
    return await _list(request, here, secret=secrets[0])


@post("/tokens/{id:uuid}/drop", status_code=200)
async def drop(request: AnyRequest, id: FromPath[UUID]) -> Response[None]:
    """Take a token back."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    await entered(request, here)
    async with doorway(request).house.acting(here.actor) as act:
        await api_tokens.drop_token(act, token_id=id)
    return go(PATH, said="drop")


ROUTES = [show, ask, add, drop]


async def _terms(act: Act, form: Entered) -> dict[str, Any]:
    """What the form says, as the action takes it."""
    external = form["kind"] == TokenKind.EXTERNAL
    limit = _number(form["limit"], "daily_limit")
    company = None
    if external:
        try:
            number = _number(form["customer"].lstrip("# "), "customer_id")
            company = (await act.look.customers.numbered(number)).id
        except NotFound:
            raise Invalid(field="customer_id", reason="there is no such customer") from None
    return {
        "name": form["name"],
        "kind": TokenKind.EXTERNAL if external else TokenKind.INTERNAL,
        "daily_limit": limit,
        "customer_id": company,
        "replaces_files": bool(form["replaces"]),
    }


def _number(text: str, field: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid(field=field, reason="a number")
    return int(text)


async def _list(
    request: AnyRequest, here: SignedIn, *, secret: str | None = None, said: str | None = None
) -> Page:
    async with doorway(request).house.acting(here.actor) as act:
        found = await api_tokens.tokens(act)
        companies = {
            one.customer_id: (await act.look.customers.get(one.customer_id)).name
            for one, _ in found
            if one.customer_id is not None
        }
    return await office_page(
        request,
        "office/tokens.html",
        here,
        found=found,
        companies=companies,
        kinds=KINDS,
        secret=secret,
        said=said,
    )


async def _form(
    request: AnyRequest, here: SignedIn, form: Entered, *, problem: Problem | None = None
) -> Page:
    details = problem.details if problem is not None else {}
    return await office_page(
        request,
        "office/token_form.html",
        here,
        problem=problem,
        form=form,
        kinds=KINDS,
        wrong=str(details.get("field", "")),
        reason=str(details.get("reason", "")),
        key=form["key"] or token(),
    )
