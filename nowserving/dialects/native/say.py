"""What the house knows, said in our own shapes."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from nowserving.actions.cases import Sight
from nowserving.actions.doorway import Doorway
from nowserving.actions.facts import Stretch
from nowserving.actions.gather import Queued
from nowserving.actions.views import BoardView, DeskView, TicketView
from nowserving.cases import case as cases
from nowserving.cases.attachment import Attachment
from nowserving.cases.case import Details
from nowserving.dialects.native import shapes
from nowserving.dialects.native.words import VERBS
from nowserving.kit import facts
from nowserving.places import organization as places
from nowserving.places.directory import Directory
from nowserving.places.services import Queue, Service, ServiceCategory
from nowserving.store.lines import Place

Shape = TypeVar("Shape")


def like(thing: Any, shape: type[Shape]) -> Shape:
    """A thing whose members are called the same on the wire."""
    return msgspec.convert(thing, shape, from_attributes=True)


def services(directory: Directory, found: Iterable[Service]) -> list[shapes.Service]:
    """Services with their types and fields."""
    return [service(directory, one) for one in found]


def service(directory: Directory, one: Service) -> shapes.Service:
    """A service with its types and fields."""
    category: ServiceCategory = directory.categories[one.category_id]
    plain = {name: getattr(one, name) for name in _PLAIN_OF_SERVICE}
    return shapes.Service(
        **plain,
        category=category.name,
        types=[like(kind, shapes.ServiceType) for kind in directory.types_of(one)],
        fields=[like(field, shapes.Field) for field in directory.fields_of(one.category_id)],
    )


def queue(directory: Directory, one: Queue) -> shapes.Queue:
    """A queue and where its cases may be sent."""
    return shapes.Queue(
        id=one.id,
        unit_id=one.unit_id,
        name=one.name,
        color=one.color,
        position=one.position,
        inbox=one.inbox,
        merge=one.merge,
        transfers_to=[to.id for to in directory.routes_from(one.id)],
    )


def case(one: cases.Case) -> shapes.Case:
    """A case, nothing personal in it."""
    plain = {name: getattr(one, name) for name in _PLAIN_OF_CASE}
    return shapes.Case(**plain, ticket=str(one.ticket), tag_ids=list(one.tag_ids))


def place(one: Place) -> shapes.Place:
    """How many are before somebody."""
    return shapes.Place(one.before, one.counted)


def queued(here: Doorway, organization: places.Organization, one: Queued) -> shapes.QueuedCase:
    """A new case."""
    url = here.ticket_url(organization, one.case)
    return shapes.QueuedCase(case(one.case), place(one.place), url)


def case_file(sight: Sight) -> shapes.CaseFile:
    """A case with what is personal in it."""
    directory, one = sight.directory, sight.case
    return shapes.CaseFile(
        case=case(one),
        contact=contact(directory, one, sight.details),
        place=None if sight.place is None else place(sight.place),
        service=directory.services[one.service_id].name,
        queue=directory.queues[one.queue_id].name,
        desk=_desk(directory, one),
        moves=[VERBS[move] for move in one.possible_moves() if move in VERBS],
        transfers_to=[to.id for to in directory.routes_from(one.queue_id)],
    )


def contact(directory: Directory, one: cases.Case, details: Details) -> shapes.Contact:
    """What is personal in a case."""
    slugs = {str(field.id): field.slug for field in directory.fields_of(one.category_id)}
    return shapes.Contact(
        name=details.name,
        phone=details.phone,
        email=details.email,
        fields={slugs.get(id, id): value for id, value in details.fields.items()},
        solution=details.solution,
        title=details.title,
        description=details.description,
        cc=details.cc,
        needs=list(details.needs),
    )


def note(one: cases.Note) -> shapes.Note:
    """A remark."""
    return like(one, shapes.Note)


def file(one: Attachment) -> shapes.File:
    """A file on a case."""
    plain = {name: getattr(one, name) for name in _PLAIN_OF_FILE}
    return shapes.File(**plain, sha256=one.sha256.hex())


def board(view: BoardView) -> shapes.Board:
    """What hangs on the wall."""
    calls = [like(call, shapes.BoardCall) for call in view.calls]
    return shapes.Board(view.unit.id, view.unit.name, calls)


def at_desk(view: DeskView) -> shapes.AtDesk:
    """What an agent sees."""
    upcoming = view.next
    return shapes.AtDesk(
        current=None if view.current is None else case(view.current.case),
        next=None if upcoming is None else shapes.NextInLine(case(upcoming.case), upcoming.rule),
        waiting=[case(one) for one in view.waiting],
        lengths={str(queue_id): length for queue_id, length in view.lengths.items()},
        on_hold=[case(one) for one in view.on_hold],
        pending=[case(one) for one in view.pending],
        served=[case(one) for one in view.served],
        missed=[case(one) for one in view.missed],
    )


def ticket(view: TicketView) -> shapes.Ticket:
    """What the holder of a ticket sees."""
    one = view.case
    return shapes.Ticket(
        ticket=str(one.ticket),
        state=one.state,
        unit=view.unit.name,
        service=view.service.name,
        desk=view.desk.name if view.desk and one.state.at_desk else None,
        place=None if view.place is None else place(view.place),
        joined_at=one.joined_at,
        called_at=one.called_at,
        may_leave=any(move.verb == "abandon" for move in one.possible_moves()),
        may_come_back=one.may_come_back(view.now),
    )


def fact(one: facts.Fact) -> shapes.Fact:
    """Something that happened; its data as the journal has it, byte by byte."""
    return shapes.Fact(**_plain_fact(one))


def feed(stretch: Stretch) -> shapes.Feed:
    """A part of the feed, and where to go on."""
    told = [shapes.FeedFact(**_plain_fact(one), position=str(at)) for at, one in stretch.facts]
    return shapes.Feed(
        facts=told,
        next=str(stretch.last),
        head=str(stretch.head),
        more=stretch.last.position < stretch.head.position,
    )


def _plain_fact(one: facts.Fact) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in _PLAIN_OF_FACT}
    return {**plain, "data": msgspec.Raw(one.data.encode())}


def _desk(directory: Directory, one: cases.Case) -> str | None:
    desk = directory.desks.get(one.desk_id) if one.desk_id else None
    return desk.name if desk is not None and one.state.at_desk else None


def _plain(shape: type[msgspec.Struct], *, beside: set[str]) -> list[str]:
    return [name for name in shape.__struct_fields__ if name not in beside]


_PLAIN_OF_CASE = _plain(shapes.Case, beside={"ticket", "tag_ids"})
_PLAIN_OF_SERVICE = _plain(shapes.Service, beside={"category", "types", "fields"})
_PLAIN_OF_FACT = _plain(shapes.Fact, beside={"data"})
_PLAIN_OF_FILE = _plain(shapes.File, beside={"sha256"})
