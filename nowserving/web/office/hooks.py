"""Who is asked before something is done: the list, one of them, and what it answered."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions import hooks
from nowserving.actions.act import Act
from nowserving.actions.asking import Heard, Verdict
from nowserving.actions.doorway import doorway
from nowserving.actions.replies import once
from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest, NoSuchPage, Reply
from nowserving.kit.ids import token
from nowserving.kit.problems import Invalid, Problem
from nowserving.people.permissions import Permission
from nowserving.places.hooks import ABOUT_CASE, HookKind, HookState, OnFailure, Outcome
from nowserving.web.desk.session import go
from nowserving.web.office.frame import CHANGES_SHOWN, names_behind, office_page, who_may
from nowserving.web.office.said import DIALECTS
from nowserving.web.office.session import Entered, entered
from nowserving.web.pages import Page
from nowserving.web.words import N_

PATH = "/office/hooks"
ANSWERS_SHOWN = 30

KINDS: Mapping[HookKind, str] = {
    HookKind.QUEUE_UP: N_("Before somebody joins a line"),
    HookKind.BOOK: N_("Before a time is booked"),
    HookKind.MOVE: N_("Before an appointment is moved"),
    HookKind.CHECK_IN: N_("Before somebody checks in"),
    HookKind.RESOLVE: N_("Before a case is finished"),
    HookKind.APPOINTMENTS: N_("Before a kiosk looks for appointments"),
    HookKind.CUSTOMERS: N_("For customers kept elsewhere"),
    HookKind.SMS: N_("To send text messages"),
}
POLICIES: Mapping[OnFailure, str] = {
    OnFailure.ALLOW: N_("Go on without it"),
    OnFailure.DENY: N_("Refuse"),
}
OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    Outcome.AGREED: (N_("Agreed"), "good"),
    Outcome.CHANGED: (N_("Changed something"), "good"),
    Outcome.REFUSED: (N_("Refused"), "warn"),
    Outcome.FAILED: (N_("Did not answer"), "bad"),
}
"""What came of asking, with its color; the word says it too."""

SAID: Mapping[str, str] = {
    "change": N_("Saved."),
    "disable": N_("It is not asked any more."),
    "enable": N_("It is asked from now on."),
    "remove": N_("Removed."),
}


async def _state(act: Act, id: UUID, state: HookState) -> None:
    await hooks.change(act, hook_id=id, changes={"state": state})


DO: Mapping[str, Callable[[Act, UUID], Awaitable[Any]]] = {
    "disable": lambda act, id: _state(act, id, HookState.DISABLED),
    "enable": lambda act, id: _state(act, id, HookState.ACTIVE),
    "remove": lambda act, id: hooks.remove(act, hook_id=id),
    "roll": lambda act, id: hooks.roll_secret(act, hook_id=id),
    "test": lambda act, id: hooks.try_out(act, hook_id=id),
}
"""What a button does to a hook."""


@get("/hooks")
async def show_all(request: AnyRequest) -> Page:
    """All hooks."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    async with doorway(request).house.acting(here.actor) as act:
        found = await hooks.hooks(act)
    said = SAID.get(request.query_params.get("said", ""))
    return await _page(request, here, "hooks", found=found, said=said)


@get("/hooks/new")
async def new(request: AnyRequest) -> Page:
    """The form of a new hook."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    return await _form(request, here, Entered({"timeout": ["2000"], "on_failure": ["allow"]}))


@post("/hooks/new", status_code=200)
async def add(request: AnyRequest) -> Page | Response[None]:
    """Have somebody asked from now on; the page after it shows the secret, this once."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    form = await entered(request, here)
    secrets: list[str | None] = []

    async def do(act: Act) -> UUID:
        kind = _one_of(HookKind, form["kind"], "kind")
        terms = _terms(form) | await _where(act, form["below"])
        made, secret = await hooks.add(act, wanted=hooks.Wanted(kind=kind, **terms))
        secrets[:] = [secret]
        return made.id

    key = once(form["key"] or None, request.url.path, repr(sorted(form.fields.items())))
    try:
        reply = await doorway(request).house.perform(
            here.actor, do, lambda id: Reply(200, str(id)), once=key
        )
    except Problem as problem:
        return await _form(request, here, form, problem=problem)
    if reply.replayed or not secrets or secrets[0] is None:
        return go(f"{PATH}/{reply.body}", said="change")
    return await _show(request, here, UUID(reply.body), secret=secrets[0])


