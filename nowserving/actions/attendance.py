"""Coming to work, taking a break, going home, and where one works."""

from dataclasses import dataclass, replace
from uuid import UUID

import msgspec

from nowserving.actions.act import Act
from nowserving.actions.desk_posts import leave_desks
from nowserving.kit.facts import Fact
from nowserving.kit.problems import Forbidden, NotFound
from nowserving.people import attendance as people
from nowserving.people.actor import ActorKind
from nowserving.people.attendance import (
    Attendance,
    ClockInFirst,
    Leaving,
    NotTracked,
    NoUnitChosen,
    Presence,
    Reason,
)
from nowserving.people.permissions import Permission
from nowserving.places.organization import WhyLeft


@dataclass(frozen=True, slots=True)
class Present:
    """An agent's attendance, and how it shows at this moment."""

    attendance: Attendance
    presence: Presence


async def track(act: Act, *, tracked: bool) -> None:
    """Keep attendance in this organization from now on, or no longer."""
    if not act.actor.may_everywhere(Permission.MANAGE_PEOPLE):
        raise Forbidden(permission=Permission.MANAGE_PEOPLE)
    await act.store.places.track_attendance(tracked)
    act.house.forget_directory(act.actor.organization_id)


async def presence(act: Act) -> Present:
    """Whether I am there, and how it shows."""
    agent = _agent(act)
    found = await act.look.attendance.of(agent)
    seen = found or people.unknown(act.actor.organization_id, agent, act.now)
    return await _shown(act, seen)


async def presences(act: Act, *, unit_id: UUID) -> list[Present]:
    """Who works in a unit, and who of them is there, longest first.

    What somebody explained in their own words is shown to those who lead.
    """
    unit = (await act.directory()).unit(unit_id)
    act.must(Permission.SEE_LINE, at=unit.id)
    busy = {one.agent_id for one in await act.look.lines.in_hand_at(unit.id) if one.state.at_desk}
    found = sorted(await act.look.attendance.at(unit.id), key=lambda one: (one.since, one.agent_id))
    if not act.actor.may(Permission.SERVE_FOR_OTHERS, at=unit.id):
        found = [replace(one, description=None) for one in found]
    return [Present(one, one.seen(busy=one.agent_id in busy)) for one in found]


async def clock_in(act: Act, *, unit_id: UUID) -> Present:
    """Begin work in a unit. Raises NotTracked and AlreadyThere."""
    unit = (await act.directory()).unit(unit_id)
    await _must_be_tracked(act)
    act.must(Permission.SERVE, at=unit.id)
    seen = await _held(act)
    to = people.clocked_in(seen, act.now, unit_id=unit.id)
    return await _write(act, seen, to, "agent.clocked_in")


async def clock_out(act: Act, *, why: Leaving, description: str | None = None) -> Present:
    """End work, and leave the desk. Raises NotTracked and NotThere."""
    await _must_be_tracked(act)
    people.explained(description, needed=why is Leaving.OTHER)
    seen = await _held(act)
    to = people.clocked_out(seen, act.now)
    await leave_desks(act, agent_id=seen.agent_id, why=WhyLeft.CLOCKED_OUT)
    return await _write(act, seen, to, "agent.clocked_out", why=why)


async def become_unavailable(
    act: Act, *, reason: Reason, description: str | None = None, task_id: UUID | None = None
) -> Present:
    """Be there but take nobody, for a reason; or say another one.

    Raises NotTracked, CannotPause, NotFound for an unknown back office task.
    """
    if task_id is not None:
        (await act.directory()).task(task_id)
    await _must_be_tracked(act)
    seen = await _held(act)
    to = people.paused(
        seen,
        act.now,
        busy=await _is_busy(act, seen),
        reason=reason,
        description=description,
        task_id=task_id,
    )
    return await _write(act, seen, to, "agent.unavailable", reason=to.reason, task_id=to.task_id)


