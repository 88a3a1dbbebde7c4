"""The form of an endpoint: adding one, and changing one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions import endpoints
from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.endpoints import Shown
from nowserving.actions.replies import once
from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest, Reply
from nowserving.kit.ids import token
from nowserving.kit.problems import Invalid, Problem
from nowserving.people.permissions import Permission
from nowserving.places.endpoints import POSTS_AT_ONCE, Endpoint
from nowserving.web.desk.session import go
from nowserving.web.office import said
from nowserving.web.office.frame import office_page, who_may
from nowserving.web.office.session import Entered, entered
from nowserving.web.office.webhooks import PATH, draw_endpoint
from nowserving.web.pages import Page

SWITCHES = ("full", "cloudevents", "any_success", "substatus")
CHOICES = ("method", "encrypt", "when_stuck")


@get("/webhooks/new")
async def new(request: AnyRequest) -> Page:
    """Choose a language, then fill in the form."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    return await _form(request, here, _empty(request.query_params.get("dialect", "")))


@post("/webhooks/new", status_code=200)
async def add(request: AnyRequest) -> Page | Response[None]:
    """Add an endpoint; its page shows the secret, this once."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    form = await entered(request, here)
    made: list[Shown] = []

    async def do(act: Act) -> Shown:
        terms = _terms(form)
        shown = await endpoints.add(
            act, dialect=form["dialect"], secret=form["secret"].strip() or None, **terms
        )
        made[:] = [shown]
        return shown

    key = once(form["key"] or None, request.url.path, repr(sorted(form.fields.items())))
    try:
        reply = await doorway(request).house.perform(
            here.actor, do, lambda shown: Reply(200, str(shown.endpoint.id)), once=key
        )
    except Problem as problem:
        return await _form(request, here, form, problem=problem)
    if not reply.replayed and made and made[0].secret:
        return await draw_endpoint(request, here, UUID(reply.body), secret=made[0].secret)
    return go(f"{PATH}/{reply.body}", said="change")


@get("/webhooks/{id:uuid}/edit")
async def edit(request: AnyRequest, id: FromPath[UUID]) -> Page:
    """The form, filled in as things are."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    async with doorway(request).house.acting(here.actor) as act:
        shown = (await endpoints.show(act, endpoint_id=id)).shown
    return await _form(request, here, _filled(shown.endpoint), of=shown)


@post("/webhooks/{id:uuid}/edit", status_code=200)
async def save(request: AnyRequest, id: FromPath[UUID]) -> Page | Response[None]:
    """Save the form over what was seen."""
    here = await who_may(request, Permission.MANAGE_INTEGRATIONS)
    form = await entered(request, here)
    house = doorway(request).house
    async with house.acting(here.actor) as act:
        seen = (await endpoints.show(act, endpoint_id=id)).shown
    made: list[Shown] = []

    async def do(act: Act) -> None:
        changes = _terms(form, seen.endpoint)
        shown = await endpoints.change(
            act, endpoint_id=id, version=_version(form["version"]), changes=changes
        )
        made[:] = [shown]

    try:
        await house.perform(here.actor, do, lambda _: Reply(200, ""))
    except Problem as problem:
        return await _form(request, here, form, of=seen, problem=problem)
    if made[0].secret:
        return await draw_endpoint(request, here, id, secret=made[0].secret)
    return go(f"{PATH}/{id}", said="change")


ROUTES = [new, add, edit, save]


async def _form(
    request: AnyRequest,
    here: SignedIn,
    form: Entered,
    *,
    of: Shown | None = None,
    problem: Problem | None = None,
) -> Page:
    languages = doorway(request).house.outside.languages
    language = languages.get(form["dialect"])
    return await office_page(
        request,
        "office/webhook_form.html" if language else "office/webhook_choice.html",
        here,
        problem=problem,
        form=form,
        of=of,
        language=language,
        dialects=said.DIALECTS,
        stuck=said.STUCK,
        wrong=str(problem.details.get("field", "")) if problem else "",
        reason=str(problem.details.get("reason", "")) if problem else "",
        key=form["key"] or token(),
    )


def _empty(dialect: str) -> Entered:
    return Entered({"dialect": [dialect], "concurrency": [str(POSTS_AT_ONCE)]})


def _filled(endpoint: Endpoint) -> Entered:
    """The form as an endpoint stands."""
    settings = endpoint.settings
    fields = {
        "dialect": [endpoint.dialect],
        "version": [str(endpoint.version)],
        "url": [endpoint.url],
        "name": [endpoint.name],
        "kinds": list(endpoint.kinds),
        "units": [str(id) for id in endpoint.unit_ids or ()],
        "services": [str(id) for id in endpoint.service_ids or ()],
        "authorization": [endpoint.authorization],
        "concurrency": [str(endpoint.concurrency)],
        "rate": ["" if endpoint.rate is None else str(endpoint.rate)],
        "settings": [name for name in SWITCHES if settings.get(name) is True],
        **{name: [str(settings.get(name) or "")] for name in CHOICES},
    }
    actions: Mapping[str, str] = settings.get("actions", {})
    return Entered(fields | {f"action-{kind}": [name] for kind, name in actions.items()})


def _terms(form: Entered, seen: Endpoint | None = None) -> dict[str, Any]:
    """What the form says, as the action takes it."""
    terms = {
        "url": form["url"],
        "name": form["name"],
        "kinds": _kinds(form.all("kinds")),
        "unit_ids": _ids(form, "units") or None,
        "service_ids": _ids(form, "services") or None,
        "concurrency": _number(form["concurrency"], "concurrency"),
        "rate": _number(form["rate"], "rate") if form["rate"].strip() else None,
        "settings": _settings(form, seen),
    }
    if form["authorization"]:
        terms["authorization"] = form["authorization"]
    if form["no_headers"]:
        terms["headers"] = {}
    elif form["headers"].strip():
        terms["headers"] = _headers(form["headers"])
    return terms


def _kinds(chosen: list[str]) -> list[str]:
    """What was chosen, but for what another choice means already: `case.*` and `case.called`."""
    starts = [one[:-1] for one in chosen if one.endswith("*")]
    return [
        one
        for one in chosen
        if not any(one.startswith(start) and one != f"{start}*" for start in starts)
    ]


def _settings(form: Entered, seen: Endpoint | None) -> dict[str, Any]:
    """The settings on the form, beside those that are not on it."""
    settings = dict(seen.settings) if seen is not None else {}
    for name in SWITCHES:
        settings.pop(name, None)
    settings |= dict.fromkeys(form.all("settings"), True)
    for name in CHOICES:
        settings.pop(name, None)
        if form[name]:
            settings[name] = form[name]
    actions = {
        name.removeprefix("action-"): text
        for name in form.fields
        if name.startswith("action-") and (text := form[name].strip())
    }
    settings.pop("actions", None)
    return settings | ({"actions": actions} if actions else {})


def _headers(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if line.strip():
            if not colon:
                raise Invalid(field="headers", reason="a line is a name, a colon and a value")
            found[name.strip()] = value.strip()
    return found


def _ids(form: Entered, name: str) -> list[UUID]:
    try:
        return [UUID(text) for text in form.all(name)]
    except ValueError:
        raise Invalid(field=f"{name[:-1]}_ids", reason="not an id") from None


def _number(text: str, field: str) -> int:
    if not (text.strip().isascii() and text.strip().isdecimal() and len(text.strip()) < 9):
        raise Invalid(field=field, reason="a number")
    return int(text)


def _version(text: str) -> int:
    return _number(text, "version")
