"""Case Management: Queue Up."""

from functools import partial
from uuid import UUID

import msgspec
from litestar import post
from litestar.types import ASGIApp

from nowserving.actions.act import Act
from nowserving.actions.doorway import Doorway, doorway
from nowserving.actions.gather import Queued
from nowserving.actions.queue_up import queue_up
from nowserving.actions.replies import once
from nowserving.cases.admission import Request
from nowserving.dialects.cubu.caller import caller, id_in_path
from nowserving.dialects.cubu.failures import words_here
from nowserving.dialects.cubu.wire import Wire, say_instant
from nowserving.dialects.cubu.words import CHANNEL_OF, CHANNELS, STATUS_OF
from nowserving.kit.http import AnyRequest, Reply, body_of, header, straight
from nowserving.kit.problems import Invalid


class Ticket(msgspec.Struct):
    """The number called out; null for a part it does not have."""

    prefix: str | None
    suffix: str | None
    number: int


class QueuedCase(msgspec.Struct, rename="camel"):
    """Somebody who has joined a line, as Cubu tells it."""

    case_id: UUID
    status: str
    reference_date: str
    inbox_id: UUID
    inbox_name: str
    channel: str
    language: str
    ticket: Ticket
    queue_timestamp: str
    position: int
    calendar_timestamp: None
    ticket_url: str


@post("/{application_id:str}/services/{service_id:str}/cases")
async def queue_up_case(request: AnyRequest) -> ASGIApp:
    """Queue Up: open a walk-in case of a service."""
    actor = await caller(request)
    service_id = id_in_path(request, "service_id")
    body = await body_of(request)
    wire = Wire(body)
    asked = read_request(wire, service_id)
    words_here(request, {}, {"language": wire.called("locale", "language")})

    async def do(act: Act) -> Queued:
        return await queue_up(act, asked)

    here = doorway(request)
    key = once(header(request, b"idempotency-key"), "queue up", service_id.bytes, body)
    return straight(await here.house.perform(actor, do, partial(say_queued, here), once=key))


def read_request(wire: Wire, service_id: UUID) -> Request:
    """What a body asks for."""
    type_id = wire.guid("serviceTypeId")
    if type_id is None:
        raise Invalid(field="serviceTypeId", reason="serviceTypeId is missing")
    return Request(
        service_id=service_id,
        type_id=type_id,
        channel=wire.word("channel", CHANNELS),
        language=wire.text("locale", "language"),
        customer_id=wire.guid("cusotmerRecordId", "customerRecordId"),
        use_customer_contact=wire.flag("useCustomerContactInfo"),
        phone=wire.text("contactPhoneNumber"),
        email=wire.text("contactEmail"),
        fields=wire.by_guid("fields"),
        tag_ids=wire.guids("tagIds"),
    )


def say_queued(here: Doorway, queued: Queued) -> Reply:
    """The answer to Queue Up."""
    case, directory = queued.case, queued.directory
    joined_at = say_instant(case.joined_at)
    same = case.reference_at is case.joined_at
    said = QueuedCase(
        case_id=case.id,
        status=STATUS_OF[case.state],
        reference_date=joined_at if same else say_instant(case.reference_at),
        inbox_id=case.queue_id,
        inbox_name=directory.queue(case.queue_id).name,
        channel=CHANNEL_OF[case.channel],
        language=case.language,
        ticket=Ticket(case.prefix or None, case.suffix or None, case.ticket_number),
        queue_timestamp=joined_at,
        position=queued.place.before + 1,
        calendar_timestamp=None,
        ticket_url=here.ticket_url(directory.organization, case, queued.link),
    )
    return Reply(201, msgspec.json.encode(said).decode())
