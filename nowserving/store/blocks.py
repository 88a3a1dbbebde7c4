"""Blocks: stretches of a calendar that nobody can book."""

from uuid import UUID

from sqlalchemy import bindparam, delete, select

from nowserving.bookings.appointment import Block
from nowserving.kit.problems import NotFound
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.tables import blocks

_BLOCK = columns_for(Block, blocks)
_block_row = row_maker(blocks)
_OURS = blocks.c.organization_id == bindparam("organization")
_GET_BLOCK = Statement(select(*_BLOCK).where(_OURS, blocks.c.id == bindparam("id")))
_BLOCKS = Statement(
    select(*_BLOCK)
    .where(_OURS, blocks.c.calendar_id == bindparam("calendar"))
    .order_by(blocks.c.start, blocks.c.id)
)
_LIFT = Statement(delete(blocks).where(_OURS, blocks.c.id == bindparam("id")))


class Blocks:
    """The blocks of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def of(self, calendar: UUID) -> list[Block]:
        """The stretches of a calendar that nobody can book, in order."""
        rows = await self._connection.all(
            _BLOCKS, organization=self._organization, calendar=calendar
        )
        return [Block(*row) for row in rows]

    async def get(self, id: UUID) -> Block:
        """The block with this id."""
        row = await self._connection.first(_GET_BLOCK, organization=self._organization, id=id)
        if row is None:
            raise NotFound(what="block", id=id)
        return Block(*row)

    async def add(self, block: Block) -> None:
        """Block a stretch of a calendar that is held."""
        await self._connection.insert(blocks, [_block_row(block)])

    async def lift(self, id: UUID) -> None:
        """Take a block away."""
        await self._connection.run(_LIFT, organization=self._organization, id=id)
