"""What time it is by the database, which all processes share."""

from datetime import UTC, datetime, timedelta
from time import monotonic

from sqlalchemy import text

from nowserving.store.engines import Connection, Engine, Statement
from nowserving.store.tables import lanes

ASK_EVERY = 10.0
"""Seconds; between them our own clock says how much later it is."""

SET_BACK = timedelta(seconds=30)
"""A clock that is so much behind what it said before was set back; less is drift."""

RESOLUTION = timedelta(milliseconds=1)
"""SQLite's clock says no less."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_CLOCK = Statement(
    text("select cast((julianday('now') - 2440587.5) * 86400000000 as integer)").columns(
        lanes.c.due
    ),
    postgresql=text("select clock_timestamp()").columns(lanes.c.due),
)


class DatabaseClock:
    """The database's clock, asked now and then: leases of all processes go by it.

    It is known as well as the answer was quick. What is due is given an instant that is past in any
    case, and looked for by one that may be to come: else who looks at once might not see it.

    `set_back`: it was, since somebody last said that it was not; what is due "tomorrow" by the
    clock as it was is due now.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._asked = float("-inf")
        self._ahead = EPOCH
        self._unsure = timedelta()
        self.set_back = False

    async def earliest(self) -> datetime:
        """An instant that is past by the database's clock, as short a while as we know."""
        return await self.now() - self._unsure

    async def latest(self) -> datetime:
        """An instant that is not past by the database's clock, as far as we know."""
        return await self.now() + self._unsure

    async def now(self) -> datetime:
        """The instant by the database's clock, within some milliseconds."""
        if monotonic() - self._asked > ASK_EVERY:
            async with self._engine.reading() as connection:
                before = monotonic()
                instant = await database_clock(connection)
            self._asked = monotonic()
            ahead = instant - timedelta(seconds=(before + self._asked) / 2)
            self._unsure = timedelta(seconds=(self._asked - before) / 2) + RESOLUTION
            if ahead < self._ahead - SET_BACK:
                self.set_back = True
            self._ahead = ahead
        return self._ahead + timedelta(seconds=monotonic())


async def database_clock(connection: Connection) -> datetime:
    """The instant by the database's clock: leases and due times of all processes use it."""
    row = await connection.first(_CLOCK)
    assert row is not None
    instant: datetime = row[0]
    return instant
