"""Tables of records: which fields an organization keeps, and how a record is titled.

The table of customers is there from the beginning and cannot be taken away (reference/cubu.md
1.8). What was never changed is not written down: its ids follow from the organization's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from nowserving.kit.problems import Invalid

KEYS_AT_MOST = 4
FIELDS_AT_MOST = 100
TEXT_AT_MOST = 200

_SLUG = re.compile(r"[A-Za-z][A-Za-z-]{3,99}")
_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z-]+)\s*\}\}")


class DataType(StrEnum):
    """What kind of value a field has."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"


class Contact(StrEnum):
    """What every customer has, whatever the fields are called that say it."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class DataField:
    """Something that is kept in a record, by a slug that stays.

    `key`: it identifies a record by itself. `contact`: it is a customer's name, phone or e-mail.
    `group_ids`: only who is in one of these groups sees and changes it; None: everybody who sees
    records.
    """

    id: UUID
    name: str
    slug: str
    data_type: DataType = DataType.TEXT
    required: bool = False
    key: bool = False
    contact: Contact | None = None
    group_ids: tuple[UUID, ...] | None = None

    def __post_init__(self) -> None:
        """Invalid for a slug that is none, and a key that could not be one."""
        check_slug(self.slug)
        if not 1 <= len(self.name) <= TEXT_AT_MOST:
            raise Invalid(field="name", reason=f"1 to {TEXT_AT_MOST} characters")
        plain = self.contact is None and self.data_type is DataType.TEXT
        if self.key and not plain:
            raise Invalid(field="key", reason="a key is a text, and no name, phone or e-mail")
        if self.contact is not None and self.data_type is not DataType.TEXT:
            raise Invalid(field="data_type", reason="name, phone and e-mail are texts")
        if self.contact is not None and self.group_ids is not None:
            raise Invalid(field="group_ids", reason="name, phone and e-mail are for all who serve")


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table of records. `title` mixes text with `{{field-slug}}`; fields are in their order.

    `group_ids`: whose records only who is in one of these groups sees; None: everybody who may.
    """

    organization_id: UUID
    id: UUID
    name: str
    description: str
    singular: str
    plural: str
    slug: str
    title: str
    fields: tuple[DataField, ...]
    group_ids: tuple[UUID, ...] | None = None

    def __post_init__(self) -> None:
        """Invalid unless there are one to four keys and a title to write.

        The table of customers has each contact once; no other table has any.
        """
        check_slug(self.slug)
        for name in ("name", "singular", "plural", "title"):
            if not 1 <= len(getattr(self, name)) <= TEXT_AT_MOST:
                raise Invalid(field=name, reason=f"1 to {TEXT_AT_MOST} characters")
        slugs = [field.slug.lower() for field in self.fields]
        if len(slugs) > FIELDS_AT_MOST or len(set(slugs)) != len(slugs):
            raise Invalid(field="fields", reason=f"at most {FIELDS_AT_MOST}, each slug once")
        if not 1 <= len(self.keys) <= KEYS_AT_MOST:
            raise Invalid(field="fields", reason=f"one to {KEYS_AT_MOST} key fields")
        if self.of_customers:
            self._check_contacts()
            if self.group_ids is not None:
                raise Invalid(field="group_ids", reason="who sees customers is a matter of roles")
        elif any(field.contact for field in self.fields):
            raise Invalid(field="fields", reason="only customers have a name, phone and e-mail")
        unknown = [slug for slug in self.titled_by if slug.lower() not in slugs]
        if unknown or not self.titled_by:
            raise Invalid(field="title", reason="at least one {{field-slug}}, of fields there are")

    def _check_contacts(self) -> None:
        for contact in Contact:
            if len([one for one in self.fields if one.contact is contact]) != 1:
                raise Invalid(field="fields", reason=f"one field must be the {contact}")
        if not self.contact(Contact.NAME).required:
            raise Invalid(field="fields", reason="the name is required")

    @property
    def of_customers(self) -> bool:
        """Is it the table of customers?"""
        return self.id == self.organization_id

    @property
    def restricted(self) -> bool:
        """Is it, or one of its fields, for some groups only?"""
        return self.group_ids is not None or any(one.group_ids is not None for one in self.fields)

    @property
    def keys(self) -> list[DataField]:
        """The fields that identify a record."""
        return [field for field in self.fields if field.key]

    @property
    def titled_by(self) -> list[str]:
        """The slugs that stand in the title."""
        return _PLACEHOLDER.findall(self.title)

    def contact(self, contact: Contact) -> DataField:
        """The field that is the name, phone or e-mail."""
        return next(field for field in self.fields if field.contact is contact)

    def field(self, name: UUID | str) -> DataField | None:
        """The field with an id or slug."""
        for one in self.fields:
            if one.id == name or (isinstance(name, str) and one.slug.lower() == name.lower()):
                return one
        return None

    def title_of(self, values: Mapping[str, object]) -> str:
        """The title of a record with some values by slug; what is missing leaves no gap."""
        plain = {slug.lower(): value for slug, value in values.items()}

        def said(found: re.Match[str]) -> str:
            value = plain.get(found[1].lower())
            return "" if value is None else str(value)

        return " ".join(_PLACEHOLDER.sub(said, self.title).split())


def check_slug(slug: str) -> None:
    """Invalid unless it is at least four English letters and dashes, and begins with a letter."""
    if not _SLUG.fullmatch(slug):
        raise Invalid(field="slug", reason="at least 4 English letters and dashes, a letter first")


def usual_customers(organization_id: UUID) -> DataTable:
    """The table of customers as it is in the beginning."""
    return DataTable(
        organization_id=organization_id,
        id=organization_id,
        name="Customers",
        description="",
        singular="Customer",
        plural="Customers",
        slug="customers",
        title="{{customer-name}}",
        fields=tuple(_usual_fields(organization_id)),
    )


def _usual_fields(organization_id: UUID) -> Iterator[DataField]:
    def id(slug: str) -> UUID:
        return uuid5(organization_id, slug)

    yield DataField(id("customer-id"), "Customer ID", "customer-id", key=True)
    yield DataField(
        id("customer-name"), "Name", "customer-name", required=True, contact=Contact.NAME
    )
    yield DataField(id("customer-phone"), "Phone", "customer-phone", contact=Contact.PHONE)
    yield DataField(id("customer-email"), "E-mail", "customer-email", contact=Contact.EMAIL)
