"""An agent's own state at the desk: coming to work, a break with its reason, going home."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath

from nowserving.actions import attendance
from nowserving.actions.act import Act
from nowserving.actions.attendance import Present
from nowserving.actions.doorway import doorway
from nowserving.kit.http import AnyRequest, NoSuchPage, Reply
from nowserving.kit.problems import Blame, Invalid, Problem
from nowserving.people.attendance import Leaving, Reason
from nowserving.web.desk.place import Place, place_of
from nowserving.web.desk.screen import draw_desk
from nowserving.web.desk.session import Form, form_of, go, key_of, wants_part, who
from nowserving.web.pages import Page


class SayWhy(Problem):
    """Say in a few words why."""

    blame = Blame.INPUT


Order = Callable[[Act, Form, Place], Awaitable[Present]]


async def _pause(act: Act, form: Form, place: Place) -> Present:
    task_id = _id(form["task"]) if form["task"] else None
    reason = Reason.BACK_OFFICE if task_id else _reason(form["reason"])
    description = _said(form, needed=reason is Reason.OTHER)
    return await attendance.become_unavailable(
        act, reason=reason, description=description, task_id=task_id
    )


async def _leave(act: Act, form: Form, place: Place) -> Present:
    why = Leaving.OTHER if form["why"] == Leaving.OTHER else Leaving.END_OF_SHIFT
    return await attendance.clock_out(
        act, why=why, description=_said(form, needed=why is Leaving.OTHER)
    )


ORDERS: Mapping[str, Order] = {
    "come": lambda act, form, place: attendance.clock_in(act, unit_id=place.unit.id),
    "pause": _pause,
    "back": lambda act, form, place: attendance.become_available(act),
    "leave": _leave,
}
"""What agents do to themselves. Whether it may be done now, their attendance decides."""


@post("/me/{verb:str}", status_code=200)
async def change(request: AnyRequest, verb: FromPath[str]) -> Page | Response[None]:
    """Come, take a break, come back from it, or go. Whoever goes has no desk any more."""
    order = ORDERS.get(verb)
    if order is None:
        raise NoSuchPage()
    here = await who(request)
    form = await form_of(request, here)
    house = doorway(request).house
    place = await place_of(here, house)
    key = key_of(request, form)
    try:
        await house.perform(
            here.actor, lambda act: order(act, form, place), lambda _: Reply(204, ""), once=key
        )
    except Problem as problem:
        return await draw_desk(request, here, problem=problem)
    return (
        await draw_desk(request, here, said=verb) if wants_part(request) else go("/desk", said=verb)
    )


ROUTES = [change]


def _said(form: Form, *, needed: bool) -> str | None:
    """Their own words: only where no other reason is told, whatever else the form holds."""
    text = form["description"].strip()
    if needed and not text:
        raise SayWhy()
    return text if needed else None


def _reason(text: str) -> Reason:
    try:
        return Reason(text)
    except ValueError:
        raise Invalid(field="reason", reason="no such reason") from None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(field="task", reason="not an id") from None
