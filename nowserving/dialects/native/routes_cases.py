"""Cases: joining a line, looking at a case, correcting it."""

from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from nowserving.actions import cases, desk
from nowserving.actions import queue_up as line
from nowserving.actions.act import Act
from nowserving.actions.gather import Queued
from nowserving.cases.admission import Request
from nowserving.cases.correction import NEWS, Correction
from nowserving.cases.work import InACircle
from nowserving.dialects.native import orders, say, shapes
from nowserving.dialects.native.given import by_id, service_of
from nowserving.dialects.native.operations import Chapter
from nowserving.kit.problems import NotFound
from nowserving.places.hooks import HookRefused, NotConfirmed
from nowserving.places.services import (
    ChannelNotOffered,
    CustomerRequired,
    EmailRequired,
    FieldRequired,
    LanguageNotOffered,
    NotWalkIn,
    PhoneRequired,
    StandsInNoLine,
    TypeNotOffered,
)

CHAPTER = Chapter(
    "Cases",
    "A case is one matter of one customer, from first sign to closed. Send an "
    "`Idempotency-Key` with whatever changes something: a request that is repeated with the "
    "same key does its work once and gets the same answer.",
)


@CHAPTER.post(
    "/cases",
    say=say.queued,
    status=201,
    at=lambda queued: f"/cases/{queued.case.id}",
    raises=(
        NotFound,
        NotWalkIn,
        StandsInNoLine,
        TypeNotOffered,
        ChannelNotOffered,
        LanguageNotOffered,
        CustomerRequired,
        PhoneRequired,
        EmailRequired,
        FieldRequired,
        HookRefused,
        NotConfirmed,
    ),
    example={"service_ext_ref": "SVC-002", "name": "Ada", "priority": 0},
)
async def queue_up(act: Act, order: orders.QueueUp) -> Queued:
    """Give somebody a ticket and a place in the line of a service."""
    directory = await act.directory()
    service = service_of(directory, order)
    return await line.queue_up(
        act,
        Request(
            service_id=service.id,
            type_id=order.type_id,
            channel=order.channel,
            language=order.language,
            customer_id=order.customer_id,
            use_customer_contact=order.use_customer_contact,
            name=order.name,
            phone=order.phone,
            email=order.email,
            fields=by_id(directory, service, order.fields),
            tag_ids=tuple(order.tag_ids),
            priority=order.priority,
            ask_required_fields=True,
            title=order.title,
            description=order.description,
        ),
    )


@CHAPTER.get("/cases/{case_id}")
async def get_case(act: Act, case_id: UUID) -> shapes.CaseFile:
    """One case, what is personal in it, its place, and what can be done to it now."""
    return say.case_file(await cases.see(act, case_id=case_id))


@CHAPTER.patch(
    "/cases/{case_id}",
    raises=(PhoneRequired, EmailRequired, InACircle),
    example={"priority": 2, "phone": "+49 30 123456"},
)
async def correct_case(act: Act, case_id: UUID, order: orders.Correct) -> shapes.Case:
    """Put right what was taken down wrongly.

    Another priority is another place in the line.
    """
    case = await act.look.cases.get(case_id)
    directory = await act.directory()
    fields = {} if order.fields is UNSET else order.fields
    correction = Correction(
        priority=_set(order.priority),
        tag_ids=None if order.tag_ids is UNSET else tuple(order.tag_ids),
        contact=_given(order, "name", "phone", "email"),
        fields=by_id(directory, directory.services[case.service_id], fields),
        texts=_given(order, "title", "description", "cc", "solution"),
        also=_given(order, *sorted(NEWS)),
    )
    return say.case(await cases.correct(act, case_id=case_id, correction=correction))


@CHAPTER.get("/cases/{case_id}/history")
async def get_history(act: Act, case_id: UUID, query: orders.HistoryPage) -> shapes.History:
    """What happened to a case, oldest first."""
    facts = await cases.history(act, case_id=case_id, after=query.after, most=query.limit + 1)
    told = [say.fact(one) for one in facts[: query.limit]]
    return shapes.History(told, more=len(facts) > query.limit)


@CHAPTER.get("/cases/{case_id}/notes")
async def get_notes(act: Act, case_id: UUID) -> shapes.Notes:
    """The remarks on a case."""
    return shapes.Notes([say.note(one) for one in await cases.notes(act, case_id=case_id)])


@CHAPTER.post(
    "/cases/{case_id}/notes", status=201, example={"text": "Comes back with the passport."}
)
async def add_note(act: Act, case_id: UUID, order: orders.AddNote) -> shapes.Note:
    """Write a remark on a case."""
    return say.note(
        await desk.note(act, case_id=case_id, text=order.text, visibility=order.visibility)
    )


def _set(value: int | UnsetType) -> int | None:
    return None if isinstance(value, UnsetType) else value


def _given(order: orders.Correct, *names: str) -> dict[str, Any]:
    """What is said of these; None takes a value away."""
    said = {name: getattr(order, name) for name in names}
    return {name: value for name, value in said.items() if value is not UNSET}
