"""What a press of a button on a case's page does: one action, once, and then the page again."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from nowserving.actions import cases, desk, letters, search, work
from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.replies import Once, once
from nowserving.cases.case import Visibility
from nowserving.cases.correction import Correction
from nowserving.cases.finding import Filter
from nowserving.cases.work import Link
from nowserving.kit.http import AnyRequest, NoSuchPage, Reply
from nowserving.kit.problems import Invalid, NotFound, Problem
from nowserving.web.cases.asked import id_of
from nowserving.web.cases.sheet import draw_case
from nowserving.web.desk.session import Form, form_of, go, who
from nowserving.web.pages import Page

Order = Callable[[Act, UUID, Form], Awaitable[Any]]


async def _status(act: Act, id: UUID, form: Form) -> None:
    await work.set_status(
        act,
        case_id=id,
        status_id=_chosen(form["status"]),
        solution=form["solution"] or None,
        outcome_id=id_of(form["outcome"]),
    )


async def _assign(act: Act, id: UUID, form: Form) -> None:
    to = {"assigned_to": id_of(form["responsible"]), "owner_id": id_of(form["owner"])}
    await work.assign(act, case_id=id, to=to)


async def _correct(act: Act, id: UUID, form: Form) -> None:
    """Only what the form shows otherwise than the case has it is put right."""
    case = await act.look.cases.get(id)
    directory = await act.directory()
    details = await act.look.cases.details(id)
    zone = directory.unit(case.unit_id).zone
    due = _moment(form["due"], zone)
    if (
        due is not None
        and case.due_at is not None
        and abs((due - case.due_at).total_seconds()) < 60
    ):
        due = case.due_at
    also: dict[str, Any] = {"due_at": due, "priority_id": id_of(form["priority"])}
    contact = {name: form[name].strip() or None for name in ("name", "phone", "email")}
    texts = {name: form[name].strip() or None for name in ("title", "description", "cc")}
    known = directory.fields_of(case.category_id)
    fields = {field.id: form[f"field-{field.id}"].strip() or None for field in known}
    tags = tuple(tag for tag in directory.tags if form[f"tag-{tag}"])
    changed = Correction(
        contact={n: text for n, text in contact.items() if text != getattr(details, n)},
        texts={n: text for n, text in texts.items() if text != getattr(details, n)},
        fields={id: v for id, v in fields.items() if v != details.fields.get(str(id))},
        also={n: value for n, value in also.items() if value != getattr(case, n)},
        tag_ids=tags if set(tags) != set(case.tag_ids) else None,
    )
    if changed.changed():
        await cases.correct(act, case_id=id, correction=changed)


async def _note(act: Act, id: UUID, form: Form) -> None:
    to = Visibility.PUBLIC if form["visibility"] == Visibility.PUBLIC else Visibility.INTERNAL
    await desk.note(act, case_id=id, text=form["text"], visibility=to)


async def _part(act: Act, id: UUID, form: Form) -> None:
    """It is a part of the case with this number; of none if there stands none."""
    of = await _numbered(act, form["number"]) if form["number"].strip() else None
    await cases.correct(act, case_id=id, correction=Correction(also={"parent_id": of}))


async def _link(act: Act, id: UUID, form: Form) -> None:
    if form["kind"] == "part":
        await _part(act, id, form)
        return
    kind, forward = _kind(form["kind"])
    other = await _numbered(act, form["number"])
    one, another = (id, other) if forward else (other, id)
    await work.link(act, case_id=one, other_id=another, kind=kind)


async def _unlink(act: Act, id: UUID, form: Form) -> None:
    other, _, kind = form["link"].partition(" ")
    await work.unlink(act, case_id=id, other_id=_chosen(other), kind=_kind(kind)[0])


async def _merge(act: Act, id: UUID, form: Form) -> None:
    """The other is the duplicate: what is on the screen stays."""
    await work.merge(act, case_id=await _numbered(act, form["number"]), into_id=id)


ORDERS: Mapping[str, Order] = {
    "status": _status,
    "take_up": lambda act, id, form: work.take_up(act, case_id=id),
    "assign": _assign,
    "correct": _correct,
    "note": _note,
    "write": lambda act, id, form: letters.write(act, case_id=id, text=form["text"]),
    "again": lambda act, id, form: letters.send_again(
        act, case_id=id, letter_id=_chosen(form["letter"])
    ),
    "link": _link,
    "unlink": _unlink,
    "part": _part,
    "merge": _merge,
    "reopen": lambda act, id, form: desk.reopen(act, case_id=id),
}
"""What can be done on the page. Whether it may be done now, the case itself decides."""


@post("/{id:uuid}/{verb:str}", status_code=200)
async def change(
    request: AnyRequest, id: FromPath[UUID], verb: FromPath[str]
) -> Page | Response[None]:
    """Do something to a case."""
    order = ORDERS.get(verb)
    if order is None:
        raise NoSuchPage()
    here = await who(request)
    form = await form_of(request, here)
    house = doorway(request).house

    async def do(act: Act) -> None:
        await order(act, id, form)

    try:
        await house.perform(here.actor, do, lambda _: Reply(200, ""), once=once_of(request, form))
    except Problem as problem:
        return await draw_case(request, here, id, problem=problem, form=form)
    return go(f"/cases/{id}", said=verb)


ROUTES = [change]


def once_of(request: AnyRequest, form: Form) -> Once | None:
    """The form's key: sent twice, it does its work once."""
    asked = sorted((n, v) for n, v in form.fields.items() if n not in ("csrf", "key"))
    return once(form["key"] or None, request.url.path, msgspec.json.encode(asked))


async def _numbered(act: Act, text: str) -> UUID:
    """The id of the case with this number."""
    digits = text.strip().lstrip("#")
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 15:
        raise Invalid(field="number", reason="the number of a case")
    found = await search.find(act, wanted=Filter(number=int(digits)), most=1)
    if not found.cases:
        raise NotFound(what="case", id=digits)
    return found.cases[0].id


def _kind(text: str) -> tuple[Link, bool]:
    """How cases belong together, and whether this one stands first."""
    forward = not text.endswith("_by")
    try:
        return Link(text.removesuffix("_by")), forward
    except ValueError:
        raise Invalid(field="kind", reason="how do they belong together?") from None


def _chosen(text: str) -> UUID:
    found = id_of(text)
    if found is None:
        raise Invalid(reason="nothing is chosen")
    return found


def _moment(text: str, zone: Any) -> datetime | None:
    """A time on the wall of the unit."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
    except ValueError:
        raise Invalid(field="due", reason="a day and a time") from None
