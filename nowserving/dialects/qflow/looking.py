"""What requests name by numbers and external references, found (reference/qflow.md 3.2)."""

from datetime import datetime
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.customers import keyed, must_see, see
from nowserving.actions.directory import seen_directory
from nowserving.dialects.qflow.ask import NUMBER_AT_MOST
from nowserving.dialects.qflow.binding import Bound, invalid
from nowserving.dialects.qflow.people import kinds_to_look_in
from nowserving.kit.problems import NotFound
from nowserving.people.customers import Customer
from nowserving.places.codes import CodeKind
from nowserving.places.directory import Directory
from nowserving.places.services import Service, ServiceType

NOT_FOUND = "The record was not found."


async def service_of(act: Act, given: Bound) -> tuple[Directory, Service]:
    """The service by its number or else its external reference; ModelInvalid if there is none."""
    directory = await seen_directory(act)
    number, reference = given.integer("ServiceId"), given.text("ServiceIdExtRef")
    if number == 0 and reference is None:
        raise invalid(given.model, "ServiceId", "ServiceId or ServiceIdExtRef is required.")
    for one in by_number(directory):
        if number == one.number if number else _alike(one.ext_ref, reference):
            return directory, one
    raise invalid(given.model, "ServiceId" if number else "ServiceIdExtRef", NOT_FOUND)


def by_number(directory: Directory) -> list[Service]:
    """The services that are offered, by their numbers."""
    offered = (one for one in directory.services.values() if not one.archived)
    return sorted(offered, key=lambda one: one.number)


def service_referred(directory: Directory, given: Bound) -> Service:
    """The first service with the external references of unit and service that are given."""
    unit_ref, service_ref = given.text("UnitExtRef"), given.text("ServiceExtRef")
    for one in by_number(directory):
        unit = directory.units[one.unit_id]
        if service_ref is not None and not _alike(one.ext_ref, service_ref):
            continue
        if unit_ref is not None and not _alike(unit.ext_ref, unit_ref):
            continue
        return one
    raise invalid(given.model, "ServiceExtRef", NOT_FOUND)


def kind_of(directory: Directory, service: Service, given: Bound) -> ServiceType:
    """The appointment type by its number; the service's first where none is given."""
    number = given.integer("AppointmentTypeId")
    for kind in directory.types_of(service):
        if number in (0, kind.number):
            return kind
    raise invalid(given.model, "AppointmentTypeId", NOT_FOUND)


def kind_referred(directory: Directory, service: Service, given: Bound) -> ServiceType:
    """The appointment type by its external reference, which is its number or name here."""
    reference = given.text("AppointmentTypeExtRef")
    for kind in directory.types_of(service):
        if reference is None or _alike(kind.name, reference) or str(kind.number) == reference:
            return kind
    raise invalid(given.model, "AppointmentTypeExtRef", NOT_FOUND)


async def customer_of(act: Act, given: Bound) -> UUID | None:
    """The customer by number, None for 0; ModelInvalid if there is none."""
    number = given.integer("CustomerId")
    if number == 0:
        return None
    return (await customer_numbered(act, given, number)).id


async def customer_numbered(act: Act, given: Bound, number: int) -> Customer:
    """The customer with a number; ModelInvalid if there is none."""
    must_see(act)
    try:
        if not 0 < number <= NUMBER_AT_MOST:
            raise NotFound(what="customer", id=number)
        customer = await act.look.customers.numbered(number)
        while customer.merged_into_id is not None:
            customer = (await see(act, customer_id=customer.merged_into_id)).customer
    except NotFound:
        raise invalid(given.model, "CustomerId", NOT_FOUND) from None
    return customer


async def customer_with(act: Act, value: str, type_id: int | None, reference: str | None) -> UUID:
    """The customer with a personal id, of a type or of whichever; NotFound if there is none."""
    directory = await act.directory()
    for kind in kinds_to_look_in(directory, type_id, reference):
        known = await keyed(act, kind=kind, value=value)
        if known is not None:
            return known.customer.id
    raise NotFound(what="customer", id=value)


def reason_of(directory: Directory, given: Bound) -> str:
    """Why something is called off, in words: the reason (0: the first there is) and the comment."""
    kind = CodeKind.CANCELLATION_REASON
    number, reference = (
        given.integer("CancellationReasonId"),
        given.text("CancellationReasonExtRef"),
    )
    if number:
        name = directory.code_numbered(kind, number, field="CancellationReasonId").name
    elif reference is not None:
        name = directory.coded(kind, reference, field="CancellationReasonExtRef").name
    else:
        name = next((one.name for one in directory.codes_of(kind)), "")
    comment = given.text("CancellationComment")
    return ": ".join(part for part in (name, comment) if part)[:4000]


def needed_date(given: Bound, name: str) -> datetime:
    """A date that must be given; ModelInvalid if it is not, or lies where no clock reaches."""
    at = given.instant(name)
    if at is None:
        raise invalid(given.model, name, f"The {name} field is required.")
    if not 1900 <= at.year <= 9000:
        raise invalid(given.model, name, f"The field {name} must be between 1900 and 9000.")
    return at


def _alike(one: str, other: str | None) -> bool:
    return other is not None and one.casefold() == other.casefold()
