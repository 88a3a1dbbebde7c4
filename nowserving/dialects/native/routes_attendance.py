"""Who is at work: coming, taking a break, going, and where one works."""

from uuid import UUID

import msgspec

from nowserving.actions import attendance, desk_posts
from nowserving.actions.act import Act
from nowserving.actions.attendance import Present
from nowserving.actions.directory import everyone, seen_directory
from nowserving.dialects.native import orders, say, shapes
from nowserving.dialects.native.operations import Chapter
from nowserving.people.attendance import (
    AlreadyThere,
    CannotPause,
    NotPaused,
    NotThere,
    NotTracked,
    NoUnitChosen,
)

_SOME_ID = "0198c0de-0000-7000-8000-000000000001"


class Seat(msgspec.Struct):
    """A desk and who sits there."""

    desk_id: UUID
    agent_id: UUID
    name: str


class Seats(msgspec.Struct):
    """The desks of a unit where somebody sits, by number."""

    seats: list[Seat]


class Agent(msgspec.Struct):
    """Somebody who works here."""

    id: UUID
    number: int
    name: str
    email: str | None


class Agents(msgspec.Struct):
    """Everybody who works here."""

    agents: list[Agent]


class Task(msgspec.Struct):
    """A task of the back office."""

    id: UUID
    name: str


class Tasks(msgspec.Struct):
    """The tasks of the back office, by name."""

    tasks: list[Task]


CHAPTER = Chapter(
    "Attendance",
    "Whether agents are there and free. An organization keeps attendance or does not; where it "
    "does, an agent clocks in before working on cases. `me` is the agent who asks.",
)


@CHAPTER.patch("/attendance", example={"tracked": True})
async def track_attendance(act: Act, order: orders.Track) -> None:
    """Keep attendance in this organization from now on, or no longer."""
    await attendance.track(act, tracked=order.tracked)


@CHAPTER.get("/attendance/me")
async def get_my_attendance(act: Act) -> shapes.Attendance:
    """Whether I am there, where I work, and how it shows."""
    return _say(await attendance.presence(act))


@CHAPTER.get("/units/{unit_id}/attendance")
async def get_attendance(act: Act, unit_id: UUID) -> shapes.Attendances:
    """Who works in a unit, and who of them is there.

    `description` is shown to those who lead.
    """
    found = await attendance.presences(act, unit_id=unit_id)
    return shapes.Attendances([_say(one) for one in found])


@CHAPTER.post(
    "/attendance/me/clock-in", raises=(NotTracked, AlreadyThere), example={"unit_id": _SOME_ID}
)
async def clock_in(act: Act, order: orders.ClockIn) -> shapes.Attendance:
    """Begin work in a unit."""
    return _say(await attendance.clock_in(act, unit_id=order.unit_id))


@CHAPTER.post(
    "/attendance/me/clock-out", raises=(NotTracked, NotThere), example={"why": "end_of_shift"}
)
async def clock_out(act: Act, order: orders.ClockOut) -> shapes.Attendance:
    """End work, and leave the desk.

    Another reason than the end of the shift needs a description.
    """
    present = await attendance.clock_out(act, why=order.why, description=order.description)
    return _say(present)


@CHAPTER.post(
    "/attendance/me/unavailable", raises=(NotTracked, CannotPause), example={"reason": "break"}
)
async def become_unavailable(act: Act, order: orders.BecomeUnavailable) -> shapes.Attendance:
    """Be there but take nobody, for a reason; or say another one.

    `other` needs a description, `back_office` a task.
    """
    present = await attendance.become_unavailable(
        act, reason=order.reason, description=order.description, task_id=order.task_id
    )
    return _say(present)


@CHAPTER.post("/attendance/me/available", raises=(NotTracked, NotPaused))
async def become_available(act: Act) -> shapes.Attendance:
    """Take people again."""
    return _say(await attendance.become_available(act))


@CHAPTER.post("/attendance/me/unit", example={"unit_id": _SOME_ID})
async def choose_unit(act: Act, order: orders.ChooseUnit) -> shapes.Attendance:
    """Work in this unit from now on."""
    return _say(await attendance.choose_unit(act, unit_id=order.unit_id))


@CHAPTER.post(
    "/attendance/me/workspace", raises=(NoUnitChosen,), example={"workspace_id": _SOME_ID}
)
async def choose_workspace(act: Act, order: orders.ChooseWorkspace) -> shapes.Attendance:
    """Serve the queues of this workspace from now on."""
    return _say(await attendance.choose_workspace(act, workspace_id=order.workspace_id))


@CHAPTER.get("/units/{unit_id}/seats")
async def get_seats(act: Act, unit_id: UUID) -> Seats:
    """Who sits at which desk of a unit at this moment."""
    directory = await act.directory()
    sits = await desk_posts.who_sits_where(act, unit_id=directory.unit(unit_id).id)
    seats = [Seat(id, agent.id, agent.name) for id, agent in sits.items()]
    return Seats(sorted(seats, key=lambda one: directory.desk(one.desk_id).number))


@CHAPTER.get("/agents")
async def get_agents(act: Act) -> Agents:
    """Who works in the organization, by number."""
    return Agents([say.like(one, Agent) for one in await everyone(act)])


@CHAPTER.get("/back-office-tasks")
async def get_back_office_tasks(act: Act) -> Tasks:
    """What agents do who are there and take nobody."""
    kept = [one for one in (await seen_directory(act)).tasks.values() if not one.archived]
    return Tasks([say.like(one, Task) for one in sorted(kept, key=lambda one: one.name)])


def _say(present: Present) -> shapes.Attendance:
    one = present.attendance
    return shapes.Attendance(
        agent_id=one.agent_id,
        presence=present.presence,
        since=one.since,
        unit_id=one.unit_id,
        workspace_id=one.workspace_id,
        reason=one.reason,
        description=one.description,
        task_id=one.task_id,
    )
