"""Work on cases: opening, finding, assigning, statuses, links, kept filters."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response
from msgspec import UNSET

from nowserving.actions import letters, search, work
from nowserving.actions import open_case as opening
from nowserving.actions.act import Act
from nowserving.actions.doorway import Doorway
from nowserving.actions.downloads import answer_table
from nowserving.cases.admission import Request
from nowserving.cases.case import NotYours, WrongState
from nowserving.cases.finding import Filter, Order, SavedFilter
from nowserving.cases.letters import NobodyToWriteTo
from nowserving.cases.work import InACircle, NoSuchStatus, Opening, SolutionRequired
from nowserving.dialects.native import orders_work as orders
from nowserving.dialects.native import say, shapes
from nowserving.dialects.native import shapes_work as shaped
from nowserving.dialects.native.given import by_id, service_of
from nowserving.dialects.native.operations import Chapter, Wire
from nowserving.kit.clock import instant, micros
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import NotFound
from nowserving.people.actor import Actor
from nowserving.places.hooks import HookRefused, NotConfirmed
from nowserving.places.organization import Organization
from nowserving.places.services import (
    ChannelNotOffered,
    CustomerRequired,
    EmailRequired,
    FieldRequired,
    LanguageNotOffered,
    PhoneRequired,
    StandsInLine,
    TypeNotOffered,
)
from nowserving.store.finding import After

CHAPTER = Chapter(
    "Work on cases",
    "Cases that are no visits, such as letters and complaints, and what is done about any "
    "case away from a desk. A status is a name for a state: to give a case a status is to make "
    "the moves that lead to its state.",
)
_ID = "0198c0de-0000-7000-8000-000000000005"


def opened(here: Doorway, organization: Organization, one: opening.Opened) -> shaped.OpenedCase:
    """A new case, said in our shape."""
    return shaped.OpenedCase(say.case(one.case), say.contact(one.directory, one.case, one.details))


@CHAPTER.post(
    "/cases/open",
    say=opened,
    status=201,
    at=lambda one: f"/cases/{one.case.id}",
    raises=(
        NotFound,
        StandsInLine,
        WrongState,
        NoSuchStatus,
        SolutionRequired,
        TypeNotOffered,
        ChannelNotOffered,
        LanguageNotOffered,
        CustomerRequired,
        PhoneRequired,
        EmailRequired,
        FieldRequired,
    ),
    example={"service_ext_ref": "SVC-101", "title": "Broken lamp", "name": "Ada"},
)
async def open_case(act: Act, order: orders.OpenCase) -> opening.Opened:
    """Open a case that stands in no line, of a service with an inbox."""
    directory = await act.directory()
    service = service_of(directory, order)
    request = Request(
        service_id=service.id,
        fields=by_id(directory, service, order.fields),
        tag_ids=tuple(order.tag_ids),
        ask_required_fields=True,
        **_named(order, _OF_REQUEST),
    )
    return await opening.open_case(act, Opening(request, **_named(order, _OF_OPENING)))


@CHAPTER.get("/cases", raises=(NotFound,))
async def get_cases(act: Act, query: orders.CasesPage) -> shaped.FoundCases:
    """Cases by what they are and by their words, the newest first unless asked otherwise."""
    after = None if query.after is UNSET else _after(query.after)
    found = await search.find(act, wanted=_wanted(query), after=after, most=query.limit)
    return shaped.FoundCases(
        [_found(found, case) for case in found.cases],
        None if found.after is None else _cursor(found.after, query.order),
    )


@CHAPTER.get(
    "/cases.csv",
    wire=Wire(gives="text/csv", tells=("Content-Disposition",)),
    raises=(NotFound,),
)
async def export_cases(
    request: AnyRequest, actor: Actor, query: orders.CasesAsked
) -> Response[Any]:
    """All cases that are asked for as a table (CSV, UTF-8), in the order of the list.

    No cell is a formula to a spreadsheet: a text that could be one, or that begins with `'`,
    has a `'` before it. Take one away and you have what it was.
    """
    return await answer_table(request, actor, _wanted(query))


@CHAPTER.post(
    "/cases/{case_id}/assign", raises=(WrongState,), example={"assigned_to": _ID, "owner_id": None}
)
async def assign(act: Act, case_id: UUID, order: orders.Assign) -> shapes.Case:
    """Say who is responsible for a case and who owns it, or that nobody is."""
    said = _named(order, ("assigned_to", "owner_id"))
    to = {name: id for name, id in said.items() if id is not UNSET}
    return say.case(await work.assign(act, case_id=case_id, to=to))


@CHAPTER.post("/cases/{case_id}/take-up", raises=(WrongState,))
async def take_up(act: Act, case_id: UUID) -> shapes.Case:
    """Begin, or go on, to work on a case that stands in no line."""
    return say.case(await work.take_up(act, case_id=case_id))


@CHAPTER.post(
    "/cases/{case_id}/status",
    raises=(WrongState, NotYours, NoSuchStatus, SolutionRequired, HookRefused, NotConfirmed),
    example={"status_id": _ID, "solution": "The lamp was mended."},
)
async def set_status(act: Act, case_id: UUID, order: orders.SetStatus) -> shapes.Case:
    """Give a case a status, and with it the state that it stands on.

    One whose condition is closed wants a solution, here or before.
    """
    return say.case(
        await work.set_status(
            act,
            case_id=case_id,
            status_id=order.status_id,
            solution=order.solution,
            outcome_id=order.outcome_id,
        )
    )


@CHAPTER.post("/cases/{case_id}/merge", raises=(WrongState, InACircle), example={"into_id": _ID})
async def merge_case(act: Act, case_id: UUID, order: orders.MergeInto) -> shapes.Case:
    """Merge a duplicate into the case it duplicates, which is answered.

    Remarks go along; the duplicate is called off and says where it lives on.
    """
    return say.case(await work.merge(act, case_id=case_id, into_id=order.into_id))


@CHAPTER.post(
    "/cases/{case_id}/messages",
    status=201,
    raises=(NobodyToWriteTo,),
    example={"text": "Your lamp was mended this morning."},
)
async def write_to_customer(act: Act, case_id: UUID, order: orders.WriteToCustomer) -> shapes.Note:
    """Write to the customer by e-mail; what is written is a remark they can read.

    The mail waits in the database and is handed in soon; answers come back onto the case.
    """
    return say.note(await letters.write(act, case_id=case_id, text=order.text))


@CHAPTER.get("/cases/{case_id}/messages")
async def get_messages(act: Act, case_id: UUID) -> shaped.Letters:
    """The mail to the customer of a case, and how each fares."""
    found = await letters.letters_of(act, case_id=case_id)
    return shaped.Letters([say.like(one, shaped.Letter) for one in found])


@CHAPTER.post("/cases/{case_id}/messages/{letter_id}/again", raises=(WrongState,))
async def send_again(act: Act, case_id: UUID, letter_id: UUID) -> shaped.Letter:
    """Have a mail handed in after all that was given up."""
    again = await letters.send_again(act, case_id=case_id, letter_id=letter_id)
    return say.like(again, shaped.Letter)


@CHAPTER.get("/cases/{case_id}/links")
async def get_links(act: Act, case_id: UUID) -> shaped.CaseLinks:
    """How a case and others belong together."""
    links = await work.links_of(act, case_id=case_id)
    return shaped.CaseLinks([say.like(one, shaped.CaseLink) for one in links])


@CHAPTER.post(
    "/cases/{case_id}/links",
    raises=(WrongState, InACircle),
    example={"other_id": _ID, "kind": "blocks"},
)
async def link_cases(act: Act, case_id: UUID, order: orders.LinkCases) -> shaped.CaseLink:
    """Say that a case and another one belong together."""
    made = await work.link(act, case_id=case_id, other_id=order.other_id, kind=order.kind)
    return say.like(made, shaped.CaseLink)


@CHAPTER.delete(
    "/cases/{case_id}/links",
    raises=(WrongState, InACircle),
    example={"other_id": _ID, "kind": "blocks"},
)
async def unlink_cases(act: Act, case_id: UUID, order: orders.LinkCases) -> None:
    """Take back that two cases belong together."""
    await work.unlink(act, case_id=case_id, other_id=order.other_id, kind=order.kind)


@CHAPTER.get("/case-filters")
async def get_filters(act: Act) -> shaped.CaseFilters:
    """The filters one keeps, and those of one's groups."""
    return shaped.CaseFilters([_filter(one) for one in await search.saved_filters(act)])


