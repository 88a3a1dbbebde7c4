"""Mail that waits to be handed in, and the ids by which answers find their case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Integer, bindparam, select, text, update

from nowserving.cases.letters import Letter
from nowserving.store import tables
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.types import Id, Instant

_letters, _seen, _boxes = tables.letters, tables.letters_seen, tables.mailboxes
_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_COLUMNS = columns_for(Letter, _letters)
_row = row_maker(_letters)
_WAITING = (
    select(*_COLUMNS)
    .where(
        _letters.c.organization_id == _ORGANIZATION,
        text("due_at is not null"),
        _letters.c.due_at <= bindparam("now", type_=Instant),
    )
    .order_by(_letters.c.due_at)
    .limit(bindparam("most", type_=Integer))
)
_CLAIMABLE = Statement(_WAITING, postgresql=_WAITING.with_for_update(skip_locked=True))
_WRITE = Statement(
    update(_letters)
    .where(
        _letters.c.organization_id == _ORGANIZATION,
        _letters.c.id == bindparam("letter"),
        _letters.c.attempts == bindparam("seen_attempts", type_=Integer),
    )
    .values({name: bindparam(name) for name in ("due_at", "attempts", "sent_at", "error")})
)
_OF = Statement(
    select(*_COLUMNS)
    .where(_letters.c.organization_id == _ORGANIZATION, _letters.c.case_id == bindparam("case"))
    .order_by(_letters.c.at, _letters.c.id)
)
_ANSWERED = Statement(
    select(_letters.c.case_id).where(
        _letters.c.organization_id == _ORGANIZATION,
        _letters.c.message_id == bindparam("message"),
    )
)
_WAS_SEEN = Statement(
    select(_seen.c.at).where(
        _seen.c.organization_id == _ORGANIZATION, _seen.c.message_id == bindparam("message")
    )
)
_THIS_BOX = (_boxes.c.organization_id == _ORGANIZATION) & (_boxes.c.name == bindparam("box"))
_BOX = Statement(select(_boxes.c.held_until).where(_THIS_BOX))
_HOLD_BOX = Statement(
    update(_boxes)
    .where(
        _THIS_BOX,
        (_boxes.c.holder == bindparam("who", type_=Id))
        | (_boxes.c.held_until <= bindparam("now", type_=Instant)),
    )
    .values(holder=bindparam("holder"), held_until=bindparam("held_until"))
)
_LET_GO_BOX = Statement(
    update(_boxes)
    .where(_THIS_BOX, _boxes.c.holder == bindparam("who", type_=Id))
    .values(held_until=bindparam("held_until"))
)
_NUMBERED = Statement(
    select(tables.cases.c.id).where(
        tables.cases.c.organization_id == _ORGANIZATION,
        tables.cases.c.number == bindparam("number"),
    )
)


class Letters:
    """The mail of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add_letter(self, letter: Letter) -> None:
        """Let a mail wait to be handed in."""
        await self._connection.insert(_letters, [_row(letter)])

    async def claimable(self, now: datetime, most: int) -> list[Letter]:
        """Mail that can be handed in now; held until the transaction ends."""
        rows = await self._connection.all(
            _CLAIMABLE, organization=self._organization, now=now, most=most
        )
        return [Letter(*row) for row in rows]

    async def write_letter(self, seen: Letter, new: Letter) -> bool:
        """How a mail fares; False if somebody else has it by now."""
        written = await self._connection.run(
            _WRITE,
            organization=self._organization,
            letter=seen.id,
            seen_attempts=seen.attempts,
            due_at=new.due_at,
            attempts=new.attempts,
            sent_at=new.sent_at,
            error=new.error,
        )
        return written == 1

    async def of(self, case: UUID) -> list[Letter]:
        """What was written about a case, the oldest first."""
        rows = await self._connection.all(_OF, organization=self._organization, case=case)
        return [Letter(*row) for row in rows]

    async def answered(self, messages: Sequence[str]) -> UUID | None:
        """The case about which one of these mails was written."""
        for message in messages:
            row = await self._connection.first(
                _ANSWERED, organization=self._organization, message=message
            )
            if row is not None:
                return row[0]  # type: ignore[no-any-return]
        return None

    async def numbered(self, number: int) -> UUID | None:
        """The id of the case with this number."""
        row = await self._connection.first(
            _NUMBERED, organization=self._organization, number=number
        )
        return None if row is None else row[0]

    async def was_seen(self, message: str) -> bool:
        """Has this mail come before?"""
        row = await self._connection.first(
            _WAS_SEEN, organization=self._organization, message=message
        )
        return row is not None

    async def add_seen(self, message: str, at: datetime) -> None:
        """Remember a mail that has come. Raises Clash if it is remembered already."""
        await self._connection.insert(_seen, [(self._organization, message, at)])

    async def hold_box(self, name: str, holder: UUID, *, now: datetime, until: datetime) -> bool:
        """Have a mailbox until then; False while another has it. Raises Clash, see add_seen."""
        ours = self._organization
        if await self._connection.first(_BOX, organization=ours, box=name) is None:
            await self._connection.insert(_boxes, [(ours, name, holder, until)])
            return True
        held = await self._connection.run(
            _HOLD_BOX,
            organization=ours,
            box=name,
            who=holder,
            now=now,
            holder=holder,
            held_until=until,
        )
        return held == 1

    async def let_go_box(self, name: str, holder: UUID, *, now: datetime) -> None:
        """Have a mailbox no longer."""
        await self._connection.run(
            _LET_GO_BOX, organization=self._organization, box=name, who=holder, held_until=now
        )
