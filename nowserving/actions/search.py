"""Listing and searching cases, and filters that are kept under a name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.cases.case import Case, Details
from nowserving.cases.finding import Filter, SavedFilter
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.kit.texts import kept
from nowserving.people.actor import ActorKind
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.store.finding import After

PAGE_AT_MOST = 200
NAME_AT_MOST = 100
TEXT_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A page of cases with what is personal in them; `after`: ask so for the next, if any.

    `names`: of the agents who own the cases or are responsible for them.
    """

    cases: list[Case]
    details: Mapping[UUID, Details]
    names: Mapping[UUID, str]
    after: After | None
    directory: Directory = field(repr=False)


async def find(act: Act, *, wanted: Filter, after: After | None = None, most: int = 50) -> Found:
    """The cases for which a filter holds, as far as the actor may see them, a page at a time."""
    if not act.actor.may_anywhere(Permission.SEE_LINE):
        raise Forbidden(permission=Permission.SEE_LINE)
    for name, text in (("text", wanted.text), ("person", wanted.person)):
        kept(text, field=name, at_most=TEXT_AT_MOST)
    most = min(most, PAGE_AT_MOST)
    directory = await act.directory()
    await _check_known(act, wanted, directory)
    units = act.actor.grants[Permission.SEE_LINE]
    found = await act.look.finding.cases(
        wanted,
        units=None if units is None else sorted(units),
        after=after,
        most=most + 1,
    )
    page = found[:most]
    people = {id for case in page for id in (case.owner_id, case.assigned_to) if id}
    return Found(
        cases=page,
        details=await act.look.finding.details([case.id for case in page]),
        names=await act.look.people.names(people),
        after=After(page[-1].id, page[-1].due_at) if len(found) > most else None,
        directory=directory,
    )


async def saved_filters(act: Act) -> list[SavedFilter]:
    """The filters that an agent saved, and those of the groups they are in."""
    return await act.look.work.filters(_agent(act), await _groups(act))


async def save_filter(
    act: Act, *, name: str, wanted: Filter, group_id: UUID | None = None, position: int = 0
) -> SavedFilter:
    """Keep a filter for oneself or, if one leads a group, for everybody in it."""
    agent = _agent(act)
    await _check_known(act, wanted, await act.directory())
    name = kept(name.strip(), field="name", at_most=NAME_AT_MOST)
    if not name:
        raise Invalid(field="name", reason="empty")
    if group_id is not None:
        await _must_lead(act, group_id)
    saved = SavedFilter(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        name=name,
        agent_id=None if group_id else agent,
        group_id=group_id,
        filter=wanted,
        position=position,
        created_at=act.now,
    )
    await act.store.work.add_filter(saved)
    return saved


async def drop_filter(act: Act, *, filter_id: UUID) -> None:
    """Keep a filter no longer; NotFound if it is nobody's or somebody else's."""
    for saved in await act.store.work.filters(_agent(act), await _groups(act)):
        if saved.id == filter_id:
            if saved.group_id is not None:
                await _must_lead(act, saved.group_id)
            await act.store.work.drop_filter(filter_id)
            return
    raise NotFound(what="filter", id=filter_id)


async def _check_known(act: Act, wanted: Filter, directory: Directory) -> None:
    """NotFound if the filter names what does not exist, or not in this organization."""
    for ids, known, what in (
        (wanted.unit_ids, directory.units, "unit"),
        (wanted.service_ids, directory.services, "service"),
        (wanted.type_ids, directory.types, "type"),
        (wanted.status_ids, directory.statuses, "status"),
        (wanted.tag_ids, directory.tags, "tag"),
    ):
        for id in ids:
            if id not in known:
                raise NotFound(what=what, id=id)
    for agent in (wanted.owner_id, wanted.assigned_to):
        if agent is not None and await act.look.people.agent(agent) is None:
            raise NotFound(what="agent", id=agent)
    if wanted.customer_id is not None:
        await act.look.customers.get(wanted.customer_id)
    if wanted.parent_id is not None:
        await act.look.cases.get(wanted.parent_id)


def _agent(act: Act) -> UUID:
    """Whose filters they are: an agent's; a program's are kept under its own id."""
    if act.actor.id is None or not act.actor.may_anywhere(Permission.SEE_LINE):
        raise Forbidden(permission=Permission.SEE_LINE)
    return act.actor.id


async def _groups(act: Act) -> set[UUID]:
    if act.actor.kind is not ActorKind.AGENT or act.actor.id is None:
        return set()
    return {group.id for group in await act.look.people.groups_of(act.actor.id)}


async def _must_lead(act: Act, group_id: UUID) -> None:
    """Whoever is in a group and may change cases leads it; so does whoever manages people."""
    if act.actor.may_anywhere(Permission.MANAGE_PEOPLE):
        if await act.look.people.group(group_id) is None:
            raise NotFound(what="group", id=group_id)
        return
    if group_id not in await _groups(act):
        raise NotFound(what="group", id=group_id)
    if not act.actor.may_anywhere(Permission.CHANGE_CASES):
        raise Forbidden(permission=Permission.CHANGE_CASES)