@CHAPTER.post(
    "/case-filters",
    status=201,
    raises=(NotFound,),
    example={"name": "Overdue", "escalated": True, "condition": "open"},
)
async def save_filter(act: Act, order: orders.SaveFilter) -> shaped.CaseFilter:
    """Keep a filter under a name, for oneself or for a group one leads."""
    plain = _named(order, _OF_KEPT_FILTER)
    several: dict[str, Any] = {name: tuple(getattr(order, name)) for name in _SEVERAL}
    return _filter(
        await search.save_filter(
            act,
            name=order.name,
            wanted=Filter(**plain, **several),
            group_id=order.group_id,
            position=order.position,
        )
    )


@CHAPTER.delete("/case-filters/{filter_id}")
async def drop_filter(act: Act, filter_id: UUID) -> None:
    """Keep a filter no longer."""
    await search.drop_filter(act, filter_id=filter_id)


_OF_REQUEST = (
    *("type_id", "channel", "language", "customer_id", "use_customer_contact"),
    *("name", "phone", "email", "priority"),
)
_OF_OPENING = (
    *("title", "description", "cc", "solution", "status_id", "priority_id", "owner_id"),
    *("assigned_to", "parent_id", "outcome_id", "due_at", "counted_only"),
)
_OF_FILTER = (
    *("text", "person", "number", "condition", "customer_id", "parent_id", "owner_id"),
    *("assigned_to", "unassigned", "priority", "opened_from", "opened_until", "due_until"),
    *("escalated", "lined", "order"),
)
_OF_KEPT_FILTER = (
    *("text", "person", "condition", "owner_id", "assigned_to", "unassigned", "priority"),
    *("escalated", "lined", "order"),
)
_SEVERAL = ("states", "unit_ids", "service_ids", "type_ids", "status_ids", "tag_ids")