@get("/hooks/{id:uuid}")
async def show_one(request: AnyRequest, id: FromPath[UUID]) -> Page:
    """One hook, and what it answered lately."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    said = SAID.get(request.query_params.get("said", ""))
    return await _show(request, here, id, said=said)


@post("/hooks/{id:uuid}", status_code=200)
async def save(request: AnyRequest, id: FromPath[UUID]) -> Page | Response[None]:
    """Change a hook."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    form = await entered(request, here)

    async def do(act: Act) -> None:
        changes = _terms(form)
        if (await hooks.hook(act, hook_id=id)).url is None:
            del changes["url"]
        await hooks.change(act, hook_id=id, changes=changes)

    try:
        await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""))
    except Problem as problem:
        return await _show(request, here, id, problem=problem)
    return go(f"{PATH}/{id}", said="change")


@post("/hooks/{id:uuid}/{verb:str}", status_code=200)
async def press(
    request: AnyRequest, id: FromPath[UUID], verb: FromPath[str]
) -> Page | Response[None]:
    """Do something to a hook."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    await entered(request, here)
    if verb not in DO:
        raise NoSuchPage()
    came: list[Any] = []

    async def do(act: Act) -> None:
        came[:] = [await DO[verb](act, id)]

    try:
        await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""))
    except Problem as problem:
        return await _show(request, here, id, problem=problem)
    if verb == "test":
        return await _show(request, here, id, heard=came[0])
    if verb == "roll":
        return await _show(request, here, id, secret=came[0][1])
    return go(PATH if verb == "remove" else f"{PATH}/{id}", said=verb)


ROUTES = [show_all, new, add, show_one, save, press]


async def _show(
    request: AnyRequest,
    here: SignedIn,
    id: UUID,
    *,
    secret: str | None = None,
    heard: Heard | None = None,
    said: str | None = None,
    problem: Problem | None = None,
) -> Page:
    async with doorway(request).house.acting(here.actor) as act:
        hook = await hooks.hook(act, hook_id=id)
        below = {one.id: one for one in await hooks.base_addresses(act)}
        answers = await hooks.askings(act, hook_id=id, most=ANSWERS_SHOWN)
        changes = await hooks.history(act, hook_id=id, most=CHANGES_SHOWN)
        behind = await names_behind(act, changes)
    verdict = heard.said if heard is not None and isinstance(heard.said, Verdict) else None
    return await _page(
        request,
        here,
        "hook",
        problem=problem,
        hook=hook,
        below=below.get(hook.endpoint_id) if hook.endpoint_id else None,
        answers=answers,
        changes=changes,
        who=behind,
        secret=secret,
        heard=heard,
        verdict=verdict,
        said=said,
    )


async def _form(
    request: AnyRequest, here: SignedIn, form: Entered, *, problem: Problem | None = None
) -> Page:
    async with doorway(request).house.acting(here.actor) as act:
        bases = await hooks.base_addresses(act)
    key = form["key"] or token()
    return await _page(request, here, "hook_form", problem=problem, form=form, key=key, bases=bases)


async def _page(
    request: AnyRequest, here: SignedIn, name: str, *, problem: Problem | None = None, **more: Any
) -> Page:
    details = problem.details if problem is not None else {}
    return await office_page(
        request,
        f"office/{name}.html",
        here,
        problem=problem,
        wrong=str(details.get("field", "")),
        reason=str(details.get("reason", "")),
        kinds=KINDS,
        dialects=DIALECTS,
        asked_of_case=[*sorted(ABOUT_CASE), HookKind.APPOINTMENTS],
        asked_for=[HookKind.CUSTOMERS, HookKind.SMS],
        policies=POLICIES,
        outcomes=OUTCOMES,
        **more,
    )


async def _where(act: Act, below: str) -> dict[str, Any]:
    """In which language, and where if not at an address of its own: below an endpoint's."""
    if not below:
        return {"dialect": "native"}
    for one in await hooks.base_addresses(act):
        if str(one.id) == below:
            return {"dialect": one.dialect, "endpoint_id": one.id, "url": None}
    raise Invalid(field="below", reason="not one of these")


def _terms(form: Entered) -> dict[str, Any]:
    """What the form says, as the action takes it."""
    timeout = form["timeout"].strip()
    if not (timeout.isascii() and timeout.isdecimal() and len(timeout) < 6):
        raise Invalid(field="milliseconds", reason="a number")
    return {
        "name": form["name"],
        "url": form["url"].strip() or None,
        "on_failure": _one_of(OnFailure, form["on_failure"], "on_failure"),
        "milliseconds": int(timeout),
        "unit_ids": _ids(form, "unit_ids"),
        "service_ids": _ids(form, "service_ids"),
    }


def _ids(form: Entered, name: str) -> tuple[UUID, ...] | None:
    try:
        return tuple(UUID(text) for text in form.all(name)) or None
    except ValueError:
        raise Invalid(field=name, reason="not an id") from None


def _one_of(words: Any, text: str, field: str) -> Any:
    try:
        return words(text)
    except ValueError:
        raise Invalid(field=field, reason="not one of these") from None