async def become_available(act: Act) -> Present:
    """Take people again. Raises NotTracked and NotPaused."""
    await _must_be_tracked(act)
    seen = await _held(act)
    return await _write(act, seen, people.back(seen, act.now), "agent.available")


async def choose_unit(act: Act, *, unit_id: UUID) -> Present:
    """Work in this unit from now on; the workspace is to be chosen anew in another one."""
    unit = (await act.directory()).unit(unit_id)
    act.must(Permission.SERVE, at=unit.id)
    seen = await _held(act)
    if seen.unit_id == unit.id:
        return await _shown(act, seen)
    to = people.placed(seen, unit_id=unit.id, workspace_id=None)
    return await _write(act, seen, to, "agent.moved")


async def choose_workspace(act: Act, *, workspace_id: UUID) -> Present:
    """Serve the queues of this workspace from now on. Raises NoUnitChosen."""
    workspace = (await act.directory()).workspace(workspace_id)
    act.must(Permission.SERVE, at=workspace.unit_id)
    seen = await _held(act)
    if seen.unit_id is None:
        raise NoUnitChosen(agent=seen.agent_id)
    if workspace.unit_id != seen.unit_id:
        raise NotFound(what="workspace", id=workspace_id)
    to = people.placed(seen, workspace_id=workspace.id)
    return await _write(act, seen, to, "agent.moved")


async def unit_of(act: Act) -> UUID:
    """The unit an agent works in; NoUnitChosen if they have not said."""
    chosen = await act.look.attendance.of(_agent(act))
    if chosen is None or chosen.unit_id is None:
        raise NoUnitChosen(agent=act.actor.id)
    act.must(Permission.SERVE, at=chosen.unit_id)
    return chosen.unit_id


async def must_be_there(act: Act) -> None:
    """ClockInFirst if the organization keeps attendance and this agent has not come to work."""
    tracked = (await act.directory()).organization.tracks_attendance
    if not tracked or act.actor.kind is not ActorKind.AGENT or act.actor.id is None:
        return
    found = await act.look.attendance.of(act.actor.id)
    if found is None or found.presence is Presence.AWAY:
        raise ClockInFirst(agent=act.actor.id)


async def _must_be_tracked(act: Act) -> None:
    if not (await act.directory()).organization.tracks_attendance:
        raise NotTracked()


async def _held(act: Act) -> Attendance:
    agent = _agent(act)
    found = await act.store.attendance.hold(agent)
    return found or people.unknown(act.actor.organization_id, agent, act.now)


async def _write(act: Act, seen: Attendance, to: Attendance, kind: str, **told: object) -> Present:
    await act.store.attendance.write(seen, to)
    await act.store.journal.add([_fact(act, to, kind, told)])
    return await _shown(act, to)


def _fact(act: Act, to: Attendance, kind: str, told: dict[str, object]) -> Fact:
    """What happened to an agent, without their own words for it."""
    agent = {
        "id": to.agent_id,
        "presence": to.presence,
        "since": to.since,
        "unit_id": to.unit_id,
        "workspace_id": to.workspace_id,
    }
    return Fact(
        organization_id=to.organization_id,
        subject_id=to.agent_id,
        version=to.version,
        id=act.new_id(),
        kind=kind,
        at=act.now,
        actor=act.actor.principal,
        data=msgspec.json.encode({**told, "agent": agent}).decode(),
    )


async def _shown(act: Act, one: Attendance) -> Present:
    return Present(one, one.seen(busy=await _is_busy(act, one)))


async def _is_busy(act: Act, one: Attendance) -> bool:
    if one.unit_id is None or one.presence is not Presence.AVAILABLE:
        return False
    in_hand = await act.look.lines.in_hand_at(one.unit_id)
    return any(case.agent_id == one.agent_id and case.state.at_desk for case in in_hand)


def _agent(act: Act) -> UUID:
    if act.actor.kind is not ActorKind.AGENT or act.actor.id is None:
        raise Forbidden(permission=Permission.SERVE)
    return act.actor.id
