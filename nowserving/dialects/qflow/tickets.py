"""Tickets of a unit: who waits, the oldest first, and who was called (reference 2.7, 2.10)."""

from typing import Any

from nowserving.actions.act import Act
from nowserving.actions.cases import waiting
from nowserving.actions.customers import keys_of
from nowserving.actions.directory import seen_directory
from nowserving.cases.case import Case
from nowserving.dialects.qflow.ask import Ask
from nowserving.dialects.qflow.people import names_of, personal_id
from nowserving.dialects.qflow.say import say_at
from nowserving.dialects.qflow.words import STATUS_OF
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory

WAITING_AT_MOST = 1000
"""Of each queue."""

CALLED_AT_MOST = 50


async def waiting_tickets(ask: Ask) -> Any:
    """Who waits at a unit."""
    async with ask.acting() as act:
        directory = await seen_directory(act)
        unit = directory.unit_numbered(ask.number())
        found: list[Case] = []
        for queue in directory.queues_of(unit.id):
            if not queue.inbox:
                found += await waiting(act, queue_id=queue.id, behind=None, most=WAITING_AT_MOST)
        found.sort(key=lambda one: (one.joined_at, one.number))
        return await _say(act, directory, found)


async def called_tickets(ask: Ask) -> Any:
    """Ours: who was called last at a unit, the newest first."""
    async with ask.acting() as act:
        directory = await seen_directory(act)
        unit = directory.unit_numbered(ask.number())
        act.must(Permission.SEE_LINE, at=unit.id)
        found = await act.look.lines.calls(unit.id, CALLED_AT_MOST)
        rows = await _say(act, directory, found)
        for row, case in zip(rows, found, strict=True):
            desk = directory.desks.get(case.desk_id) if case.desk_id else None
            status = STATUS_OF[case.state]
            row |= {
                "CalledTime": say_at(case.called_at, directory.organization.zone),
                "LocationName": desk.name if desk else None,
                "EntityStatus": status.number,
                "EntityStatusDesc": status.name,
            }
        return rows


async def _say(act: Act, directory: Directory, cases: list[Case]) -> list[dict[str, Any]]:
    details = await act.look.finding.details([case.id for case in cases])
    ids = {case.customer_id for case in cases if case.customer_id}
    customers = await act.look.case_lists.whole_customers(ids)
    keys = await keys_of(act, ids)
    rows = []
    for at, case in enumerate(cases, 1):
        known = details.get(case.id)
        customer = customers.get(case.customer_id) if case.customer_id else None
        first, last = names_of(customer) if customer else (known.name if known else None, None)
        unit, service = directory.units[case.unit_id], directory.services[case.service_id]
        own = keys.get(customer.id, {}) if customer else {}
        rows.append(
            {
                "Row": at,
                "ProcessId": case.number,
                "CaseId": case.number,
                "EnqueueTime": say_at(case.joined_at, directory.organization.zone),
                "ReceptionPointId": 0,
                "QCode": case.prefix[:10],
                "QNumber": max(case.ticket_number, 0),
                "Subject": _cut(known.title if known else None, 100),
                "ServiceName": service.name[:50],
                "UnitId": unit.number,
                "UnitName": unit.name[:50],
                "PersonalId": personal_id(directory, own)[0],
                "FirstName": _cut(first, 50),
                "LastName": _cut(last, 50),
                "IsAppointment": case.appointment_at is not None,
            }
        )
    return rows


def _cut(text: str | None, most: int) -> str | None:
    return None if text is None else text[:most]
