"""Who is asked before something is done, and what was answered. Reading them: the directory."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import Integer, bindparam, delete, insert, select, update

from nowserving.kit.problems import Stale
from nowserving.places.hooks import Asking, Hook
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import askings, hooks

_HOOK = columns_for(Hook, hooks)
_ASKING = columns_for(Asking, askings)
_asking_row = row_maker(askings)
_OURS = hooks.c.organization_id == bindparam("organization")
_ADD = Statement(insert(hooks))
_REPLACE = Statement(
    update(hooks)
    .where(_OURS, hooks.c.id == bindparam("hook"), hooks.c.version == bindparam("seen"))
    .values(
        {
            column.name: bindparam(column.name)
            for column in _HOOK
            if column.name not in ("organization_id", "id")
        }
    )
)
_REMOVE = Statement(delete(hooks).where(_OURS, hooks.c.id == bindparam("hook")))
_ASKINGS = Statement(
    select(*_ASKING)
    .where(
        askings.c.organization_id == bindparam("organization"),
        askings.c.hook_id == bindparam("hook"),
    )
    .order_by(askings.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_FORGET = Statement(
    delete(askings).where(
        askings.c.organization_id == bindparam("organization"),
        askings.c.id < bindparam("before"),
    )
)


class Hooks:
    """The hooks of one organization. After a write the directory needs a new version."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add(self, hook: Hook) -> None:
        """Add a hook."""
        await self._connection.run(_ADD, **asdict(hook))

    async def replace(self, seen: Hook, new: Hook) -> None:
        """Write `new` only if the hook is still as it was seen; else Stale."""
        values = {n: v for n, v in asdict(new).items() if n not in ("organization_id", "id")}
        written = await self._connection.run(
            _REPLACE, organization=self._organization, hook=seen.id, seen=seen.version, **values
        )
        if written != 1:
            raise Stale(hook=seen.id)

    async def remove(self, hook: UUID) -> None:
        """Ask it no longer. What it has answered stays until it is old."""
        await self._connection.run(_REMOVE, organization=self._organization, hook=hook)

    async def log(self, done: Sequence[Asking]) -> None:
        """Write down what was answered."""
        await self._connection.insert(askings, [_asking_row(one) for one in done])

    async def askings(self, hook: UUID, most: int = 100) -> list[Asking]:
        """What a hook has answered lately, the newest first."""
        rows = await self._connection.all(
            _ASKINGS, organization=self._organization, hook=hook, most=most
        )
        return [Asking(*row) for row in rows]

    async def forget(self, before: UUID) -> None:
        """Drop old answers; `before`: an id, they sort by theirs."""
        await self._connection.run(_FORGET, organization=self._organization, before=before)
