"""What somebody asks for who books a time, checked, and the case and appointment it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from nowserving.actions.act import Act, Say
from nowserving.actions.replies import Once
from nowserving.bookings.appointment import Appointment, code_of
from nowserving.bookings.calendar import Calendar, Taking
from nowserving.bookings.rules import Numbering, Plan, Rules
from nowserving.bookings.wall import instant_at
from nowserving.bookings.wish import Wish
from nowserving.cases.admission import Admitted, Request, admit
from nowserving.cases.case import NO_NUMBER, Case, Details
from nowserving.cases.moves import State
from nowserving.cases.texts import reference_key, text_of
from nowserving.cases.tickets import business_day
from nowserving.kit.problems import Invalid
from nowserving.kit.vault import fingerprint
from nowserving.people.actor import Actor
from nowserving.people.customers import Customer
from nowserving.places.directory import Directory
from nowserving.places.needs import in_order, must_suit
from nowserving.places.services import EntryMode, Merge, Service, ServiceType
from nowserving.queues.line import callable_from, rank_of


@dataclass(frozen=True, slots=True)
class Booked:
    """A booked time: the case, its seat, and what the customer finds it again by."""

    case: Case
    details: Details
    appointment: Appointment
    calendar: Calendar
    link: str
    code: str
    directory: Directory


@dataclass(frozen=True, slots=True)
class Together:
    """What appointments that are made together have in common."""

    series_id: UUID | None = None
    group_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A booking that only lacks its seat and its numbers.

    `starts`: the first of these that can be had. `forced`: whatever others have.
    """

    actor: Actor
    directory: Directory
    admitted: Admitted
    request: Request
    rules: Rules
    calendar_id: UUID
    starts: tuple[int, ...]
    hold_id: UUID | None
    forced: bool
    staff_only: bool
    together: Together
    case_id: UUID
    now: datetime
    once: Once | None
    say: Say | None

    @classmethod
    async def of(
        cls,
        act: Act,
        request: Request,
        plan: Plan,
        calendar_id: UUID,
        starts: tuple[int, ...],
        *,
        hold_id: UUID | None = None,
        forced: bool = False,
        staff_only: bool = False,
        together: Together = Together(),
    ) -> Self:
        """The order for a request that meets the rules of its service. Raises NotSuited."""
        directory = await act.directory()
        calendar, _ = await act.house.bookings.known(
            act.actor.organization_id, calendar_id, within=act.store if act.wrote else None
        )
        must_suit(request.needs, calendar.suits)
        request, customer = await with_customer(act, request)
        admitted = admit(request, directory, customer, EntryMode.APPOINTMENT)
        return cls(
            actor=act.actor,
            directory=directory,
            admitted=admitted,
            request=request,
            rules=plan.rules,
            calendar_id=calendar_id,
            starts=starts,
            hold_id=hold_id,
            forced=forced,
            staff_only=staff_only,
            together=together,
            case_id=act.new_id(),
            now=act.now,
            once=act.once,
            say=act.say,
        )

    @property
    def service(self) -> Service:
        """The service that is booked."""
        return self.admitted.service

    @property
    def kind(self) -> ServiceType:
        """The service type that is booked."""
        return self.admitted.kind

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the unit."""
        return self.directory.unit(self.service.unit_id).zone

    @property
    def wish(self) -> Wish:
        """What it asks of its calendar."""
        return Wish(self.kind, self.rules, self.zone, self.starts, self.forced)

    @property
    def numbers_now(self) -> bool:
        """Does its ticket get its number at booking?"""
        return self.rules.numbering is Numbering.AT_BOOKING

    def case(self, calendar: Calendar, seat: Taking, number: int) -> Case:
        """The planned case; its ticket has no number yet."""
        service, request = self.service, self.request
        starts_at = instant_at(calendar.day, seat.start, self.zone)
        priority = service.priority if request.priority is None else request.priority
        return Case(
            organization_id=self.actor.organization_id,
            id=self.case_id,
            number=number,
            version=1,
            state=State.PLANNED,
            unit_id=service.unit_id,
            queue_id=service.queue_id,
            service_id=service.id,
            category_id=service.category_id,
            type_id=self.kind.id,
            parent_id=None,
            customer_id=request.customer_id,
            channel=self.admitted.channel,
            language=self.admitted.language,
            day=business_day(starts_at, self.zone, service.reset_minute),
            sequence=-number,
            prefix=service.prefix,
            ticket_number=NO_NUMBER,
            suffix=service.suffix,
            opened_at=self.now,
            joined_at=self.now,
            state_at=self.now,
            use_customer_contact=request.use_customer_contact,
            tag_ids=request.tag_ids,
            extras=request.extras,
            opened_by=self.actor.principal,
            **times(starts_at, priority, self.directory.queue(service.queue_id).merge),
        )

    def details(self) -> Details:
        """What is personal in it."""
        return Details(
            self.actor.organization_id,
            self.case_id,
            name=self.admitted.name,
            phone=self.admitted.phone,
            email=self.admitted.email,
            fields={str(id): value for id, value in self.request.fields.items()},
            title=text_of("title", self.request.title),
            description=text_of("description", self.request.description),
            reference_key=reference_key(self.request.reference),
            needs=in_order(self.request.needs),
        )

    def appointment(self, case: Case, calendar: Calendar, seat: Taking, link: str) -> Appointment:
        """Its seat."""
        assert case.appointment_at is not None
        return Appointment(
            organization_id=case.organization_id,
            case_id=case.id,
            calendar_id=calendar.id,
            unit_id=calendar.unit_id,
            day=calendar.day,
            start=seat.start,
            minutes=seat.minutes,
            starts_at=case.appointment_at,
            ends_at=case.appointment_at + timedelta(minutes=seat.minutes),
            agent_id=calendar.agent_id,
            no_show_percent=seat.no_show_percent,
            overbooked=seat.overbooked,
            forced=seat.forced,
            staff_only=self.staff_only,
            series_id=self.together.series_id,
            group_id=self.together.group_id,
            code_hash=fingerprint(code_of(link)),
            awaited=True,
            arrived_at=None,
            released_at=None,
        )


def seated_at(seen: Appointment, calendar: Calendar, seat: Taking, zone: ZoneInfo) -> Appointment:
    """An appointment at another time."""
    starts_at = instant_at(calendar.day, seat.start, zone)
    return replace(
        seen,
        calendar_id=calendar.id,
        unit_id=calendar.unit_id,
        day=calendar.day,
        start=seat.start,
        minutes=seat.minutes,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=seat.minutes),
        agent_id=calendar.agent_id,
        no_show_percent=seat.no_show_percent,
        overbooked=seat.overbooked,
        forced=seat.forced,
    )


def numbered(case: Case, service: Service, sequence: int) -> Case:
    """A case whose ticket has got its number."""
    return replace(case, sequence=sequence, ticket_number=service.series.number(sequence))


def times(starts_at: datetime, priority: int, merge: Merge) -> dict[str, Any]:
    """What of a case follows from its booked time."""
    return {
        "priority": priority,
        "rank": rank_of(starts_at, priority, starts_at, merge),
        "callable_at": callable_from(starts_at),
        "appointment_at": starts_at,
        "reference_at": starts_at,
    }


def told(appointment: Appointment, calendar: Calendar) -> Mapping[str, object]:
    """What the fact of a booking says of the seat; nothing personal."""
    return {
        "calendar_id": calendar.id,
        "day": calendar.day,
        "index": calendar.index,
        "start": appointment.start,
        "minutes": appointment.minutes,
        "starts_at": appointment.starts_at,
        "agent_id": appointment.agent_id,
        "staff_only": appointment.staff_only,
        "series_id": appointment.series_id,
        "group_id": appointment.group_id,
    }


async def with_customer(act: Act, request: Request) -> tuple[Request, Customer | None]:
    """A request, and the customer it names; of one who was merged, the one in whom they live on.

    Invalid if there is none.
    """
    if request.customer_id is None:
        return request, None
    customer = await act.look.people.customer(request.customer_id)
    while customer is not None and customer.merged_into_id is not None:
        customer = await act.look.people.customer(customer.merged_into_id)
    if customer is None or customer.archived:
        raise Invalid(field="customer_id", reason="there is no such customer")
    return replace(request, customer_id=customer.id), customer
