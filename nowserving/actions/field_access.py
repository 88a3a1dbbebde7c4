"""Who sees which fields of a record: those of some groups are for these groups only.

Programs have roles and no groups, so what their roles allow is not narrowed by this; nor is
whoever manages the places, because they say which groups it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.kit.problems import Forbidden
from nowserving.people.actor import ActorKind
from nowserving.people.permissions import Permission
from nowserving.places.data_tables import DataTable


@dataclass(frozen=True, slots=True)
class Hidden:
    """The fields of a table that somebody does not see, by slug in whatever case, or by id."""

    names: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        """Is it the name of one of them?"""
        return name.lower() in self.names

    def __bool__(self) -> bool:
        """Is there any?"""
        return bool(self.names)


NONE = Hidden()


async def hidden_in(act: Act, table: DataTable) -> Hidden:
    """The fields that this actor does not see. Forbidden if they see no record."""
    theirs = await _groups(act) if table.restricted else None
    if theirs is None:
        return NONE
    if table.group_ids is not None and theirs.isdisjoint(table.group_ids):
        raise Forbidden(table=table.id)
    hidden = [
        field
        for field in table.fields
        if field.group_ids is not None and theirs.isdisjoint(field.group_ids)
    ]
    return Hidden(frozenset(name for one in hidden for name in (one.slug.lower(), str(one.id))))


def must_see_fields(hidden: Hidden, slugs: Iterable[str]) -> None:
    """Forbidden if one of some fields is hidden from who wants to change it."""
    for slug in slugs:
        if slug in hidden:
            raise Forbidden(field=slug)


def without(hidden: Hidden, values: Mapping[str, object]) -> dict[str, object]:
    """Values by slug, less what is hidden."""
    return {slug: value for slug, value in values.items() if slug not in hidden}


async def _groups(act: Act) -> frozenset[UUID] | None:
    """The groups of who asks; None for who is not narrowed by them."""
    actor = act.actor
    if actor.kind is not ActorKind.AGENT or actor.id is None:
        return None
    if actor.may_anywhere(Permission.MANAGE_PLACES):
        return None
    return frozenset(group.id for group in await act.look.people.groups_of(actor.id))
