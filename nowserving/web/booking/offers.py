"""What can be booked at a unit's page, where else there is the same, and what is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from nowserving.cases.admission import Request
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Invalid, NotFound
from nowserving.people.actor import Actor, visitor
from nowserving.places.directory import Directory
from nowserving.places.needs import Need, in_order
from nowserving.places.organization import Unit
from nowserving.places.services import EntryMode, Field, Service, ServiceType
from nowserving.web.at import Stand
from nowserving.web.booking.draft import Draft

ANSWER_AT_MOST = 200
"""Characters of one answer."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that is booked, with its kinds and the words it must know."""

    service: Service
    kinds: list[ServiceType]
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Choice:
    """The service, kind and place somebody has chosen, and what they need there."""

    here: Stand
    offer: Offer
    kind: ServiceType
    needs: tuple[Need, ...] = ()

    @property
    def service(self) -> Service:
        """The service."""
        return self.offer.service

    @property
    def visitor(self) -> Actor:
        """Whoever chooses."""
        return self.here.visitor("booking")

    @property
    def home(self) -> str:
        """Where the unit's page begins."""
        return home(self.here)

    @property
    def address(self) -> str:
        """Where this service is booked."""
        return f"{self.home}/{self.service.number}"

    @property
    def asked(self) -> str:
        """The choice as it stands in the address of each step."""
        return urlencode([("kind", self.kind.number), *(("need", one) for one in self.needs)])


@dataclass(frozen=True, slots=True)
class Slot:
    """A time somebody has chosen, as it stands in an address: calendar and minute."""

    calendar_id: UUID
    start: int

    def __str__(self) -> str:
        return f"{self.calendar_id}.{self.start}"


def home(here: Stand) -> str:
    """Where a unit's page begins."""
    return f"/book/{here.organization.slug}/{here.unit.number}"


def offers(directory: Directory, unit_id: UUID) -> list[Offer]:
    """What strangers can book at a unit."""
    found = (
        Offer(
            service,
            [kind for kind in directory.types_of(service) if not kind.hidden],
            [field for field in directory.fields_of(service.category_id) if field.required],
        )
        for service in directory.services_of(unit_id)
        if service.entry_mode is EntryMode.APPOINTMENT and not service.needs_customer
    )
    return [offer for offer in found if offer.kinds]


def chosen(here: Stand, service: int, kind: str | None, needs: tuple[Need, ...] = ()) -> Choice:
    """The service with a number, and its kind; NotFound if there is none such."""
    for offer in offers(here.directory, here.unit.id):
        if offer.service.number == service:
            for one in offer.kinds:
                if kind in (None, "", str(one.number)):
                    return Choice(here, offer, one, needs)
    raise NotFound(what="service", id=service)


def places(choice: Choice) -> list[tuple[Unit, Choice]]:
    """Where else there is this service: one of the same name. This place comes first."""
    here, found = choice.here, [(choice.here.unit, choice)]
    for unit in here.directory.units.values():
        if unit.archived or unit.id == here.unit.id:
            continue
        there = Stand(here.organization, here.directory, unit)
        for offer in offers(here.directory, unit.id):
            found += [
                (unit, Choice(there, offer, kind, choice.needs))
                for kind in offer.kinds
                if (offer.service.name, kind.name) == (choice.service.name, choice.kind.name)
            ]
    return found


def visitor_of(choice: Choice, unit: Unit) -> Actor:
    """Whoever looks at another place's times."""
    return visitor(choice.here.organization.id, unit.id, "booking")


def needs_of(request: AnyRequest) -> tuple[Need, ...]:
    """What somebody needs, as it stands in an address; what we do not know is left out."""
    asked = set(request.query_params.getall("need", []))
    return in_order(one for one in Need if one in asked)


def slot_of(text: str | None) -> Slot:
    """A time as it stands in an address; Invalid if none was chosen."""
    calendar, _, start = (text or "").partition(".")
    try:
        return Slot(UUID(calendar), int(start) if start.isascii() else -1)
    except ValueError:
        raise Invalid(field="slot", reason="choose a time") from None


def id_of(text: str | None) -> UUID:
    """An id as it stands in an address."""
    try:
        return UUID(text or "")
    except ValueError:
        raise NotFound(what="hold", id=text) from None


def day_of(text: str | None) -> date | None:
    """A day as it is typed into a date field; Invalid if it is none."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(field="day", reason="a day like 2026-05-04") from None


def draft_of(offer: Offer, form: Mapping[str, str]) -> Draft:
    """What somebody typed; Invalid if one answer is too long to be kept."""
    fields = {f.slug: form.get(f"field-{f.slug}", "").strip() for f in offer.fields}
    name, phone, email = (form.get(one, "").strip() for one in ("name", "phone", "email"))
    draft = Draft(name, phone, email, fields)
    typed = {"name": name, "phone": phone, "email": email}
    for field, text in (typed | {f"field-{slug}": text for slug, text in fields.items()}).items():
        if len(text) > ANSWER_AT_MOST:
            raise Invalid(field=field, reason=f"at most {ANSWER_AT_MOST} characters")
    return draft


def request_of(choice: Choice, draft: Draft, language: str) -> Request:
    """What somebody asks for who books."""
    ids = {field.slug: field.id for field in choice.offer.fields}
    return Request(
        service_id=choice.service.id,
        type_id=choice.kind.id,
        language=language,
        name=draft.name,
        phone=draft.phone or None,
        email=draft.email or None,
        fields={ids[slug]: text for slug, text in draft.fields.items() if text and slug in ids},
        ask_required_fields=True,
        needs=choice.needs,
    )
