"""What must be known before somebody may join a line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from nowserving.cases import contact
from nowserving.kit.problems import Invalid
from nowserving.kit.texts import kept
from nowserving.people.customers import Customer
from nowserving.places.directory import Directory
from nowserving.places.needs import Need
from nowserving.places.services import (
    Channel,
    ChannelNotOffered,
    CustomerRequired,
    EmailRequired,
    EntryMode,
    FieldRequired,
    LanguageNotOffered,
    NotByAppointment,
    NotWalkIn,
    PhoneRequired,
    Service,
    ServiceType,
    StandsInNoLine,
    TypeNotOffered,
)

NAME_AT_MOST = 200
FIELD_AT_MOST = 4000


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for who wants to join a line. Left out: what the service does best.

    `reference`: what another system calls the case; `extras`: what an integration keeps with it.
    """

    service_id: UUID
    type_id: UUID | None = None
    channel: Channel | None = None
    language: str | None = None
    customer_id: UUID | None = None
    use_customer_contact: bool = False
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    fields: Mapping[UUID, Any] = field(default_factory=dict)
    tag_ids: tuple[UUID, ...] = ()
    priority: int | None = None
    ask_required_fields: bool = False
    title: str | None = None
    description: str | None = None
    reference: str | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that meets all rules of its service."""

    service: Service
    kind: ServiceType
    channel: Channel
    language: str
    name: str | None
    phone: str | None
    email: str | None


def admit(
    request: Request,
    directory: Directory,
    customer: Customer | None,
    mode: EntryMode = EntryMode.WALK_IN,
) -> Admitted:
    """The request, checked and completed; a Problem says what is missing or wrong.

    `mode`: how the case begins, by a ticket or by an appointment.
    """
    service = directory.service(request.service_id)
    if mode is EntryMode.WALK_IN and not directory.lined(service):
        raise StandsInNoLine(service=service.id)
    if service.entry_mode is not mode:
        raise (NotWalkIn if mode is EntryMode.WALK_IN else NotByAppointment)(service=service.id)
    return admitted(request, directory, customer)


def admitted(request: Request, directory: Directory, customer: Customer | None) -> Admitted:
    """The request, checked and completed, however a case of its service begins."""
    service = directory.service(request.service_id)
    kind = _type(request, directory, service)
    check_words(request, directory, service)
    return Admitted(
        service=service,
        kind=kind,
        channel=_channel(request, kind),
        language=_language(request, directory),
        name=name_of(request.name) or (customer.name if customer else None),
        **_contact(request, directory, service, customer),
    )


def _type(request: Request, directory: Directory, service: Service) -> ServiceType:
    offered = directory.types_of(service)
    for kind in offered:
        if request.type_id in (None, kind.id):
            return kind
    raise TypeNotOffered(field="type_id", type=request.type_id)


def _channel(request: Request, kind: ServiceType) -> Channel:
    channel = request.channel or kind.channels[0]
    if channel not in kind.channels:
        raise ChannelNotOffered(field="channel", channel=channel, offered=list(kind.channels))
    return channel


def _language(request: Request, directory: Directory) -> str:
    offered = directory.organization.languages
    wanted = (request.language or "").replace("_", "-").lower()
    if not wanted:
        return offered[0]
    for language in offered:
        if wanted in (language.lower(), language.split("-")[0].lower()):
            return language
    raise LanguageNotOffered(field="language", language=request.language, offered=list(offered))


def check_words(request: Request, directory: Directory, service: Service) -> None:
    """Invalid or FieldRequired unless the fields, tags and priority are those of the service."""
    known = {field.id: field for field in directory.fields_of(service.category_id)}
    for id, value in request.fields.items():
        if id not in known:
            raise Invalid(field="fields", reason=f"this service has no field {id}")
        if isinstance(value, str):
            kept(value, field="fields", at_most=FIELD_AT_MOST)
    if request.ask_required_fields:
        for field_ in known.values():
            if field_.required and request.fields.get(field_.id) in (None, ""):
                raise FieldRequired(field=field_.slug, name=field_.name)
    for tag in request.tag_ids:
        if tag not in directory.tags:
            raise Invalid(field="tag_ids", reason=f"there is no tag {tag}")
    if request.priority is not None and request.priority not in (0, 1, 2):
        raise Invalid(field="priority", reason="0, 1 or 2")


def _contact(
    request: Request, directory: Directory, service: Service, customer: Customer | None
) -> dict[str, str | None]:
    if service.needs_customer and customer is None:
        raise CustomerRequired(field="customer_id")
    phone, email = request.phone or None, request.email or None
    if request.use_customer_contact and customer is not None:
        phone, email = phone or customer.phone, email or customer.email
    if service.needs_phone and phone is None:
        raise PhoneRequired(field="phone")
    if service.needs_email and email is None:
        raise EmailRequired(field="email")
    return {
        "phone": None if phone is None else contact.phone(phone, directory.organization.country),
        "email": None if email is None else contact.email(email),
    }


def name_of(name: str | None) -> str | None:
    """A customer's name as it is kept; Invalid if it cannot be."""
    name = (name or "").strip()
    return kept(name, field="name", at_most=NAME_AT_MOST) if name else None
