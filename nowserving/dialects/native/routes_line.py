"""The line: who is next, who waits, what hangs on the wall, what an agent sees."""

from collections.abc import Collection
from uuid import UUID

from msgspec import UNSET

from nowserving.actions import cases, desk, views
from nowserving.actions import start_next as next_one
from nowserving.actions.act import Act
from nowserving.actions.directory import seen_directory
from nowserving.cases.case import Case, DeskBusy
from nowserving.dialects.native import orders, say, shapes
from nowserving.dialects.native.operations import Chapter
from nowserving.kit.problems import NotFound
from nowserving.places.hooks import HookRefused, NotConfirmed

CHAPTER = Chapter(
    "The line",
    "Who waits, and who is next. Calling is safe from many desks at once: nobody is called twice.",
)


@CHAPTER.post(
    "/units/{unit_id}/call-next",
    raises=(DeskBusy,),
    example={
        "workspace_id": "0198c0de-0000-7000-8000-000000000003",
        "desk_id": "0198c0de-0000-7000-8000-000000000004",
    },
)
async def call_next(act: Act, unit_id: UUID, order: orders.CallNext) -> shapes.Case | None:
    """Call whoever is next to a desk; 204 when nobody waits.

    The queues are given by their ids or by a workspace.
    """
    case = await desk.call_next(
        act,
        unit_id=unit_id,
        queue_ids=await _queues(act, order),
        desk_id=order.desk_id,
    )
    return None if case is None else say.case(case)


@CHAPTER.post(
    "/units/{unit_id}/start-next",
    raises=(DeskBusy, HookRefused, NotConfirmed),
    example={
        "workspace_id": "0198c0de-0000-7000-8000-000000000003",
        "desk_id": "0198c0de-0000-7000-8000-000000000004",
        "settle_first": True,
    },
)
async def start_next(act: Act, unit_id: UUID, order: orders.StartTheNext) -> shapes.Case | None:
    """Call whoever is next and begin to serve them; 204 when nobody waits, and nothing changes.

    Cases at hand are settled first, stay open beside it, or give the desk free, as the
    workspace's `start_next` says.
    """
    directory = await act.directory()
    workspace = directory.workspace(order.workspace_id)
    if workspace.unit_id != directory.unit(unit_id).id:
        raise NotFound(what="workspace", id=order.workspace_id)
    queue_ids = workspace.queue_ids if order.queue_id is None else (order.queue_id,)
    if not set(queue_ids) <= set(workspace.queue_ids):
        raise NotFound(what="queue", id=order.queue_id)
    case = await next_one.start_next(
        act,
        workspace=workspace,
        queue_ids=queue_ids,
        desk_id=order.desk_id,
        settle_first=order.settle_first,
        silent=order.silent,
    )
    return None if case is None else say.case(case)


@CHAPTER.get("/units/{unit_id}/board")
async def get_board(act: Act, unit_id: UUID) -> shapes.Board:
    """The newest calls of a unit. No names, numbers only."""
    return say.board(await views.board_view(act, unit_id=unit_id))


@CHAPTER.get("/units/{unit_id}/desk")
async def get_desk_view(act: Act, unit_id: UUID, query: orders.DeskView) -> shapes.AtDesk:
    """What an agent sees: who is here, who is next and why, who waits."""
    directory = await seen_directory(act)
    queues: Collection[UUID] = [one.id for one in directory.queues_of(directory.unit(unit_id).id)]
    if query.workspace_id is not UNSET:
        queues = directory.workspace(query.workspace_id).queue_ids
    desk_id = None if query.desk_id is UNSET else directory.desk(query.desk_id).id
    view = await views.desk_view(act, unit_id=unit_id, desk_id=desk_id, queue_ids=queues)
    return say.at_desk(view)


@CHAPTER.get("/queues/{queue_id}/cases")
async def get_line(act: Act, queue_id: UUID, query: orders.LinePage) -> shapes.Line:
    """Who waits in a queue, in the order of the calls."""
    behind = None if query.after is UNSET else _place(query.after)
    found = await cases.waiting(act, queue_id=queue_id, behind=behind, most=query.limit + 1)
    shown = found[: query.limit]
    more = len(found) > query.limit
    return shapes.Line([say.case(one) for one in shown], _cursor(shown[-1]) if more else None)


async def _queues(act: Act, order: orders.CallNext) -> Collection[UUID]:
    if order.workspace_id is not None:
        return (await act.directory()).workspace(order.workspace_id).queue_ids
    return order.queue_ids or ()


def _cursor(last: Case) -> str:
    return f"{last.rank}.{last.id}"


def _place(cursor: str) -> tuple[int, UUID]:
    rank, _, id = cursor.partition(".")
    return int(rank), UUID(id)
