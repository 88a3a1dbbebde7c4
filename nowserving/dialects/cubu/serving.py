"""Agent Impersonation: calling, calling again and resolving cases."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.types import ASGIApp

from nowserving.actions import desk
from nowserving.actions.act import Act
from nowserving.actions.console import at_hand, workspace_of
from nowserving.actions.customer_records import title_of
from nowserving.actions.start_next import start_next
from nowserving.cases.case import Case, Details, NotYours, WrongState
from nowserving.cases.moves import State
from nowserving.dialects.cubu.agents import AGENT
from nowserving.dialects.cubu.consoles import say_user
from nowserving.dialects.cubu.doing import (
    done,
    impersonating,
    in_path,
    said,
    shown,
    wire_of,
)
from nowserving.dialects.cubu.failures import words_here
from nowserving.dialects.cubu.wire import say_instant
from nowserving.dialects.cubu.words import CHANNEL_OF, STATUS_OF, Word
from nowserving.kit.http import AnyRequest, Reply
from nowserving.kit.problems import Invalid, Problem
from nowserving.people.attendance import NoUnitChosen, NoWorkspaceChosen
from nowserving.people.customers import Customer
from nowserving.people.staff import Agent
from nowserving.places.directory import Directory

_NO_PLACE = {NoUnitChosen: Word(403), NoWorkspaceChosen: Word(409, 1011)}


@get(f"{AGENT}/activeCases")
async def list_active_cases(request: AnyRequest) -> ASGIApp:
    """List Active Cases: those the agent is serving in the current unit."""
    actor = await impersonating(request)
    words_here(request, _NO_PLACE)

    async def ask(act: Act) -> list[dict[str, Any]]:
        directory = await act.directory()
        found = await at_hand(act)
        people = {one.id: one for one in await act.look.people.everyone()}
        return [
            _say_case(
                directory,
                case,
                await act.look.cases.details(case.id),
                await _customer_of(act, case),
                people,
            )
            for case in found
        ]

    return await shown(request, actor, ask)


@post(f"{AGENT}/actions/startNext")
async def start_the_next(request: AnyRequest) -> ASGIApp:
    """Start Processing the Next Case."""
    actor = await impersonating(request)
    words_here(request, _NO_PLACE)
    wire, body = await wire_of(request)
    inbox_id, desk_id = wire.guid("inboxId"), wire.guid("workstationId")

    async def do(act: Act) -> Case | None:
        workspace = await workspace_of(act)
        return await start_next(
            act,
            workspace=workspace,
            queue_ids=_inboxes(workspace.queue_ids, inbox_id),
            desk_id=desk_id,
            settle_first=wire.flag("applyWorkspaceBehavior"),
            silent=wire.flag("silent"),
        )

    return await done(request, actor, do, _say_started, body)


@post(f"{AGENT}/cases/{{case_id:str}}/actions/callAgain")
async def call_again(request: AnyRequest) -> ASGIApp:
    """Call Again."""
    actor = await impersonating(request)
    words_here(request, {NotYours: Word(403), WrongState: Word(409, 1010)})
    case_id = in_path(request, "case_id")
    _, body = await wire_of(request)

    async def do(act: Act) -> Case:
        return await desk.call_again(act, case_id=case_id)

    return await done(request, actor, do, lambda _: Reply(200, ""), body)


@post(f"{AGENT}/cases/{{case_id:str}}/actions/resolve")
async def resolve(request: AnyRequest) -> ASGIApp:
    """Resolve a Case."""
    actor = await impersonating(request)
    words_here(request, {WrongState: Word(409, 1001), NotYours: _somebody_elses})
    case_id = in_path(request, "case_id")
    _, body = await wire_of(request)

    async def do(act: Act) -> Case:
        return await desk.resolve(act, case_id=case_id)

    return await done(request, actor, do, _say_resolved, body)


def _somebody_elses(problem: Problem) -> Word:
    """A case that a colleague is serving has another number than one that waits for them."""
    in_line = problem.details.get("state") in (State.WAITING, State.PENDING)
    return Word(409, 1004 if in_line else 1002)


def _inboxes(of_workspace: Sequence[UUID], wanted: UUID | None) -> Sequence[UUID]:
    if wanted is None:
        return of_workspace
    if wanted not in of_workspace:
        raise Invalid(field="inboxId", reason="inboxId is not in the current workspace")
    return (wanted,)


def _say_started(case: Case | None) -> Reply:
    if case is None:
        return Reply(204, "")
    return said(
        200,
        {
            "caseId": case.id,
            "status": STATUS_OF[case.state],
            "statusDate": say_instant(case.state_at),
            "queueTimestamp": say_instant(case.state_at),
            "ticket": say_ticket(case),
            "onlineMeeting": None,
        },
    )


def _say_resolved(case: Case) -> Reply:
    return said(200, {"caseTimestamp": say_instant(case.state_at)})


def say_ticket(case: Case) -> dict[str, Any]:
    """The number called out."""
    return {
        "prefix": case.prefix or None,
        "suffix": case.suffix or None,
        "number": case.ticket_number,
    }


def _say_case(
    directory: Directory,
    case: Case,
    details: Details,
    customer: dict[str, Any] | None,
    people: dict[UUID, Agent],
) -> dict[str, Any]:
    queue, desk_ = directory.queue(case.queue_id), directory.desks.get(case.desk_id or case.id)
    return {
        "caseId": case.id,
        "ticket": say_ticket(case),
        "serviceCategoryId": case.category_id,
        "serviceCategoryName": directory.categories[case.category_id].name,
        "serviceTypeId": case.type_id,
        "serviceTypeName": directory.types[case.type_id].name,
        "status": STATUS_OF[case.state],
        "statusDate": say_instant(case.state_at),
        "referenceDate": say_instant(case.reference_at),
        "dateOpened": say_instant(case.opened_at),
        "dateClosed": case.ended_at and say_instant(case.ended_at),
        "assignedTo": say_user(people.get(case.assigned_to or case.id)),
        "lockedBy": say_user(people.get(case.agent_id or case.id)),
        "channel": CHANNEL_OF[case.channel],
        "rank": float(case.rank),
        "unitId": case.unit_id,
        "unitName": directory.unit(case.unit_id).name,
        "inboxId": queue.id,
        "inboxName": queue.name,
        "inboxColorCode": queue.color,
        "caseTimestamp": say_instant(case.state_at),
        "workstationId": case.desk_id,
        "workstationName": desk_ and desk_.name,
        "customer": customer,
        "onlineMeeting": None,
        "printedTicket": False,
        "contactPhoneNumber": details.phone,
        "contactEmail": details.email,
        "entryMode": "WalkIn" if case.appointment_at is None else "Appointment",
        "fields": None,
        "tags": None,
    }


async def _customer_of(act: Act, case: Case) -> dict[str, Any] | None:
    customer = await act.look.people.customer(case.customer_id) if case.customer_id else None
    if customer is None:
        return None
    return say_customer(await act.directory(), customer, await title_of(act, customer))


def say_customer(directory: Directory, customer: Customer, title: str) -> dict[str, Any]:
    """A customer as a case mentions them."""
    return {
        "dataTableId": directory.customers.id,
        "recordId": customer.id,
        "displayName": title,
    }
