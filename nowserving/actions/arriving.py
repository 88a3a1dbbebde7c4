"""Arriving by what a program knows: a case, whose it is, what another system calls it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from nowserving.actions import arrivals
from nowserving.actions.act import Act
from nowserving.actions.beside import called_so
from nowserving.bookings.rules import Punctuality
from nowserving.cases import moves
from nowserving.cases.case import Case
from nowserving.cases.moves import State
from nowserving.kit.problems import NotFound
from nowserving.people.permissions import Permission


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who has arrived, and how they stood to their time.

    None if they had been here before, or whatever the time.
    """

    case: Case
    punctuality: Punctuality | None


async def arrive(act: Act, *, case_id: UUID, override: bool = False) -> Arrived:
    """Somebody is here for their appointment; said again of who waits, nothing changes.

    Raises as `arrivals.check_in`.
    """
    case = await act.look.cases.get(case_id)
    seen = await act.look.appointments.get(case_id)
    act.must(moves.ARRIVE.needs, at=case.unit_id, case=case.id)
    if seen.arrived_at is not None and not case.state.over:
        return Arrived(case, None)
    plan = await act.look.plans.of(case.service_id)
    punctuality = None if plan is None else plan.rules.punctuality(seen.starts_at, act.now)
    case = await arrivals.check_in(act, case_id=case_id, override=override)
    if override and punctuality is not Punctuality.LATE:
        punctuality = None
    return Arrived(case, punctuality)


async def next_of_customer(act: Act, *, customer_id: UUID) -> UUID:
    """The case of a customer's next appointment of today, wherever it is; NotFound if none is."""
    directory = await act.directory()
    found: list[Case] = []
    for unit in directory.units.values():
        if not unit.archived and act.actor.may(Permission.CHECK_IN, at=unit.id):
            at_unit = await arrivals.expected(act, unit_id=unit.id, customer_id=customer_id)
            found += [case for _, case in at_unit]
    return await _nearest(act, found)


async def next_called(act: Act, *, reference: str) -> UUID:
    """The case of today's appointment that another system calls so; NotFound if there is none.

    Of one that was checked in already it is that.
    """
    found = [one for one in await called_so(act, reference=reference) if one.appointment_at]
    return await _nearest(act, found)


async def _nearest(act: Act, found: Sequence[Case]) -> UUID:
    directory = await act.directory()
    today = []
    for case in found:
        zone = directory.unit(case.unit_id).zone
        assert case.appointment_at is not None
        day = case.appointment_at.astimezone(zone).date()
        if day == act.now.astimezone(zone).date() and not case.state.over:
            today.append(
                (case.state is not State.PLANNED, abs(case.appointment_at - act.now), case)
            )
    if not today:
        raise NotFound(what="appointment")
    return min(today, key=lambda one: one[:2])[2].id
