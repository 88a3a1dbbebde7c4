"""Telling other systems that somebody is here, before their appointments are looked for."""

from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.arrivals import AROUND, check_in
from nowserving.actions.asking import AboutArrival
from nowserving.actions.before import ask_for
from nowserving.cases.case import Case
from nowserving.cases.moves import ARRIVE, QUEUE_UP, State
from nowserving.kit.folding import fold
from nowserving.kit.problems import Invalid, NotFound
from nowserving.kit.texts import kept
from nowserving.places.directory import Directory
from nowserving.places.hooks import HookKind

TYPED_AT_MOST = 200


async def before_appointments(
    act: Act, *, unit_id: UUID, customer: str, language: str, kiosk_id: UUID | None = None
) -> None:
    """Wait for those who may still make appointments for somebody who has just come.

    `customer` is what was typed at the kiosk. They make them over our API while we wait, so
    look for appointments after this. Raises NotConfirmed where one that has to answer does not.
    """
    directory = await act.directory()
    act.must(QUEUE_UP.needs, at=directory.unit(unit_id).id)
    typed = kept(customer.strip(), field="customer", at_most=TYPED_AT_MOST)
    if not typed:
        raise Invalid(field="customer", reason="empty")
    hooks = directory.hooks_for(HookKind.APPOINTMENTS, unit_id)
    await ask_for(act, hooks, AboutArrival(unit_id, kiosk_id, typed, language), directory)


def asks_for_customer(directory: Directory, unit_id: UUID) -> bool:
    """May somebody check in here by telling their customer number?

    Where another system is told of it first, and nowhere else: whoever knows or guesses a
    number can check in with it.
    """
    return bool(directory.hooks_for(HookKind.APPOINTMENTS, unit_id))


async def check_in_as(act: Act, *, unit_id: UUID, typed: str) -> Case:
    """Check somebody in by a key of theirs, for the appointment here that is nearest to now.

    Any key field of the table of customers counts. Raises NotFound, whether nobody has such a
    key or they have no appointment; and what `check_in` raises.
    """
    directory = await act.directory()
    act.must(ARRIVE.needs, at=directory.unit(unit_id).id)
    if act.actor.public and not asks_for_customer(directory, unit_id):
        raise NotFound(what="appointment", id="customer")
    folded = fold(kept(typed.strip(), field="customer", at_most=TYPED_AT_MOST))
    expected = []
    for field in directory.customers.keys:
        customer_id = await act.look.customers.keyed(field.slug, folded)
        if customer_id is not None:
            since, until = act.now - AROUND, act.now + AROUND
            expected += await act.look.appointments.of_customer(unit_id, customer_id, since, until)
    awaited = [seat for seat, case in expected if case.state is State.PLANNED]
    if not awaited:
        raise NotFound(what="appointment", id="customer")
    nearest = min(awaited, key=lambda one: abs(one.starts_at - act.now))
    return await check_in(act, case_id=nearest.case_id)
