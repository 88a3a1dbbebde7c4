"""The table of customers: which fields are kept of them; and the programs that may ask."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nowserving.actions import data_tables
from nowserving.actions.act import Act
from nowserving.actions.applications import register_application
from nowserving.actions.data_tables import WantedField, WantedTable
from nowserving.dialects.native import say
from nowserving.dialects.native.operations import Chapter
from nowserving.dialects.native.orders import Name, Order, Word
from nowserving.people.permissions import Role
from nowserving.places.data_tables import Contact, DataTable, DataType

CHAPTER = Chapter(
    "The organization's own",
    "Which fields the organization keeps of its customers, and how they are titled; and the "
    "programs it has registered. For whoever manages places, and integrations.",
)


_WHO = "Only agents in one of these groups see and change it; null: all who may see records."
Groups = (
    Annotated[
        Annotated[list[UUID], Meta(max_length=100)] | None,
        Meta(description=f"{_WHO} Left out: as it was."),
    ]
    | UnsetType
)


class DataField(msgspec.Struct):
    """A field. `key`: it identifies a customer by itself. `contact`: it is their name, phone
    or e-mail."""

    id: UUID
    name: str
    slug: str
    data_type: DataType
    required: bool
    key: bool
    contact: Contact | None
    group_ids: Annotated[list[UUID] | None, Meta(description=_WHO)]


class CustomersTable(msgspec.Struct):
    """The table of customers. `title` mixes text with `{{field-slug}}`."""

    id: UUID
    name: str
    description: str
    singular: str
    plural: str
    slug: str
    title: str
    fields: list[DataField]


class SetDataField(Order):
    """A field as it is to be. One whose slug is there already stays that field."""

    name: Name
    slug: Word
    data_type: DataType = DataType.TEXT
    required: bool = False
    key: bool = False
    contact: Contact | None = None
    group_ids: Groups = UNSET


class SetDataTable(Order):
    """The whole table as it is to be, with one to four keys."""

    name: Name
    singular: Name
    plural: Name
    slug: Word
    title: Name
    fields: list[SetDataField]
    description: Word = ""


class SetCustomersTable(SetDataTable):
    """The whole table as it is to be: one to four keys; name, phone and e-mail each once."""


class StaffGroup(msgspec.Struct):
    """People with the same roles."""

    id: UUID
    name: str


class StaffGroups(msgspec.Struct):
    """The groups, by name."""

    groups: list[StaffGroup]


class RegisterApplication(Order):
    """A program. Nobody gives it roles that allow more than they may do themselves."""

    name: Name
    roles: list[Role]


class Application(msgspec.Struct):
    """A program, and its secret, which is in this answer and in no other."""

    client_id: UUID
    application_id: UUID
    name: str
    roles: list[Role]
    secret: str | None


@CHAPTER.get("/customers-table")
async def get_customers_table(act: Act) -> CustomersTable:
    """Which fields are kept of customers."""
    return _table(await data_tables.customers_table(act))


@CHAPTER.post(
    "/customers-table",
    example={
        "name": "Customers",
        "singular": "Customer",
        "plural": "Customers",
        "slug": "customers",
        "title": "{{customer-name}} ({{personal-id}})",
        "fields": [
            {"name": "Name", "slug": "customer-name", "required": True, "contact": "name"},
            {"name": "Phone", "slug": "customer-phone", "contact": "phone"},
            {"name": "E-mail", "slug": "customer-email", "contact": "email"},
            {"name": "Personal ID", "slug": "personal-id", "key": True},
        ],
    },
)
async def set_customers_table(act: Act, order: SetCustomersTable) -> CustomersTable:
    """Say which fields are kept of customers, and how they are titled.

    A field that is there keeps its kind of value, and is a key or not, as before. Values of
    a field that is left out are kept, and shown again when it comes back.
    """
    return _table(await data_tables.set_customers_table(act, wanted=wanted_table(order)))


@CHAPTER.get("/groups")
async def get_groups(act: Act) -> StaffGroups:
    """The groups of those who work here. For whoever manages places or people."""
    return StaffGroups([StaffGroup(one.id, one.name) for one in await data_tables.groups(act)])


@CHAPTER.post(
    "/applications",
    status=201,
    example={"name": "Booking site", "roles": ["appointments_manager"]},
    shown_once=("secret",),
)
async def add_application(act: Act, order: RegisterApplication) -> Application:
    """Register a program: five for each organization at the most."""
    client, secret = await register_application(act, name=order.name, roles=order.roles)
    return Application(client.id, client.application_id, client.name, list(client.roles), secret)


def wanted_table(order: SetDataTable) -> WantedTable:
    """The table that somebody asks for."""
    given = {name: getattr(order, name) for name in order.__struct_fields__}
    fields = [
        WantedField(**{name: getattr(one, name) for name in one.__struct_fields__})
        for one in order.fields
    ]
    return WantedTable(**{**given, "fields": fields})


def _table(table: DataTable) -> CustomersTable:
    return say.like(table, CustomersTable)
