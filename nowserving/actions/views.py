"""What people look at: the desk, the board, a ticket. Questions only, in our own words.

A page draws what stands here and asks again when its topic has changed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.cases.attachment import Attachment
from nowserving.cases.case import Case, Details, Note, Visibility
from nowserving.cases.moves import IN_LINE, Move, State
from nowserving.kit.facts import Fact
from nowserving.kit.problems import NotFound
from nowserving.people.actor import ActorKind, agent_named
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.places.organization import Desk, Unit
from nowserving.places.services import Queue, Service
from nowserving.queues.line import Choice, Server, next_in_line
from nowserving.store.lines import Place

CALLS_SHOWN = 8
"""How many calls a board shows: the newest big, the others below."""

CALLS_AT_ONCE = 60
"""The most calls a board is told of, so that none is lost when many come at once."""

JUST_CALLED = timedelta(minutes=2)
"""How long a board is told of a call even if newer ones have pushed it off the list."""

CALLS_LAST_FOR = timedelta(hours=12)
"""A board does not show yesterday's calls."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with everything an agent needs to know of it.

    `names`: of the agents in its history, by how the journal names them.
    """

    case: Case
    details: Details
    notes: list[Note]
    files: list[Attachment]
    history: list[Fact]
    names: Mapping[str, str]
    moves: list[Move]
    transfers: list[Queue]


@dataclass(frozen=True, slots=True)
class DeskView:
    """What an agent sees at a desk: who is here, who is next and why, who waits.

    `names`: of the colleagues who serve somebody now.
    """

    now: datetime
    directory: Directory
    unit: Unit
    desk: Desk | None
    current: CaseFile | None
    next: Choice[Case] | None
    waiting: list[Case]
    lengths: dict[UUID, int]
    on_hold: list[Case]
    pending: list[Case]
    served: list[Case]
    names: Mapping[UUID, str]
    missed: list[Case]


@dataclass(frozen=True, slots=True)
class Call:
    """One line of a board."""

    case_id: UUID
    ticket: str
    desk: str
    called_at: datetime
    calls: int
    language: str
    here: bool


@dataclass(frozen=True, slots=True)
class BoardView:
    """What hangs on the wall: the newest call first."""

    now: datetime
    unit: Unit
    calls: list[Call]


@dataclass(frozen=True, slots=True)
class TicketView:
    """What the holder of a ticket sees."""

    now: datetime
    case: Case
    unit: Unit
    service: Service
    desk: Desk | None
    place: Place | None
    notes: Sequence[Note] = ()


async def desk_view(
    act: Act, *, unit_id: UUID, desk_id: UUID | None, queue_ids: Collection[UUID]
) -> DeskView:
    """The desk, its queues, and what is open around it."""
    act.must(Permission.SEE_LINE, at=unit_id)
    directory = await act.directory()
    for queue_id in queue_ids:
        directory.queue_at(unit_id, queue_id)
    lines = act.look.lines
    in_hand = await lines.in_hand_at(unit_id)
    ours = [case for case in in_hand if case.queue_id in queue_ids]
    current = next((case for case in in_hand if _here(case, desk_id, act.actor.id)), None)
    waiting = [case for queue in queue_ids for case in await lines.waiting_in(queue, 50)]
    waiting.sort(key=lambda case: (case.rank, case.id))
    served = [case for case in in_hand if case.state.at_desk]
    merges = directory.merges_of(queue_ids)
    server = Server(desk_id, act.actor.id, frozenset(queue_ids), merges)
    return DeskView(
        now=act.now,
        directory=directory,
        unit=directory.unit(unit_id),
        desk=directory.desks.get(desk_id) if desk_id else None,
        current=None if current is None else await case_file(act, case_id=current.id),
        next=next_in_line(server, waiting, act.now),
        waiting=waiting,
        lengths={queue: await _length(act, queue, waiting) for queue in queue_ids},
        on_hold=[c for c in ours if c.state is State.ON_HOLD],
        pending=[c for c in ours if c.state is State.PENDING],
        served=served,
        names=await act.look.people.names({c.agent_id for c in served if c.agent_id}),
        missed=[c for c in await lines.calls(unit_id, 30) if c.state is State.NO_SHOW],
    )


async def case_file(act: Act, *, case_id: UUID) -> CaseFile:
    """Everything about one case."""
    case = await act.look.cases.get(case_id)
    act.must(Permission.SEE_LINE, at=case.unit_id, case=case.id)
    directory = await act.directory()
    history = await act.look.journal.of(case_id)
    return CaseFile(
        case=case,
        details=await act.look.cases.details(case_id),
        notes=await act.look.cases.notes(case_id),
        files=await act.look.files.of(case_id),
        history=history,
        names=await _names(act, history),
        moves=case.possible_moves(),
        transfers=directory.routes_from(case.queue_id),
    )


async def programs_in(act: Act, history: Collection[Fact]) -> dict[str, str]:
    """The names of the programs in a history, by how the journal names them."""
    names = {}
    for actor in {fact.actor for fact in history}:
        kind, _, id = actor.partition(":")
        if kind == ActorKind.CLIENT:
            one = await act.look.people.client(UUID(id)) or await act.look.tokens.get(UUID(id))
            if one is not None:
                names[actor] = one.name
    return names


async def taken_desks(act: Act, *, unit_id: UUID) -> dict[UUID, str]:
    """The desks of a unit where colleagues sit, with their names."""
    act.must(Permission.SERVE, at=unit_id)
    posts = [
        post
        for post in await act.look.posts.inside(unit_id)
        if post.agent_id != act.actor.id and post.held(act.now)
    ]
    names = await act.look.people.names({post.agent_id for post in posts})
    return {post.desk_id: names.get(post.agent_id, "") for post in posts}


async def board_view(act: Act, *, unit_id: UUID) -> BoardView:
    """The newest calls of a unit. No names: numbers only."""
    act.must(Permission.SEE_BOARD, at=unit_id)
    directory = await act.directory()
    return BoardView(
        now=act.now,
        unit=directory.unit(unit_id),
        calls=[
            Call(
                case_id=case.id,
                ticket=str(case.ticket),
                desk=_desk_name(directory, case.desk_id),
                called_at=at,
                calls=case.calls,
                language=case.language,
                here=case.state.at_desk,
            )
            for case, at in await _called_lately(act, unit_id)
        ],
    )


async def ticket_view(act: Act, *, case_id: UUID) -> TicketView:
    """One's own ticket: its state, who is before it, and the desk when called."""
    case = await act.look.cases.get(case_id)
    if not (
        act.actor.may(Permission.FOLLOW, at=case.unit_id, case=case.id)
        or act.actor.may(Permission.SEE_LINE, at=case.unit_id)
    ):
        raise NotFound(what="case", id=case_id)
    directory = await act.directory()
    waits = case.state in (State.WAITING, State.PENDING)
    return TicketView(
        now=act.now,
        case=case,
        unit=directory.unit(case.unit_id),
        service=directory.services[case.service_id],
        desk=directory.desks.get(case.desk_id) if case.desk_id else None,
        place=await act.look.lines.before(case) if waits else None,
        notes=await _public_notes(act, case_id),
    )


