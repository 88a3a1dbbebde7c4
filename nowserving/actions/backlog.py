"""Words for cases and customers from before there were any, so that they are found too.

A few at a time, each few in a transaction of their own that also says how far it came:
whoever is stopped goes on from there. Who has words is passed over.
"""

from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.house import House
from nowserving.actions.words import keep_words
from nowserving.cases.finding import words_of_customer
from nowserving.people.actor import system
from nowserving.store.backlog import behind
from nowserving.store.engines import Looking

AT_ONCE = 50
"""Cases that are held together: nobody waits for them longer than a moment."""

LOOKED_AT = 1000
"""Keys that are looked through for them."""


async def organizations_behind(house: House) -> list[UUID]:
    """The organizations of which something has no words yet."""
    return await behind(Looking(house.engine))


async def give_words(house: House, organization_id: UUID) -> bool:
    """Give the next few their words. False if nothing is left, or others are at it."""
    async with house.acting(system(organization_id, "words")) as act:
        backlog = act.store.backlog
        held = await backlog.hold()
        if held is None:
            return False
        kind, after = held
        found = await backlog.next(kind, after, most=LOOKED_AT)
        wordless = [id for id, without in found if without][:AT_ONCE]
        for id in wordless:
            await _WORDS[kind](act, id)
        if len(wordless) < AT_ONCE and len(found) < LOOKED_AT:
            await backlog.done(kind)
        else:
            await backlog.move(kind, wordless[-1] if len(wordless) == AT_ONCE else found[-1][0])
    return True


async def _of_case(act: Act, id: UUID) -> None:
    """Held, so that nobody erases or changes meanwhile what the words are made of."""
    await keep_words(act, await act.store.cases.hold_any(id))


async def _of_customer(act: Act, id: UUID) -> None:
    customer = await act.store.customers.hold(id)
    keys = await act.store.customers.keys_of(id)
    words = words_of_customer(customer, list(keys.values()))
    await act.store.finding.keep_customer_words(customer, words)


_WORDS = {"case": _of_case, "customer": _of_customer}
