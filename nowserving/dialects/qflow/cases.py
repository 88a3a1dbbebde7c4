"""Cases: enqueued for FIFO, seen, forced to a status (reference/qflow.md 2.3, 3.1)."""

from typing import Any

from nowserving.actions.act import Act
from nowserving.actions.beside import keep_beside
from nowserving.actions.case_lists import case_numbered
from nowserving.actions.gather import Queued
from nowserving.actions.open_case import Opened, open_case
from nowserving.actions.queue_up import queue_up
from nowserving.actions.work import force
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.cases.work import Opening
from nowserving.dialects.qflow.ask import NUMBER_AT_MOST, Ask
from nowserving.dialects.qflow.binding import Bound, invalid
from nowserving.dialects.qflow.kept import NAME, classified, kept_of, procedure, properties
from nowserving.dialects.qflow.looking import NOT_FOUND, customer_of, service_of
from nowserving.dialects.qflow.models import CASE_ENQUEUE, CASE_STATUS
from nowserving.dialects.qflow.say import say_case, sight_of
from nowserving.dialects.qflow.words import STATUS_OF, TARGETS
from nowserving.kit.problems import NotFound

_LEFT = "Unchanged"


async def enqueue(ask: Ask) -> Any:
    """Put a case in the queue of a service or, with AutoClose, only count it."""
    given = ask.body(CASE_ENQUEUE)

    async def do(act: Act) -> Queued | Opened:
        directory, service = await service_of(act, given)
        kept: dict[str, Any] = procedure(directory, given)
        if code := given.text("ClassificationCode"):
            kept["classifications"] = classified(directory, [code], "ClassificationCode")
        if reference := given.text("ExtRef"):
            kept["ext_ref"] = reference
        request = Request(
            service_id=service.id,
            customer_id=await customer_of(act, given),
            fields=properties(directory, service, given),
            title=given.text("Subject"),
            description=given.text("Notes"),
            reference=given.text("ExtRef"),
            extras={NAME: kept} if kept else {},
        )
        if given.flag("AutoClose"):
            return await open_case(act, Opening(request, counted_only=True))
        return await queue_up(act, request)

    return await ask.do(do, lambda made: _echo(given, made))


async def see_case(ask: Ask) -> Any:
    """A case by its number, or by that of its process, which is the same here."""
    async with ask.acting() as act:
        case = await case_numbered(act, number=ask.number())
        return say_case(await sight_of(act, case))


async def cancel(ask: Ask) -> Any:
    """Force a case to a status, cancelled if none is named; answers the name of the status."""
    given = ask.body(CASE_STATUS)
    if given.integer("Status") not in TARGETS:
        targets = ", ".join(str(one) for one in TARGETS if one)
        raise invalid(given.model, "Status", f"The field Status must be one of {targets}.")
    target = TARGETS[given.integer("Status")]

    async def do(act: Act) -> str:
        case = await case_of(act, given)
        directory = await act.directory()
        kept: dict[str, Any] = {}
        if code := given.text("ClassificationCode"):
            kept["classifications"] = classified(directory, [code], "ClassificationCode")
        notes = given.text("Notes") or ""
        await keep_beside(
            act,
            case_id=case.id,
            extras={NAME: {**kept_of(case), **kept}} if kept else None,
            fields=properties(directory, directory.services[case.service_id], given),
            remark=notes,
        )
        if target is None:
            return _LEFT
        case = await force(act, case_id=case.id, to=target)
        return STATUS_OF[case.state].name

    return await ask.do(do)


async def case_of(act: Act, given: Bound) -> Case:
    """The case that a body names by ProcessId or CaseId; ModelInvalid if it names none."""
    number = given.maybe("ProcessId") or given.maybe("CaseId") or 0
    if number == 0:
        raise invalid(given.model, "CaseId", "CaseId or ProcessId is required.")
    try:
        if not 0 < number <= NUMBER_AT_MOST:
            raise NotFound(what="case", id=number)
        return await case_numbered(act, number=number)
    except NotFound:
        member = "ProcessId" if given.maybe("ProcessId") else "CaseId"
        raise invalid(given.model, member, NOT_FOUND) from None


def _echo(given: Bound, made: Queued | Opened) -> dict[str, Any]:
    return {
        "CaseId": made.case.number,
        "ServiceId": made.directory.services[made.case.service_id].number,
        "ServiceIdExtRef": given.text("ServiceIdExtRef"),
        "CustomerId": given.integer("CustomerId"),
        "ExtRef": given.text("ExtRef"),
        "Notes": given.text("Notes"),
        "Subject": given.text("Subject"),
        "ClassificationCode": given.text("ClassificationCode"),
        "AutoClose": given.flag("AutoClose"),
        "CustomProperties": given.properties("CustomProperties") or None,
        "ProcedureExtRef": given.text("ProcedureExtRef"),
        "ProcedureOptionExtRef": given.text("ProcedureOptionExtRef"),
    }
