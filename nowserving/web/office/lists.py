"""The pages of what is set up: the lists, one thing of a list, and a new one."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.replies import once
from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest, NoSuchPage, Reply
from nowserving.kit.ids import token
from nowserving.kit.problems import NotFound, Problem
from nowserving.people.permissions import Permission
from nowserving.web.desk.session import go
from nowserving.web.office.frame import CHANGES_SHOWN, names_behind, office_page, who_may
from nowserving.web.office.registers import Register, archived
from nowserving.web.office.session import Entered, entered
from nowserving.web.office.set_up import REGISTERS
from nowserving.web.pages import Page, speech_for
from nowserving.web.words import N_

SAID = {"add": N_("Added."), "change": N_("Saved.")}


@get("/set-up")
async def show_all(request: AnyRequest) -> Page:
    """What there is to be set up."""
    here = await who_may(request, Permission.MANAGE_PLACES)
    return await office_page(request, "office/set_up.html", here, registers=REGISTERS.values())


@get("/set-up/{name:str}")
async def show(request: AnyRequest, name: FromPath[str]) -> Page:
    """One list."""
    register = _register(name)
    here = await who_may(request, register.needs)
    directory = await doorway(request).house.directory(here.actor.organization_id)
    say = speech_for(request, country=directory.organization.country)
    return await office_page(
        request,
        "office/list.html",
        here,
        register=register,
        grouped=register.grouped(say, directory),
        archived=archived,
        said=SAID.get(request.query_params.get("said", "")),
    )


@get("/set-up/{name:str}/new")
async def ask(request: AnyRequest, name: FromPath[str]) -> Page:
    """The form of a new thing."""
    register = _register(name, adds=True)
    here = await who_may(request, register.needs)
    usual = {one.name: [one.usual] for one in register.entries if one.usual}
    asked = {n: [v] for n, v in request.query_params.items()}
    return await _form(request, here, register, Entered({**usual, **asked}))


@post("/set-up/{name:str}/new", status_code=200)
async def add(request: AnyRequest, name: FromPath[str]) -> Page | Response[None]:
    """Add it, and go back to the list."""
    register = _register(name, adds=True)
    here = await who_may(request, register.needs)
    form = await entered(request, here)

    async def do(act: Act) -> None:
        assert register.add is not None
        await register.add(act, register.made(form))

    key = once(form["key"] or None, request.url.path, repr(sorted(form.fields.items())))
    try:
        await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""), once=key)
    except Problem as problem:
        return await _form(request, here, register, form, problem=problem)
    return go(register.path, said="add")


@get("/set-up/{name:str}/{id:uuid}")
async def show_one(request: AnyRequest, name: FromPath[str], id: FromPath[UUID]) -> Page:
    """One thing, and who changed what of it."""
    register = _register(name)
    here = await who_may(request, register.needs)
    return await _form(request, here, register, None, id=id)


@post("/set-up/{name:str}/{id:uuid}", status_code=200)
async def change(
    request: AnyRequest, name: FromPath[str], id: FromPath[UUID]
) -> Page | Response[None]:
    """Change it, and go back to the list."""
    register = _register(name)
    here = await who_may(request, register.needs)
    form = await entered(request, here)

    async def do(act: Act) -> None:
        await register.change(act, id, register.changed(form))

    try:
        await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""))
    except NotFound:
        raise
    except Problem as problem:
        return await _form(request, here, register, form, id=id, problem=problem)
    return go(register.path, said="change")


ROUTES = [show_all, show, ask, add, show_one, change]


def _register(name: str, *, adds: bool = False) -> Register:
    register = REGISTERS.get(name)
    if register is None or (adds and register.add is None):
        raise NoSuchPage()
    return register


async def _form(
    request: AnyRequest,
    here: SignedIn,
    register: Register,
    form: Entered | None,
    *,
    id: UUID | None = None,
    problem: Problem | None = None,
) -> Page:
    """The form of a thing: as it is, or as somebody entered it who must enter it again."""
    more: dict[str, Any] = {"thing": None, "changes": [], "who": {}}
    async with doorway(request).house.acting(here.actor) as act:
        directory = await act.directory()
        if id is not None:
            more["thing"] = thing = register.thing(directory, id)
            if thing is None:
                raise NotFound(what=register.name, id=id)
            more["changes"] = changes = await act.look.audit.of(id, most=CHANGES_SHOWN)
            more["who"] = await names_behind(act, changes)
            if form is None:
                form = Entered({one.name: one.shown(thing) for one in register.entries})
    details = problem.details if problem is not None else {}
    return await office_page(
        request,
        "office/entry.html",
        here,
        problem=problem,
        register=register,
        form=form or Entered({}),
        wrong=str(details.get("field", "")),
        reason=str(details.get("reason", "")),
        key=(form["key"] if form is not None else "") or token(),
        **more,
    )
