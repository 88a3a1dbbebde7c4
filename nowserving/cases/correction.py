"""Putting right what was taken down wrongly."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from nowserving.cases import contact
from nowserving.cases.admission import Request, check_words, name_of
from nowserving.cases.case import Case, Details
from nowserving.cases.texts import text_of
from nowserving.places.directory import Directory
from nowserving.places.services import EmailRequired, PhoneRequired, Service

NEWS = frozenset({"due_at", "priority_id", "customer_id", "parent_id", "outcome_id"})
"""What of a case can become another thing or, with None, nothing."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be otherwise in a case; None leaves a thing as it is.

    `contact` holds those of name, phone and email that change, `texts` those of title,
    description, cc and solution, `fields` the fields that change, and `also` those of `NEWS`;
    None in there takes a value away.
    """

    priority: int | None = None
    tag_ids: tuple[UUID, ...] | None = None
    contact: Mapping[str, str | None] = field(default_factory=dict)
    fields: Mapping[UUID, Any] = field(default_factory=dict)
    texts: Mapping[str, str | None] = field(default_factory=dict)
    also: Mapping[str, Any] = field(default_factory=dict)

    def changed(self) -> list[str]:
        """The names of what changes, never what it becomes."""
        plain = {"priority": self.priority, "tag_ids": self.tag_ids}
        named = [name for name, value in plain.items() if value is not None]
        fields = ["fields"] if self.fields else []
        return [*named, *sorted(self.also), *sorted(self.contact), *sorted(self.texts), *fields]


def check(correction: Correction, case: Case, directory: Directory) -> None:
    """Invalid unless tags, fields and priority are such as the service of the case knows."""
    request = Request(
        service_id=case.service_id,
        fields=correction.fields,
        tag_ids=correction.tag_ids or (),
        priority=correction.priority,
    )
    check_words(request, directory, directory.services[case.service_id])


def corrected(details: Details, correction: Correction, service: Service, country: str) -> Details:
    """What is personal in a case, put right; a Problem if it lacks what its service needs."""
    changes: dict[str, Any] = {}
    for name, text in correction.contact.items():
        changes[name] = _in_our_form(name, text or None, country)
    changes |= {name: text_of(name, text) for name, text in correction.texts.items()}
    if service.needs_phone and changes.get("phone", details.phone) is None:
        raise PhoneRequired(field="phone")
    if service.needs_email and changes.get("email", details.email) is None:
        raise EmailRequired(field="email")
    fields = {**details.fields, **{str(id): value for id, value in correction.fields.items()}}
    kept = {id: value for id, value in fields.items() if value is not None}
    return replace(details, fields=kept, **changes)


def _in_our_form(name: str, text: str | None, country: str) -> str | None:
    if text is None:
        return None
    if name == "phone":
        return contact.phone(text, country)
    return contact.email(text) if name == "email" else name_of(text)
