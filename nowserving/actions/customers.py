"""Customers: taking them down, finding them again, and making one of two."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from nowserving.actions.act import Act
from nowserving.actions.customer_search import count_by_what_is_seen, found_by_what_is_seen
from nowserving.actions.field_access import (
    NONE,
    Hidden,
    hidden_in,
    must_see_fields,
    without,
)
from nowserving.actions.words import keep_words
from nowserving.cases import contact, moves
from nowserving.cases.admission import FIELD_AT_MOST, name_of
from nowserving.cases.case import moved
from nowserving.cases.finding import words_of_customer
from nowserving.cases.work import InACircle
from nowserving.kit.facts import Fact
from nowserving.kit.folding import fold, words_asked
from nowserving.kit.problems import Forbidden, Invalid, Problem
from nowserving.kit.texts import kept
from nowserving.people.customers import Customer
from nowserving.people.permissions import Permission

KEY_AT_MOST = 200
KIND_AT_MOST = 50
FIELDS_AT_MOST = 100
CASES_FOUND_ANEW = 200
"""So many of a customer's newest cases are found by another name at once."""

CASES_AT_ONCE = 1000
"""So many cases follow a customer who is merged into another, at the most."""


class KeyTaken(Problem):
    """Another customer has this key."""


class TooManyCases(Problem):
    """This customer has too many cases to be merged."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is said of a customer. Left out: as it was; None takes a value away.

    `contact` holds those of name, phone and email that are said, `fields` what the
    organization adds of its own, `keys` by kind what others know the customer by.
    """

    contact: Mapping[str, str | None] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    keys: Mapping[str, str | None] = field(default_factory=dict)
    archived: bool | None = None

    def changed(self) -> list[str]:
        """The names of what is said, never what."""
        rest = {"fields": self.fields, "keys": self.keys, "archived": self.archived is not None}
        return [*sorted(self.contact), *(name for name, said in rest.items() if said)]


@dataclass(frozen=True, slots=True)
class Known:
    """A customer with the keys that others know them by."""

    customer: Customer
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Customers:
    """A page of customers by name; `after`: ask so for the next page, if there is one."""

    customers: list[Customer]
    after: tuple[bytes, UUID] | None


async def create(act: Act, *, given: Given) -> Known:
    """Take down a customer; Invalid without a name, KeyTaken if a key is another's."""
    _must_manage(act)
    await _must_see_fields(act, given)
    return await _shown(act, await _create(act, given))


async def upsert(act: Act, *, kind: str, value: str, given: Given) -> tuple[Known, bool]:
    """Change the customer with this key, or take one down; says whether they are new."""
    _must_manage(act)
    keyed = replace(given, keys={**given.keys, kind: value})
    await _must_see_fields(act, keyed)
    id = await act.store.customers.keyed(kind, _key(kind, value)[0])
    if id is None:
        return await _shown(act, await _create(act, keyed)), True
    living = (await _living(act, id)).id
    known = await _change(act, living, keyed if living == id else given)
    return await _shown(act, known), False


async def write_down(act: Act, *, customer_id: UUID | None, given: Given) -> Known:
    """What another system says of a customer, known here or not, to whoever looks for them."""
    must_see(act)
    if customer_id is None:
        return await _create(act, given)
    return await _change(act, customer_id, given)


async def change(act: Act, *, customer_id: UUID, given: Given) -> Known:
    """Put right what is known of a customer."""
    _must_manage(act)
    await _must_see_fields(act, given)
    return await _shown(act, await _change(act, customer_id, given))


async def merge(act: Act, *, customer_id: UUID, into_id: UUID) -> Known:
    """Make one customer of two: the cases, and the keys the other has none of, go along.

    What the other does not know is taken over. The first is archived and says into whom.
    """
    _must_manage(act)
    if customer_id == into_id:
        raise InACircle(field="into_id", customer=into_id)
    held = {id: await act.store.customers.hold(id) for id in sorted((customer_id, into_id))}
    one, other = held[customer_id], held[into_id]
    if one.merged_into_id is not None or other.merged_into_id is not None:
        raise InACircle(field="into_id", customer=into_id)
    await _move_keys(act, one, other)
    await _move_cases(act, one, other)
    gone = replace(
        one, archived=True, merged_into_id=other.id, version=one.version + 1, updated_at=act.now
    )
    await _write(act, one, gone, "customer.merged", into_id=other.id)
    kept_one = replace(
        other,
        phone=other.phone or one.phone,
        email=other.email or one.email,
        fields={**one.fields, **other.fields},
        version=other.version + 1,
        updated_at=act.now,
    )
    return await _shown(act, await _write(act, other, kept_one, "customer.took_in", from_id=one.id))


