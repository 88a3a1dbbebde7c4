"""Customers: taken down, found, and made one of two."""

from uuid import UUID

from msgspec import UNSET

from nowserving.actions import customers, remote_customers
from nowserving.actions.act import Act
from nowserving.actions.customers import Given, KeyTaken, Known, TooManyCases
from nowserving.cases.work import InACircle
from nowserving.dialects.native import orders_work as orders
from nowserving.dialects.native import say
from nowserving.dialects.native import shapes_work as shaped
from nowserving.dialects.native.operations import Chapter
from nowserving.kit.problems import NotFound, Stale
from nowserving.people.customers import Customer
from nowserving.places.hooks import NotConfirmed

CHAPTER = Chapter(
    "Customers",
    "People and companies the organization knows. Others know them by keys of several kinds, "
    "such as a personal id or a card number; upper and lower case make no difference.",
)
_ADA = {"name": "Ada Lovelace", "phone": "+49 30 123456", "keys": {"personal-id": "s1234567"}}


@CHAPTER.get("/customers", raises=(NotConfirmed, Stale))
async def get_customers(act: Act, query: orders.CustomersPage) -> shaped.CustomersFound:
    """Customers by name, phone, e-mail, number, key or field, in the order of their names.

    If another system keeps customers too, it is asked for the first page of a text, and whom
    it knows is taken down here.
    """
    text = query.text.strip()
    if text and query.after is UNSET:
        await remote_customers.look_elsewhere(act, text=text, most=query.limit)
    page = await customers.find(
        act,
        text=query.text,
        archived=query.archived,
        after=None if query.after is UNSET else _after(query.after),
        most=query.limit,
    )
    after = None if page.after is None else f"{page.after[0].hex()}.{page.after[1]}"
    return shaped.CustomersFound([_customer(one) for one in page.customers], after)


@CHAPTER.get("/customers/by-key", raises=(NotFound, NotConfirmed))
async def get_customer_by_key(act: Act, query: orders.CustomerKey) -> shaped.CustomerFile:
    """The customer with a key; of one who was merged, the one in whom they live on.

    If nobody here has it, another system that keeps customers too is asked who does.
    """
    return _file(await remote_customers.keyed(act, kind=query.kind, value=query.value))


@CHAPTER.get("/customers/{customer_id}")
async def get_customer(act: Act, customer_id: UUID) -> shaped.CustomerFile:
    """One customer."""
    return _file(await customers.see(act, customer_id=customer_id))


@CHAPTER.post("/customers/{customer_id}/fetch", raises=(NotConfirmed,))
async def fetch_customer(act: Act, customer_id: UUID) -> shaped.CustomerFile:
    """A customer as they are by now, where another system keeps them too."""
    await remote_customers.fetch_customer(act, customer_id=customer_id)
    return _file(await customers.see(act, customer_id=customer_id))


@CHAPTER.post("/customers", status=201, raises=(KeyTaken,), example=_ADA)
async def create_customer(act: Act, order: orders.NewCustomer) -> shaped.CustomerFile:
    """Take down a customer."""
    contact = {"name": order.name, "phone": order.phone, "email": order.email}
    given = Given(contact=contact, fields=order.fields, keys=order.keys)
    return _file(await customers.create(act, given=given))


@CHAPTER.post(
    "/customers/upsert",
    raises=(KeyTaken,),
    example={"kind": "personal-id", "value": "s1234567", "name": "Ada Lovelace"},
)
async def upsert_customer(act: Act, order: orders.UpsertCustomer) -> shaped.KeptCustomer:
    """Change the customer with a key, or take down a new one with it."""
    known, new = await customers.upsert(
        act, kind=order.kind, value=order.value, given=_given(order)
    )
    return shaped.KeptCustomer(_customer(known.customer), dict(known.keys), new)


@CHAPTER.patch("/customers/{customer_id}", raises=(KeyTaken,), example={"email": "ada@example.org"})
async def change_customer(
    act: Act, customer_id: UUID, order: orders.ChangeCustomer
) -> shaped.CustomerFile:
    """Put right what is known of a customer."""
    return _file(await customers.change(act, customer_id=customer_id, given=_given(order)))


@CHAPTER.post(
    "/customers/{customer_id}/merge",
    raises=(InACircle, TooManyCases),
    example={"into_id": "0198c0de-0000-7000-8000-000000000006"},
)
async def merge_customer(
    act: Act, customer_id: UUID, order: orders.MergeInto
) -> shaped.CustomerFile:
    """Make one customer of two: the cases go along, the first is archived.

    What the other does not know is taken over.
    """
    return _file(await customers.merge(act, customer_id=customer_id, into_id=order.into_id))


def _given(order: orders.ChangeCustomer) -> Given:
    said = {name: getattr(order, name) for name in ("name", "phone", "email")}
    return Given(
        contact={name: text for name, text in said.items() if text is not UNSET},
        fields={} if order.fields is UNSET else order.fields,
        keys={} if order.keys is UNSET else order.keys,
        archived=None if order.archived is UNSET else order.archived,
    )


def _file(known: Known) -> shaped.CustomerFile:
    return shaped.CustomerFile(_customer(known.customer), dict(known.keys))


def _customer(one: Customer) -> shaped.Customer:
    return say.like(one, shaped.Customer)


def _after(cursor: str) -> tuple[bytes, UUID]:
    name, _, id = cursor.partition(".")
    return bytes.fromhex(name if len(name) % 2 == 0 else name[:-1]), UUID(id)