async def _public_notes(act: Act, case_id: UUID) -> list[Note]:
    notes = await act.look.cases.notes(case_id)
    return [note for note in notes if note.visibility is Visibility.PUBLIC]


def _here(case: Case, desk_id: UUID | None, agent_id: UUID | None) -> bool:
    if not case.state.at_desk:
        return False
    return case.desk_id == desk_id if desk_id is not None else case.agent_id == agent_id


async def _length(act: Act, queue: UUID, waiting: list[Case]) -> int:
    shown = sum(1 for case in waiting if case.queue_id == queue)
    return shown if shown < 50 else await act.look.lines.length(queue)


async def _names(act: Act, history: Collection[Fact]) -> dict[str, str]:
    ids = {fact.actor: id for fact in history if (id := agent_named(fact.actor))}
    names = await act.look.people.names(set(ids.values()))
    return {actor: names[id] for actor, id in ids.items() if id in names}


async def _called_lately(act: Act, unit_id: UUID) -> list[tuple[Case, datetime]]:
    """The newest calls, and all of the last minutes; not who was put back into the line."""
    calls = [
        (case, case.called_at)
        for case in await act.look.lines.calls(unit_id, CALLS_AT_ONCE)
        if case.called_at is not None
        and case.state not in IN_LINE
        and act.now - case.called_at < CALLS_LAST_FOR
    ]
    return [
        (case, at)
        for place, (case, at) in enumerate(calls)
        if place < CALLS_SHOWN or act.now - at < JUST_CALLED
    ]


def _desk_name(directory: Directory, desk_id: UUID | None) -> str:
    desk = directory.desks.get(desk_id) if desk_id else None
    return desk.name if desk else ""
