"""Opening a case that stands in no line: a letter, a complaint, something to be counted."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.words import keep_words
from nowserving.cases import moves
from nowserving.cases.admission import Admitted, admitted
from nowserving.cases.case import Case, Details, WrongState, moved
from nowserving.cases.moves import Move, State
from nowserving.cases.texts import reference_key, text_of
from nowserving.cases.tickets import business_day
from nowserving.cases.work import (
    Opening,
    SolutionRequired,
    beside,
    check_status,
    way,
)
from nowserving.kit.clock import utc
from nowserving.kit.problems import Invalid
from nowserving.kit.vault import fingerprint
from nowserving.people.customers import Customer
from nowserving.places.directory import Directory
from nowserving.places.services import StandsInLine
from nowserving.queues.line import callable_from, rank_of

PREFIX = "#"
"""Before the number of a case that stands in no line, where others have a ticket."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new case that stands in no line, and its link."""

    case: Case
    details: Details
    link: str
    directory: Directory


Step = tuple[Case, Move, dict[str, Any]]


async def open_case(act: Act, opening: Opening) -> Opened:
    """Open a case of a service with an inbox, or, of any service, one that is only counted.

    It takes no number of a line; it is called by its own. What is `counted_only` is resolved
    and closed at once: it was never in a line, on a board or in anybody's waiting time.
    Raises StandsInLine, NoSuchStatus, SolutionRequired, and what `admitted` raises.
    """
    directory, request = await act.directory(), opening.request
    service = directory.service(request.service_id)
    act.must(moves.OPEN_CASE.needs, at=service.unit_id)
    if directory.lined(service) and not opening.counted_only:
        raise StandsInLine(service=service.id)
    known = admitted(request, directory, await _customer(act, request.customer_id))
    await _check_people(act, opening)
    case = _opened(act, directory, opening, known, await act.store.requests.take("case", 1))
    details = _details(case, opening, known)
    steps = _steps(act, directory, opening, case, details)
    case, link = steps[-1][0], act.house.vault.link(case.id)
    await act.store.cases.add([(case, fingerprint(link))], [details])
    await act.store.journal.add([act.fact(to, by.fact, told) for to, by, told in steps])
    await keep_words(act, case)
    return Opened(case, details, link, directory)


def _opened(act: Act, directory: Directory, opening: Opening, known: Admitted, number: int) -> Case:
    request, service, now = opening.request, known.service, act.now
    zone = directory.unit(service.unit_id).zone
    priority = _priority(opening, directory, service.priority)
    if opening.outcome_id is not None:
        directory.outcome(opening.outcome_id)
    return Case(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        number=number,
        version=1,
        state=State.WAITING,
        unit_id=service.unit_id,
        queue_id=service.queue_id,
        service_id=service.id,
        category_id=service.category_id,
        type_id=known.kind.id,
        parent_id=opening.parent_id,
        customer_id=request.customer_id,
        channel=known.channel,
        language=known.language,
        day=business_day(now, zone, service.reset_minute),
        sequence=-number,
        prefix=PREFIX,
        ticket_number=number,
        suffix="",
        priority=priority,
        rank=rank_of(now, priority, None),
        callable_at=callable_from(None),
        opened_at=now,
        joined_at=now,
        reference_at=now,
        state_at=now,
        use_customer_contact=request.use_customer_contact,
        assigned_to=opening.assigned_to,
        owner_id=opening.owner_id,
        due_at=utc(opening.due_at) if opening.due_at else None,
        tag_ids=request.tag_ids,
        priority_id=opening.priority_id,
        extras={**opening.request.extras, **opening.extras},
        opened_by=act.actor.principal,
    )


def _details(case: Case, opening: Opening, known: Admitted) -> Details:
    return Details(
        case.organization_id,
        case.id,
        name=known.name,
        phone=known.phone,
        email=known.email,
        fields={str(id): value for id, value in opening.request.fields.items()},
        solution=text_of("solution", opening.solution),
        title=text_of("title", opening.title or opening.request.title),
        description=text_of("description", opening.description or opening.request.description),
        cc=text_of("cc", opening.cc),
        reference_key=reference_key(opening.request.reference),
    )


def _steps(
    act: Act, directory: Directory, opening: Opening, case: Case, details: Details
) -> list[Step]:
    """What happens to the case at once, so that it stands where it shall."""
    status = directory.status(opening.status_id) if opening.status_id else None
    if status is not None:
        check_status(status, case)
        if status.needs_solution and not details.solution:
            raise SolutionRequired(field="solution", status=status.id)
    wanted = State(status.state) if status else State.WAITING
    if opening.counted_only and not wanted.over:
        status, wanted = None, State.CLOSED
    path = way(case, wanted)
    if path is None:
        raise WrongState(case=case.id, state=case.state)
    steps: list[Step] = [_step(case, moves.OPEN_CASE, counted_only=opening.counted_only)]
    for move in path:
        case = moved(case, move, act.now)
        steps.append((case, move, beside(steps[-1][0], move)))
    status_id = status.id if status else None
    last = replace(case, outcome_id=opening.outcome_id, status_id=status_id)
    return [*steps[:-1], (last, *steps[-1][1:])]


def _step(case: Case, move: Move, **told: Any) -> Step:
    return case, move, told


def _priority(opening: Opening, directory: Directory, usual: int) -> int:
    if opening.priority_id is not None:
        return directory.priority(opening.priority_id).level
    given = opening.request.priority
    return usual if given is None else given


async def _customer(act: Act, id: UUID | None) -> Customer | None:
    if id is None:
        return None
    customer = await act.look.people.customer(id)
    if customer is None or customer.archived:
        raise Invalid(field="customer_id", reason="there is no such customer")
    return customer


async def _check_people(act: Act, opening: Opening) -> None:
    for field in ("owner_id", "assigned_to"):
        await check_agent(act, field, getattr(opening, field))
    if opening.parent_id is not None:
        await act.look.cases.get(opening.parent_id)


async def check_agent(act: Act, field: str, id: UUID | None) -> None:
    """Invalid unless this is the id of somebody who works here, or None."""
    agent = await act.look.people.agent(id) if id is not None else None
    if id is not None and (agent is None or agent.archived):
        raise Invalid(field=field, reason="nobody of this id works here")
