"""Agent Impersonation: where an agent works, and whether they are there."""

from collections.abc import Mapping

from litestar import get, post
from litestar.types import ASGIApp

from nowserving.actions import attendance
from nowserving.actions.act import Act
from nowserving.actions.attendance import Present
from nowserving.dialects.cubu.doing import done, impersonating, nothing, shown, wire_of
from nowserving.dialects.cubu.failures import words_here
from nowserving.dialects.cubu.wire import Wire, say_instant
from nowserving.dialects.cubu.words import Word
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Invalid, NotFound
from nowserving.people.attendance import Leaving, Presence, Reason

AGENT = "/{application_id:str}/agents/{user_id:str}"

PRESENCE_OF: Mapping[Presence, str] = {
    Presence.AWAY: "Away",
    Presence.AVAILABLE: "Available",
    Presence.ACTIVE: "Active",
    Presence.UNAVAILABLE: "Unavailable",
}
REASON_OF: Mapping[Reason, str] = {
    Reason.OTHER: "Other",
    Reason.BREAK: "Break",
    Reason.MEETING: "Meeting",
    Reason.BACK_OFFICE: "BackOfficeWork",
}
REASONS: Mapping[str, Reason] = {word.lower(): reason for reason, word in REASON_OF.items()}
LEAVINGS: Mapping[str, Leaving] = {
    "endofshift": Leaving.END_OF_SHIFT,
    "other": Leaving.OTHER,
}
FIELDS = {
    "description": "unavailabilityDescription",
    "task_id": "backOfficeTaskId",
}


@post(f"{AGENT}/units/_current")
async def select_unit(request: AnyRequest) -> ASGIApp:
    """Select Current Unit."""
    actor = await impersonating(request)
    words_here(request, {NotFound: Word(403)})
    wire, body = await wire_of(request)
    unit_id = wire.required_guid("unitId")

    async def do(act: Act) -> Present:
        return await attendance.choose_unit(act, unit_id=unit_id)

    return await done(request, actor, do, nothing, body)


@post(f"{AGENT}/workspaces/_current")
async def select_workspace(request: AnyRequest) -> ASGIApp:
    """Select the current workspace; by analogy with the unit."""
    actor = await impersonating(request)
    wire, body = await wire_of(request)
    workspace_id = wire.required_guid("workspaceId")

    async def do(act: Act) -> Present:
        return await attendance.choose_workspace(act, workspace_id=workspace_id)

    return await done(request, actor, do, nothing, body)


@post(f"{AGENT}/actions/clockIn")
async def clock_in(request: AnyRequest) -> ASGIApp:
    """Clock-in."""
    actor = await impersonating(request)
    words_here(request, {NotFound: Word(403)})
    wire, body = await wire_of(request)
    unit_id = wire.required_guid("unitId")

    async def do(act: Act) -> Present:
        return await attendance.clock_in(act, unit_id=unit_id)

    return await done(request, actor, do, nothing, body)


@post(f"{AGENT}/actions/clockOut")
async def clock_out(request: AnyRequest) -> ASGIApp:
    """Clock-out."""
    actor = await impersonating(request)
    words_here(request, {}, {"description": "clockOutDescription"})
    wire, body = await wire_of(request)
    why = wire.word("clockOutReason", LEAVINGS)
    if why is None:
        raise Invalid(field="clockOutReason", reason="clockOutReason is missing")
    description = wire.text("clockOutDescription")

    async def do(act: Act) -> Present:
        return await attendance.clock_out(act, why=why, description=description)

    return await done(request, actor, do, nothing, body)


@post(f"{AGENT}/actions/becomeUnavailable")
async def become_unavailable(request: AnyRequest) -> ASGIApp:
    """Change Status to Unavailable."""
    actor = await impersonating(request)
    words_here(request, {NotFound: Word(400)}, FIELDS)
    wire, body = await wire_of(request)
    reason = _reason(wire)

    async def do(act: Act) -> Present:
        return await attendance.become_unavailable(
            act,
            reason=reason,
            description=wire.text("unavailabilityDescription"),
            task_id=wire.guid("backOfficeTaskId"),
        )

    return await done(request, actor, do, nothing, body)


@post(f"{AGENT}/actions/becomeAvailable")
async def become_available(request: AnyRequest) -> ASGIApp:
    """Change Status to Available; by analogy."""
    actor = await impersonating(request)
    _, body = await wire_of(request)
    return await done(request, actor, attendance.become_available, nothing, body)


@get(f"{AGENT}/status")
async def get_status(request: AnyRequest) -> ASGIApp:
    """Get Agent Status; by analogy."""
    actor = await impersonating(request)

    async def ask(act: Act) -> dict[str, object]:
        present = await attendance.presence(act)
        one = present.attendance
        return {
            "status": PRESENCE_OF[present.presence],
            "statusDate": say_instant(one.since),
            "unavailabilityReason": one.reason and REASON_OF[one.reason],
            "unavailabilityDescription": one.description,
            "backOfficeTaskId": one.task_id,
        }

    return await shown(request, actor, ask)


def _reason(wire: Wire) -> Reason:
    reason = wire.word("unavailabilityReason", REASONS)
    if reason is None:
        raise Invalid(field="unavailabilityReason", reason="unavailabilityReason is missing")
    return reason
