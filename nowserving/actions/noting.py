"""Who changed what among the things that administrators set: written down with the change."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.store.audit import Change

NOTHING: Mapping[str, Any] = {}
_NOT_TOLD = frozenset({"organization_id", "id", "changed_at"})


async def note_added(act: Act, thing: Any) -> None:
    """Something new was set up."""
    after = {name: value for name, value in asdict(thing).items() if name not in _NOT_TOLD}
    await note(act, kind_of(thing), thing.id, verb="add", after=after)


async def note_changed(act: Act, seen: Any, to: Any) -> None:
    """Something that was set up is otherwise now: what differs is written down, if anything."""
    await note_change(act, kind_of(to), to.id, asdict(seen), asdict(to))


async def note_change(
    act: Act, kind: str, id: UUID, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Values are otherwise now: those that differ are written down, if any do."""
    names = after.keys() - _NOT_TOLD
    different = sorted(name for name in names if before.get(name) != after[name])
    if different:
        await note(
            act,
            kind,
            id,
            verb="change",
            before={name: before[name] for name in different if name in before},
            after={name: after[name] for name in different},
        )


async def note(
    act: Act,
    kind: str,
    id: UUID,
    *,
    verb: str,
    before: Mapping[str, Any] = NOTHING,
    after: Mapping[str, Any] = NOTHING,
) -> None:
    """Write a change down in the transaction that makes it; never a secret."""
    await act.store.audit.add(
        Change(
            organization_id=act.actor.organization_id,
            id=act.new_id(),
            at=act.now,
            actor=act.actor.principal,
            subject_kind=kind,
            subject_id=id,
            verb=verb,
            before=before,
            after=after,
        )
    )


def kind_of(thing: Any) -> str:
    """What the audit calls such a thing."""
    return str(type(thing).__name__).lower()
