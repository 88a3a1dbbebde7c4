"""What a kiosk offers, and what it must ask before somebody may join a line."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from nowserving.cases.admission import Request
from nowserving.kit.problems import Invalid, NotFound
from nowserving.places.directory import Directory
from nowserving.places.services import Channel, EntryMode, Field, Service, ServiceType

HERE = Channel.FACE_TO_FACE
"""Whoever stands at a kiosk has come in person."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A service with what the kiosk asks for it: which kind, and only the words it needs."""

    service: Service
    kinds: list[ServiceType]
    fields: list[Field]

    @property
    def choice(self) -> bool:
        """Is there more than one kind to choose from?"""
        return len(self.kinds) > 1

    @property
    def words(self) -> bool:
        """Must something be typed?"""
        return bool(self.service.needs_phone or self.service.needs_email or self.fields)

    @property
    def one_touch(self) -> bool:
        """Is the touch of the service's tile all that is needed?"""
        return not (self.choice or self.words)


def offers(directory: Directory, unit_id: UUID) -> list[Offer]:
    """What a kiosk of this unit offers.

    A service that must know its customer is not for strangers, one for appointments only
    or with an inbox has no line to join, and what is done by phone needs nobody to come.
    """
    found = (
        Offer(
            service,
            [k for k in directory.types_of(service) if HERE in k.channels and not k.hidden],
            [field for field in directory.fields_of(service.category_id) if field.required],
        )
        for service in directory.services_of(unit_id)
        if service.entry_mode is EntryMode.WALK_IN
        and directory.lined(service)
        and not service.needs_customer
    )
    return [offer for offer in found if offer.kinds]


def books(directory: Directory, unit_id: UUID) -> bool:
    """May somebody come here with an appointment?"""
    services = directory.services_of(unit_id)
    return any(one.entry_mode is EntryMode.APPOINTMENT for one in services)


def offer_numbered(directory: Directory, unit_id: UUID, number: object) -> Offer:
    """The offer with this number; NotFound if the kiosk has none such."""
    for offer in offers(directory, unit_id):
        if str(offer.service.number) == str(number):
            return offer
    raise NotFound(what="service", id=number)


def request_of(offer: Offer, form: Mapping[str, str], language: str) -> Request:
    """What somebody asks for with a form. What the service does not need is not looked at."""
    service = offer.service
    return Request(
        service_id=service.id,
        type_id=_kind(offer, form.get("kind")),
        channel=HERE,
        language=language,
        phone=form.get("phone", "").strip() if service.needs_phone else None,
        email=form.get("email", "").strip() if service.needs_email else None,
        fields={
            field.id: form[f"field-{field.slug}"].strip()
            for field in offer.fields
            if form.get(f"field-{field.slug}", "").strip()
        },
        ask_required_fields=True,
    )


def _kind(offer: Offer, number: str | None) -> UUID:
    if not offer.choice:
        return offer.kinds[0].id
    for kind in offer.kinds:
        if str(kind.number) == number:
            return kind.id
    raise Invalid(field="kind", reason="choose what it is about")
