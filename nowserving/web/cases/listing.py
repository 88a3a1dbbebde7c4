"""The list of cases: what is asked for, page by page, and filters kept under a name."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions.doorway import doorway
from nowserving.actions.downloads import answer_table
from nowserving.actions.search import Found, drop_filter, find, save_filter, saved_filters
from nowserving.actions.sign_in import SignedIn
from nowserving.cases.finding import Filter, Order, SavedFilter
from nowserving.kit.http import AnyRequest, status_of
from nowserving.kit.problems import NotFound, Problem
from nowserving.people.permissions import Permission
from nowserving.web.cases.asked import after_of, cursor, fields_of, filter_of, id_of
from nowserving.web.desk.session import form_of, go, who
from nowserving.web.pages import Page, page, speech_for

ON_A_PAGE = 25


@get("/")
async def show(request: AnyRequest) -> Page:
    """The cases that are asked for; `filter` names one that was kept."""
    return await draw_list(request, await who(request))


@post("/filters", status_code=200)
async def keep(request: AnyRequest) -> Page | Response[None]:
    """Keep what is asked for under a name."""
    here = await who(request)
    form = await form_of(request, here)
    wanted = filter_of(form.fields, here.agent.id)
    try:
        async with doorway(request).house.acting(here.actor) as act:
            saved = await save_filter(
                act, name=form["name"], wanted=wanted, group_id=id_of(form["group"])
            )
    except Problem as problem:
        return await draw_list(request, here, wanted=wanted, problem=problem)
    return go("/cases", filter=str(saved.id))


@post("/filters/{id:uuid}/drop", status_code=200)
async def drop(request: AnyRequest, id: FromPath[UUID]) -> Response[None]:
    """Keep a filter no longer."""
    here = await who(request)
    await form_of(request, here)
    async with doorway(request).house.acting(here.actor) as act:
        await drop_filter(act, filter_id=id)
    return go("/cases")


@get("/table.csv")
async def save(request: AnyRequest) -> Response[Any]:
    """All cases that are asked for, as a table."""
    here, query = await who(request), request.query_params
    async with doorway(request).house.acting(here.actor) as act:
        kept = await saved_filters(act)
    used = next((one for one in kept if str(one.id) == query.get("filter")), None)
    wanted = used.filter if used else filter_of(query, here.agent.id)
    return await answer_table(request, here.actor, wanted)


ROUTES = [show, keep, drop, save]


async def draw_list(
    request: AnyRequest,
    here: SignedIn,
    *,
    wanted: Filter | None = None,
    problem: Problem | None = None,
) -> Page:
    """The list, with the form that asks for it."""
    house, query = doorway(request).house, request.query_params
    async with house.acting(here.actor) as act:
        kept = await saved_filters(act)
        used = next((one for one in kept if str(one.id) == query.get("filter")), None)
        wanted = wanted or (used.filter if used else filter_of(query, here.agent.id))
        after = after_of(query.get("after", ""))
        try:
            found = await find(act, wanted=_with_cursor(wanted, after), after=after, most=ON_A_PAGE)
        except NotFound as gone:
            wanted, problem = Filter(), problem or gone
            found = await find(act, wanted=wanted, most=ON_A_PAGE)
        groups = await act.look.people.groups_of(here.agent.id)
    units = [
        unit
        for unit in sorted(found.directory.units.values(), key=lambda unit: unit.number)
        if not unit.archived and here.actor.may(Permission.SEE_LINE, at=unit.id)
    ]
    return page(
        request,
        "cases/list.html",
        status=status_of(problem) if problem else 200,
        speaks=speech_for(request, country=found.directory.organization.country),
        here=here,
        found=found,
        directory=found.directory,
        units=units,
        groups=groups if here.actor.may_anywhere(Permission.CHANGE_CASES) else [],
        kept=kept,
        used=used,
        asked=fields_of(wanted, here.agent.id),
        now=house.clock(),
        next=_next(found, wanted, here, used),
        table=f"/cases/table.csv?{urlencode(_asked(wanted, here, used))}",
        problem=problem,
    )


def _with_cursor(wanted: Filter, after: object) -> Filter:
    """A page of another order than its cursor begins anew rather than with a wrong one."""
    due = getattr(after, "due_at", None)
    if after is not None and wanted.order is Order.DUE and due is None:
        return replace(wanted, order=Order.NEWEST)
    return wanted


def _next(found: Found, wanted: Filter, here: SignedIn, used: SavedFilter | None) -> str:
    """The address of the next page; empty if there is none."""
    if found.after is None:
        return ""
    said = _asked(wanted, here, used)
    return f"/cases?{urlencode({**said, 'after': cursor(found.after)})}"


def _asked(wanted: Filter, here: SignedIn, used: SavedFilter | None) -> dict[str, str]:
    """What is asked for, as a query."""
    asked = {"filter": str(used.id)} if used else fields_of(wanted, here.agent.id)
    return {name: value for name, value in asked.items() if value}