async def forget(act: Act, *, customer_id: UUID) -> list[UUID]:
    """Forget what is personal in a customer and in who was merged into them; their ids.

    That there was one stays, archived. See actions/erase.py for what belongs to it.
    """
    forgotten = []
    for one in await act.store.customers.hold_with_merged(customer_id):
        keys = await act.store.customers.keys_of(one.id)
        await act.store.customers.set_keys(one.id, dict.fromkeys(keys))
        bare = replace(
            one,
            name="",
            sort_name=b"",
            phone=None,
            email=None,
            fields={},
            remote_id=None,
            archived=True,
            version=one.version + 1,
            updated_at=act.now,
        )
        await _write(act, one, bare, "customer.erased")
        forgotten.append(one.id)
    return forgotten


async def see(act: Act, *, customer_id: UUID) -> Known:
    """One customer."""
    must_see(act)
    customer = await act.look.customers.get(customer_id)
    return await _shown(act, Known(customer, await act.look.customers.keys_of(customer.id)))


async def keyed(act: Act, *, kind: str, value: str) -> Known | None:
    """The customer with this key, in whatever case it is written; merged, where they live on."""
    must_see(act)
    must_see_fields(await _hidden(act), [kind])
    id = await act.look.customers.keyed(kind, _key(kind, value)[0])
    known = None if id is None else await see(act, customer_id=id)
    while known is not None and known.customer.merged_into_id is not None:
        known = await see(act, customer_id=known.customer.merged_into_id)
    return known


async def find(
    act: Act,
    *,
    text: str = "",
    archived: bool | None = False,
    after: tuple[bytes, UUID] | None = None,
    most: int = 50,
    skip: int = 0,
) -> Customers:
    """Customers by the beginnings of words: of name, phone, e-mail, number, key, field.

    Nobody is found by what the actor does not see of them. Then a page may be short, though
    another one follows.
    """
    must_see(act)
    words = words_asked(kept(text, field="text", at_most=KEY_AT_MOST))
    if words and (hidden := await _hidden(act)):
        some, last = await found_by_what_is_seen(
            act, hidden, words, archived=archived, after=after, most=most, skip=skip
        )
        return Customers([_less(hidden, one) for one in some], last)
    found = await act.look.finding.customers(
        words, archived=archived, after=after, most=most + 1, skip=skip
    )
    page = found[:most]
    last = (page[-1].sort_name, page[-1].id) if len(found) > most else None
    return Customers(await seen_by(act, page), last)


async def made_between(act: Act, *, since: datetime, until: datetime, most: int) -> list[Customer]:
    """The customers taken down from an instant on and before another one, newest first."""
    must_see(act)
    return await seen_by(act, await act.look.customers.made_between(since, until, most=most))


async def count(act: Act, *, text: str = "", archived: bool | None = False) -> int:
    """How many customers `find` finds."""
    must_see(act)
    words = words_asked(text)
    if words and (hidden := await _hidden(act)):
        return await count_by_what_is_seen(act, hidden, words, archived=archived)
    return await act.look.finding.count_customers(words, archived=archived)


