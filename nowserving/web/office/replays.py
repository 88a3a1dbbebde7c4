"""Telling again: what is asked for, and how far it has come."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions import deliveries
from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Invalid, Problem
from nowserving.people.permissions import Permission
from nowserving.places.replays import Replay, ReplayState, Source
from nowserving.store.deliveries import Attempt
from nowserving.web.desk.session import Form, form_of, go, wants_part
from nowserving.web.office.deliveries import an_id, an_instant, host_of, moment
from nowserving.web.office.frame import office_page, who_may
from nowserving.web.pages import Page, fragment, speech_for
from nowserving.web.words import N_

HOME = "/office/replays"

STATES = {
    ReplayState.WAITING: N_("Waits to go on"),
    ReplayState.RUNNING: N_("Going on"),
    ReplayState.DONE: N_("Done"),
    ReplayState.FAILED: N_("Failed"),
    ReplayState.CANCELED: N_("Canceled"),
}
SOURCES = {
    Source.FEED: N_("Everything within a time"),
    Source.FAILED: N_("What was not taken"),
    Source.FACT: N_("One fact"),
    Source.TEST: N_("A trial"),
}


@get("/replays")
async def show_all(request: AnyRequest) -> Page:
    """The newest replays, and the form for another."""
    return await _draw_all(request, await who_may(request, Permission.MANAGE_INTEGRATIONS))


@post("/replays", status_code=200)
async def ask(request: AnyRequest) -> Page | Response[None]:
    """Ask for a replay or a trial."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    form = await form_of(request, here)
    house = doorway(request).house
    zone = (await house.directory(here.actor.organization_id)).organization.zone
    try:
        endpoint_id = an_id(form["endpoint"])
        if endpoint_id is None:
            raise Invalid(field="endpoint", reason="choose where it goes")
        async with house.acting(here.actor) as act:
            if form["what"] == "test":
                asked = await deliveries.send_test(act, endpoint_id=endpoint_id)
            else:
                asked = await deliveries.replay(
                    act,
                    endpoint_id=endpoint_id,
                    since=an_instant(form["since"], zone),
                    until=an_instant(form["until"], zone),
                    only_failed=form["what"] == "failed",
                )
    except Problem as problem:
        return await _draw_all(request, here, form, problem)
    return go(f"{HOME}/{asked.id}")


@get("/replays/{replay_id:uuid}")
async def show(request: AnyRequest, replay_id: FromPath[UUID]) -> Page:
    """How far it has come."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    return await _draw(request, here, replay_id)


@post("/replays/{replay_id:uuid}/cancel", status_code=200)
async def cancel(request: AnyRequest, replay_id: FromPath[UUID]) -> Page | Response[None]:
    """End it."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    await form_of(request, here)
    try:
        async with doorway(request).house.acting(here.actor) as act:
            await deliveries.cancel(act, replay_id=replay_id)
    except Problem as problem:
        return await _draw(request, here, replay_id, problem)
    return go(f"{HOME}/{replay_id}")


ROUTES = [show_all, ask, show, cancel]


async def _draw_all(
    request: AnyRequest,
    here: SignedIn,
    form: Form | None = None,
    problem: Problem | None = None,
) -> Page:
    async with doorway(request).house.acting(here.actor) as act:
        endpoints = await act.look.endpoints.all()
        found = await deliveries.replays(act)
    return await office_page(
        request,
        "office/replays.html",
        here,
        problem=problem,
        form=form or Form(dict(request.query_params)),
        endpoints=sorted(endpoints, key=lambda one: (one.name or host_of(one)).lower()),
        named={one.id: one.name or host_of(one) for one in endpoints},
        replays=found,
        states=STATES,
        sources=SOURCES,
        moment=moment,
        host=host_of,
    )


async def _draw(
    request: AnyRequest, here: SignedIn, replay_id: UUID, problem: Problem | None = None
) -> Page:
    house = doorway(request).house
    async with house.acting(here.actor) as act:
        replay = await deliveries.show_replay(act, replay_id=replay_id)
        attempts = await _attempts(act, replay)
        endpoints = await act.look.endpoints.some([replay.endpoint_id])
    endpoint = endpoints.get(replay.endpoint_id)
    context: dict[str, Any] = {
        "replay": replay,
        "attempts": attempts,
        "name": "" if endpoint is None else endpoint.name or host_of(endpoint),
        "states": STATES,
        "sources": SOURCES,
        "moment": moment,
    }
    if wants_part(request):
        directory = await house.directory(here.actor.organization_id)
        return fragment(
            request,
            "office/replay_now.html",
            speaks=speech_for(request, country=directory.organization.country),
            zone=directory.organization.zone,
            here=here,
            **context,
        )
    return await office_page(request, "office/replay.html", here, problem=problem, **context)


async def _attempts(act: Act, replay: Replay) -> list[Attempt]:
    """What came of a trial, or of one fact told again."""
    if replay.source not in (Source.TEST, Source.FACT):
        return []
    wish = replay.wish
    found = await act.look.deliveries.of_fact(
        replay.endpoint_id, UUID(str(wish["subject_id"])), int(wish["version"])
    )
    return [one for one in found if one.replay_id == replay.id]
