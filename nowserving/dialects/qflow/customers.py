"""Customers: seen, searched, taken down or changed, changed only, merged (reference 2.5)."""

from typing import Any

from nowserving.actions import customers
from nowserving.actions.act import Act
from nowserving.actions.customers import Given, Known
from nowserving.dialects.qflow.ask import Ask
from nowserving.dialects.qflow.binding import Bound, invalid
from nowserving.dialects.qflow.looking import customer_numbered, customer_with
from nowserving.dialects.qflow.models import (
    CUSTOMER,
    CUSTOMER_QUERY,
    CUSTOMERS_QUERY,
    MERGE_CUSTOMER,
)
from nowserving.dialects.qflow.paging import page_of
from nowserving.dialects.qflow.people import (
    FIELD_OF,
    KEY,
    given_of,
    kind_of_key,
    kinds_to_look_in,
    say_customer,
    say_row,
)
from nowserving.kit.problems import NotFound
from nowserving.people.customers import Customer

NEEDED = "The PersonalId field is required."


async def see_customer(ask: Ask) -> Any:
    """A customer by personal id."""
    given = ask.query(CUSTOMER_QUERY)
    async with ask.acting() as act:
        type_id, reference = given.integer("idType"), given.text("idTypeExtRef")
        id = await customer_with(act, ask.in_path["id"][:200], type_id, reference)
        return await _say(act, await customers.see(act, customer_id=id))


async def find_customers(ask: Ask) -> Any:
    """A page of customers, by last name, first name and number."""
    given = ask.query(CUSTOMERS_QUERY)
    words = " ".join(filter(None, map(given.text, ("PersonalId", "FirstName", "LastName"))))
    archived = not given.flag("IsActive") if "IsActive" in given.given else None
    async with ask.acting() as act:
        total = await customers.count(act, text=words, archived=archived)
        page = page_of(given, total)
        found = await customers.find(
            act, text=words, archived=archived, most=page.limit, skip=page.skip
        )
        directory = await act.directory()
        keys = await customers.keys_of(act, [one.id for one in found.customers])
        rows = [
            say_row(directory, page.start + at, one, keys.get(one.id, {}))
            for at, one in enumerate(found.customers)
        ]
        return page.envelope("customerResults", rows)


async def upsert(ask: Ask) -> Any:
    """Take a customer down, or change the one with this personal id or number."""
    return await _write(ask, create=True)


async def patch(ask: Ask) -> Any:
    """Change the customer with this personal id or number."""
    return await _write(ask, create=False)


async def merge(ask: Ask) -> Any:
    """Let a customer have another personal id or, where that is another's, be that one."""
    given = ask.body(MERGE_CUSTOMER)
    value, new = given.text("PersonalId"), given.text("PersonalIdNew")
    if value is None or new is None:
        raise invalid(given.model, "PersonalIdNew" if value else "PersonalId", NEEDED)

    async def do(act: Act) -> dict[str, Any]:
        reference = given.text("PersonalIdTypeExtRef")
        directory = await act.directory()
        id = await customer_with(act, value, 0, reference)
        notes = {FIELD_OF["Notes"]: given.text("Notes")} if given.text("Notes") else {}
        try:
            into = await customer_with(act, new, 0, reference)
        except NotFound:
            keys = (await customers.see(act, customer_id=id)).keys
            kinds = kinds_to_look_in(directory, 0, reference)
            kind = next((one for one in kinds if one in keys), KEY)
            renamed = Given(keys={kind: new}, fields=notes)
            return await _say(act, await customers.change(act, customer_id=id, given=renamed))
        known = await customers.see(act, customer_id=into)
        if into != id:
            known = await customers.merge(act, customer_id=id, into_id=into)
        if notes:
            known = await customers.change(act, customer_id=into, given=Given(fields=notes))
        return await _say(act, known)

    return await ask.do(do)


async def _write(ask: Ask, *, create: bool) -> Any:
    said = ask.body(CUSTOMER)
    value, number = said.text("PersonalId"), said.integer("CustomerId")
    if value is None and number == 0:
        raise invalid(said.model, "PersonalId", NEEDED)

    async def do(act: Act) -> dict[str, Any]:
        customer = await _known(act, said, must=not create)
        given = given_of(said, customer)
        if customer is not None:
            changed = await customers.change(act, customer_id=customer.id, given=given)
            return await _say(act, changed)
        assert value is not None
        directory = await act.directory()
        kind = kind_of_key(
            directory, said.maybe("PersonalIdTypeId"), said.text("PersonalIdTypeExtRef")
        )
        known, _ = await customers.upsert(act, kind=kind, value=value, given=given)
        return await _say(act, known)

    return await ask.do(do)


async def _known(act: Act, said: Bound, *, must: bool) -> Customer | None:
    """The customer a body speaks of; NotFound if there must be one and is none."""
    value, number = said.text("PersonalId"), said.integer("CustomerId")
    if value is None:
        return await customer_numbered(act, said, number)
    type_id, reference = said.maybe("PersonalIdTypeId"), said.text("PersonalIdTypeExtRef")
    try:
        id = await customer_with(act, value, type_id, reference)
    except NotFound:
        if must:
            raise
        return None
    return (await customers.see(act, customer_id=id)).customer


async def _say(act: Act, known: Known) -> dict[str, Any]:
    return say_customer(await act.directory(), known.customer, known.keys)
