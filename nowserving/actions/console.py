"""What an agent has chosen to work on: their unit, their workspace, and what is open there."""

from dataclasses import dataclass
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.attendance import presence
from nowserving.cases.case import Case
from nowserving.people.attendance import NoUnitChosen, NoWorkspaceChosen
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.places.services import Workspace


@dataclass(frozen=True, slots=True)
class Console:
    """An agent's workspace, how many wait in its queues, and what is open but not waiting."""

    directory: Directory
    workspace: Workspace
    lengths: dict[UUID, int]
    in_hand: list[Case]


async def workspace_of(act: Act) -> Workspace:
    """The workspace an agent has chosen; NoUnitChosen or NoWorkspaceChosen if they have not."""
    chosen = (await presence(act)).attendance
    if chosen.unit_id is None:
        raise NoUnitChosen(agent=chosen.agent_id)
    workspace = (await act.directory()).workspaces.get(chosen.workspace_id or chosen.unit_id)
    if workspace is None or workspace.unit_id != chosen.unit_id:
        raise NoWorkspaceChosen(agent=chosen.agent_id)
    return workspace


async def console(act: Act) -> Console:
    """What an agent sees of their workspace."""
    workspace = await workspace_of(act)
    act.must(Permission.SEE_LINE, at=workspace.unit_id)
    return Console(
        directory=await act.directory(),
        workspace=workspace,
        lengths={id: await act.look.lines.length(id) for id in workspace.queue_ids},
        in_hand=await act.look.lines.in_hand_at(workspace.unit_id),
    )


async def at_hand(act: Act) -> list[Case]:
    """The cases an agent is serving in their unit, the longest first."""
    workspace = await workspace_of(act)
    act.must(Permission.SERVE, at=workspace.unit_id)
    in_hand = await act.look.lines.in_hand_at(workspace.unit_id)
    return [case for case in in_hand if case.agent_id == act.actor.id and case.state.at_desk]