async def keys_of(act: Act, ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """The keys of some customers by their kind, as far as this actor sees them."""
    found = await act.look.case_lists.keys(ids)
    hidden = await _hidden(act) if found else NONE
    return {
        id: {kind: value for kind, value in keys.items() if kind not in hidden}
        for id, keys in found.items()
    }


async def seen_by(act: Act, customers: Sequence[Customer]) -> list[Customer]:
    """Customers as this actor sees them: without the fields that are for other groups."""
    hidden = await _hidden(act)
    return [_less(hidden, one) for one in customers]


async def _hidden(act: Act) -> Hidden:
    return await hidden_in(act, (await act.directory()).customers)


async def _must_see_fields(act: Act, given: Given) -> None:
    must_see_fields(await _hidden(act), (*given.fields, *given.keys))


async def _shown(act: Act, known: Known) -> Known:
    """What somebody sees of a customer."""
    hidden = await _hidden(act)
    if not hidden:
        return known
    keys = {kind: value for kind, value in known.keys.items() if kind not in hidden}
    return Known(_less(hidden, known.customer), keys)


def _less(hidden: Hidden, customer: Customer) -> Customer:
    return replace(customer, fields=without(hidden, customer.fields)) if hidden else customer


async def _create(act: Act, given: Given) -> Known:
    name = name_of(given.contact.get("name"))
    if name is None:
        raise Invalid(field="name", reason="a customer needs a name")
    bare = Customer(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        number=await act.store.requests.take("customer", 1),
        name=name,
        phone=None,
        email=None,
        created_at=act.now,
        updated_at=act.now,
        version=0,
    )
    customer = await _with(act, bare, given)
    await act.store.customers.add(customer)
    await _set_keys(act, customer.id, given)
    return await _told(act, customer, "customer.created", {})


async def _change(act: Act, id: UUID, given: Given) -> Known:
    seen = await _living(act, id)
    customer = await _with(act, seen, given)
    await _set_keys(act, seen.id, given)
    known = await _write(act, seen, customer, "customer.changed", changed=given.changed())
    for case_id in await act.store.work.cases_of(seen.id, CASES_FOUND_ANEW):
        await keep_words(act, await act.store.cases.hold_any(case_id))
    return known


async def _living(act: Act, id: UUID) -> Customer:
    """The customer, held; of one who was merged, the one in whom they live on."""
    customer = await act.store.customers.hold(id)
    while customer.merged_into_id is not None:
        customer = await act.store.customers.hold(customer.merged_into_id)
    return customer


async def _with(act: Act, customer: Customer, given: Given) -> Customer:
    """The customer with what is said, in our form; Invalid if it cannot be kept."""
    country = (await act.directory()).organization.country
    changes: dict[str, Any] = {}
    for what, text in given.contact.items():
        changes[what] = _in_our_form(what, text, country)
    fields = {**customer.fields, **{_field(k): _value(v) for k, v in given.fields.items()}}
    fields = {name: value for name, value in fields.items() if value is not None}
    if len(fields) > FIELDS_AT_MOST:
        raise Invalid(field="fields", reason=f"at most {FIELDS_AT_MOST}")
    if given.archived is not None:
        changes["archived"] = given.archived
    changed = replace(
        customer, fields=fields, version=customer.version + 1, updated_at=act.now, **changes
    )
    return replace(changed, sort_name=fold(changed.sorted_as).encode())


def _in_our_form(what: str, text: str | None, country: str) -> str | None:
    if what == "name":
        name = name_of(text)
        if name is None:
            raise Invalid(field="name", reason="a customer needs a name")
        return name
    if not text:
        return None
    return contact.phone(text, country) if what == "phone" else contact.email(text)


def _field(name: str) -> str:
    return kept(name, field="fields", at_most=KEY_AT_MOST)


def _value(value: Any) -> Any:
    return kept(value, field="fields", at_most=FIELD_AT_MOST) if isinstance(value, str) else value


def _key(kind: str, value: str) -> tuple[str, str]:
    """A key as it is compared, and as it was given."""
    kept(kind, field="keys", at_most=KIND_AT_MOST)
    value = kept(value.strip(), field="keys", at_most=KEY_AT_MOST)
    if not value:
        raise Invalid(field="keys", reason="a key is empty")
    return fold(value), value


async def _set_keys(act: Act, id: UUID, given: Given) -> None:
    keys = {kind: _key(kind, value) if value else None for kind, value in given.keys.items()}
    for kind, key in keys.items():
        holder = await act.store.customers.keyed(kind, key[0]) if key else None
        if holder not in (None, id):
            raise KeyTaken(field="keys", kind=kind)
    await act.store.customers.set_keys(id, keys)


async def _move_keys(act: Act, one: Customer, other: Customer) -> None:
    """The keys of kinds that the other has none of; with the rest one still finds the first."""
    theirs = await act.store.customers.keys_of(other.id)
    for kind in await act.store.customers.keys_of(one.id):
        if kind not in theirs:
            await act.store.customers.move_key(kind, one.id, other.id)


async def _move_cases(act: Act, one: Customer, other: Customer) -> None:
    ids = await act.store.work.cases_of(one.id, CASES_AT_ONCE + 1)
    if len(ids) > CASES_AT_ONCE:
        raise TooManyCases(customer=one.id, most=CASES_AT_ONCE)
    facts = []
    for id in sorted(ids):
        case = await act.store.cases.hold_any(id)
        to = moved(case, moves.CORRECT, act.now, customer_id=other.id)
        await act.store.cases.replace(case, to)
        facts.append(act.fact(to, moves.CORRECT.fact, {"changed": ["customer_id"]}))
    await act.store.journal.add(facts)


async def _write(act: Act, seen: Customer, to: Customer, kind: str, **told: Any) -> Known:
    await act.store.customers.replace(seen, to)
    return await _told(act, to, kind, told)


async def _told(act: Act, customer: Customer, kind: str, told: Mapping[str, Any]) -> Known:
    """The fact of it, nothing personal in it, and the words by which the customer is found."""
    said = {name: getattr(customer, name) for name in _NOT_PERSONAL}
    fact = Fact(
        organization_id=customer.organization_id,
        subject_id=customer.id,
        version=customer.version,
        id=act.new_id(),
        kind=kind,
        at=act.now,
        actor=act.actor.principal,
        data=msgspec.json.encode({**told, "customer": said}).decode(),
    )
    await act.store.journal.add([fact])
    keys = await act.store.customers.keys_of(customer.id)
    words = words_of_customer(customer, list(keys.values()))
    await act.store.finding.keep_customer_words(customer, words)
    return Known(customer, keys)


_NOT_PERSONAL = ("id", "number", "version", "archived", "merged_into_id")


def must_see(act: Act) -> None:
    """Forbidden for who may not look at customers."""
    if not act.actor.may_anywhere(Permission.SEE_CUSTOMERS):
        raise Forbidden(permission=Permission.SEE_CUSTOMERS)


def _must_manage(act: Act) -> None:
    if not act.actor.may_anywhere(Permission.MANAGE_CUSTOMERS):
        raise Forbidden(permission=Permission.MANAGE_CUSTOMERS)
