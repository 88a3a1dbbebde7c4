"""Sitting down at a desk and leaving it; each is a fact of the desk."""

from uuid import UUID

import msgspec

from nowserving.actions.act import Act
from nowserving.cases.case import DeskTaken
from nowserving.kit.facts import Fact
from nowserving.kit.problems import Forbidden, Stale
from nowserving.people.actor import ActorKind
from nowserving.people.permissions import Permission
from nowserving.people.staff import Agent
from nowserving.places.organization import POST_FOR, Desk, DeskInactive, DeskPost, WhyLeft


async def sit_down(
    act: Act, *, desk_id: UUID, take_over: bool = False, leave_others: bool = True
) -> Desk:
    """Take a desk, and leave any other unless told to keep it.

    Raises DeskTaken if somebody sits there, DeskInactive if the desk is not in use.

    Whoever sat down so long ago that they must have gone home gives way; so does, with
    `take_over`, a colleague who has gone without signing out: that is for whoever stands there.
    Who sits there already has sat down anew, of which nothing is told.
    """
    desk = (await act.directory()).desk(desk_id)
    act.must(Permission.SERVE, at=desk.unit_id)
    if not desk.active:
        raise DeskInactive(desk=desk_id)
    agent = _agent(act)
    post = await act.store.posts.at(desk_id)
    mine = post is not None and post.agent_id == agent and post.held(act.now)
    forced = post is not None and post.agent_id != agent and post.held(act.now)
    if forced and not take_over:
        raise DeskTaken(desk=desk_id)
    others = await act.store.posts.of(agent) if leave_others else []
    leaving = {one.desk_id: (one, WhyLeft.CHANGED_DESK) for one in others}
    if post is not None:
        leaving[desk_id] = (post, WhyLeft.TAKEN_OVER if forced else WhyLeft.GONE)
    for id in sorted(leaving):  # in one order, so that two who change desks never wait in a circle
        one, why = leaving[id]
        if not await _leave(act, one, why, tell=not (mine and id == desk_id)):
            raise Stale(desk=id)  # they left by themselves at this moment; look again
    taken = DeskPost(act.actor.organization_id, desk_id, agent, act.now)
    await act.store.posts.take(taken)
    if not mine:
        await _tell(act, desk, "desk.occupied", taken, forced=forced)
    return desk


async def get_up(act: Act) -> None:
    """Leave the desk."""
    if not act.actor.may_anywhere(Permission.SERVE):
        raise Forbidden(permission=Permission.SERVE)
    await leave_desks(act, agent_id=_agent(act), why=WhyLeft.GOT_UP)


async def leave_desk(act: Act, *, desk_id: UUID) -> Desk:
    """Get up from this desk and no other; nothing happens if one does not sit there."""
    desk = (await act.directory()).desk(desk_id)
    act.must(Permission.SERVE, at=desk.unit_id)
    post = await act.store.posts.at(desk_id)
    if post is not None and post.agent_id == _agent(act):
        await _leave(act, post, WhyLeft.GOT_UP)
    return desk


async def leave_desks(act: Act, *, agent_id: UUID, why: WhyLeft) -> None:
    """An agent leaves wherever they sit, as part of another act, which has asked who may."""
    for post in await act.store.posts.of(agent_id):
        await _leave(act, post, why)


async def clear_desks(act: Act) -> None:
    """Whoever sat down so long ago that they must have gone home sits there no more."""
    for post in await act.store.posts.before(act.now - POST_FOR):
        await _leave(act, post, WhyLeft.GONE)


async def who_sits_where(act: Act, *, unit_id: UUID) -> dict[UUID, Agent]:
    """Who sits at which desk of a unit at this moment."""
    act.must(Permission.SEE_LINE, at=unit_id)
    posts = [post for post in await act.look.posts.inside(unit_id) if post.held(act.now)]
    staff = {one.id: one for one in await act.look.people.everyone()} if posts else {}
    return {post.desk_id: staff[post.agent_id] for post in posts if post.agent_id in staff}


async def _leave(act: Act, post: DeskPost, why: WhyLeft, *, tell: bool = True) -> bool:
    """Did they sit there as it was seen?"""
    left = await act.store.posts.leave(post)
    if left and tell:
        desk = (await act.directory()).desk(post.desk_id)
        await _tell(act, desk, "desk.left", None, left_by=post.agent_id, why=why)
    return left


async def _tell(act: Act, desk: Desk, kind: str, post: DeskPost | None, **told: object) -> None:
    shown = {
        "id": desk.id,
        "unit_id": desk.unit_id,
        "number": desk.number,
        "agent_id": None if post is None else post.agent_id,
        "since": act.now if post is None else post.since,
    }
    fact = Fact(
        organization_id=desk.organization_id,
        subject_id=desk.id,
        version=await act.store.posts.next_version(desk.id),
        id=act.new_id(),
        kind=kind,
        at=act.now,
        actor=act.actor.principal,
        data=msgspec.json.encode({**told, "desk": shown}).decode(),
    )
    await act.store.journal.add([fact])


def _agent(act: Act) -> UUID:
    if act.actor.id is None or act.actor.kind is not ActorKind.AGENT:
        raise Forbidden(permission=Permission.SERVE)
    return act.actor.id
