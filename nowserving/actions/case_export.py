"""The list of cases as a table, however long it is: read page by page while it is sent."""

from collections.abc import AsyncIterator
from datetime import datetime

from nowserving.actions.house import House
from nowserving.actions.search import PAGE_AT_MOST, Found, find
from nowserving.cases.case import Case
from nowserving.cases.finding import Filter
from nowserving.kit.spreadsheet import BEGINNING, row
from nowserving.people.actor import Actor

COLUMNS = (
    *("number", "ticket", "title", "description", "solution", "name", "phone", "email"),
    *("unit", "service", "type", "state", "status", "priority", "tags", "responsible", "owner"),
    *("opened_at", "due_at", "ended_at"),
)


async def export(house: House, actor: Actor, *, wanted: Filter) -> AsyncIterator[bytes]:
    """The cases that `find` finds, as CSV: a line with the columns, then one for each case.

    Refused as `find` is, before the first byte. Each page is read by itself: no transaction
    stays open while somebody's line is slow, and a case is there once whatever happens to it.
    Moments are in UTC (ISO 8601).
    """
    async with house.acting(actor) as act:
        first = await find(act, wanted=wanted, most=PAGE_AT_MOST)
    return _lines(house, actor, wanted, first)


async def _lines(house: House, actor: Actor, wanted: Filter, found: Found) -> AsyncIterator[bytes]:
    yield BEGINNING + row(COLUMNS)
    while True:
        if found.cases:
            yield b"".join(row(_cells(found, case)) for case in found.cases)
        if found.after is None:
            return
        async with house.acting(actor) as act:
            found = await find(act, wanted=wanted, after=found.after, most=PAGE_AT_MOST)


def _cells(found: Found, case: Case) -> list[str]:
    """One case, in the order of COLUMNS."""
    directory, details = found.directory, found.details[case.id]
    service = directory.services[case.service_id]
    kind = directory.types.get(case.type_id)
    status = directory.statuses.get(case.status_id) if case.status_id else None
    priority = directory.priorities.get(case.priority_id) if case.priority_id else None
    tags = sorted(directory.tags[id].name for id in case.tag_ids if id in directory.tags)
    texts = (details.title, details.description, details.solution)
    contact = (details.name, details.phone, details.email)
    return [
        str(case.number),
        str(case.ticket),
        *(text or "" for text in (*texts, *contact)),
        directory.units[case.unit_id].name,
        service.name,
        kind.name if kind else "",
        str(case.state),
        status.name if status else "",
        priority.name if priority else "",
        ", ".join(tags),
        found.names.get(case.assigned_to, "") if case.assigned_to else "",
        found.names.get(case.owner_id, "") if case.owner_id else "",
        *(_moment(at) for at in (case.opened_at, case.due_at, case.ended_at)),
    ]


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds")