def _named(order: msgspec.Struct, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(order, name) for name in names}


def _only(value: Any) -> tuple[Any, ...]:
    return () if value is UNSET else (value,)


def _wanted(query: orders.CasesAsked) -> Filter:
    return Filter(
        **{name: value for name, value in _named(query, _OF_FILTER).items() if value is not UNSET},
        states=_only(query.state),
        unit_ids=_only(query.unit_id),
        service_ids=_only(query.service_id),
        type_ids=_only(query.type_id),
        status_ids=_only(query.status_id),
        tag_ids=_only(query.tag_id),
    )


def _found(found: search.Found, case: Any) -> shaped.FoundCase:
    contact = say.contact(found.directory, case, found.details[case.id])
    return shaped.FoundCase(
        case=say.case(case),
        contact=contact,
        owner=found.names.get(case.owner_id),
        responsible=found.names.get(case.assigned_to),
    )


def _filter(saved: SavedFilter) -> shaped.CaseFilter:
    asked = msgspec.to_builtins(saved.filter)
    return shaped.CaseFilter(
        id=saved.id,
        name=saved.name,
        agent_id=saved.agent_id,
        group_id=saved.group_id,
        position=saved.position,
        filter={name: value for name, value in asked.items() if value not in (None, [], "")},
    )


def _cursor(after: After, order: Order) -> str:
    due = micros(after.due_at) if order is Order.DUE and after.due_at else "-"
    return f"{due}.{after.id}"


def _after(cursor: str) -> After:
    due, _, id = cursor.partition(".")
    return After(UUID(id), None if due == "-" else instant(int(due)))
