"""Telling other systems that somebody is here, before their appointments are looked for."""

from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.asking import AboutArrival
from nowserving.actions.before import ask_for
from nowserving.cases.moves import QUEUE_UP
from nowserving.kit.problems import Invalid
from nowserving.kit.texts import kept
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
