"""The letter box: takes in what customers answer, out of a mailbox on an IMAP server.

One process at a time empties it (a lease in the database). A mail is marked only after it
was taken in, and known again by its id if that could not be done.
"""

import asyncio
import ssl
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from nowserving.actions.house import House
from nowserving.actions.mail_in import take_in
from nowserving.actions.mailboxes import hold, let_go
from nowserving.cases.letters import MAIL_AT_MOST
from nowserving.hooks.imap import ImapBox, ImapFailed, ImapServer
from nowserving.journal.rounds import Rounds
from nowserving.kit.http import Unready
from nowserving.kit.problems import NotFound, Stale
from nowserving.store.engines import Unavailable

EVERY = 30.0
"""Seconds between two looks into the mailbox."""

LONGEST_PAUSE = timedelta(minutes=10)

_log = structlog.get_logger("nowserving.fetcher")


class Fetcher:
    """Empties a mailbox as long as it is open; `slug` names the organization it is for."""

    def __init__(
        self,
        house: House,
        server: ImapServer,
        slug: str,
        *,
        every: float = EVERY,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._house = house
        self._server = server
        self._slug = slug
        self._tls = tls
        self._id = house.ids(house.clock())
        self._failures = 0
        self._not_before: datetime | None = None
        self._rounds = Rounds("fetcher", self._round, find=self._organization, every=every)

    async def start(self) -> None:
        """Begin, with what has come meanwhile."""
        await self._rounds.start()

    async def stop(self) -> None:
        """Finish the mail that is being taken in, and leave the mailbox to others."""
        await self._rounds.stop()
        with suppress(NotFound, Unavailable):
            organization = await self._house.organization_called(self._slug)
            await let_go(self._house, organization.id, self._server.name, self._id)

    async def empty(self, organization_id: UUID) -> int:
        """Take in what waits, if nobody else does; says how many mails were done with.

        Raises ImapFailed, Unready and Unavailable; what was not done with waits on.
        """
        if not await self._mine(organization_id):
            return 0
        done = 0
        box = await asyncio.to_thread(ImapBox.open, self._server, self._tls)
        try:
            for uid in await asyncio.to_thread(box.waiting):
                if not await self._mine(organization_id):
                    break
                done += await self._take(box, uid, organization_id)
        finally:
            await asyncio.to_thread(box.close)
        return done

    async def _take(self, box: ImapBox, uid: int, organization_id: UUID) -> bool:
        """Take in one mail; one that we stumble over is set aside, or it would come for ever."""
        if await asyncio.to_thread(box.size, uid) > MAIL_AT_MOST:
            _log.error("a mail is too large and was set aside", uid=uid)
            await asyncio.to_thread(box.set_aside, uid)
            return True
        raw = await asyncio.to_thread(box.fetch, uid)
        if not raw:
            return False
        try:
            case = await take_in(self._house, organization_id, raw)
        except (Unavailable, Unready):
            raise
        except Stale:
            return False  # somebody works on the case just now
        except Exception:
            _log.exception("a mail cannot be taken in and was set aside", uid=uid)
            await asyncio.to_thread(box.set_aside, uid)
            return True
        await asyncio.to_thread(box.mark_done, uid)
        _log.info("a mail was taken in", uid=uid, case=case.id if case else None)
        return True

    async def _mine(self, organization_id: UUID) -> bool:
        return await hold(self._house, organization_id, self._server.name, self._id)

    async def _organization(self) -> Iterable[UUID]:
        if self._not_before is not None and self._house.clock() < self._not_before:
            return []
        try:
            return [(await self._house.organization_called(self._slug)).id]
        except NotFound:
            self._rest("there is no such organization")
            return []

    async def _round(self, organization_id: UUID) -> None:
        try:
            await self.empty(organization_id)
        except (ImapFailed, Unready) as failure:
            self._rest(str(failure))
        else:
            if self._failures:
                _log.info("mail is fetched again")
            self._failures, self._not_before = 0, None

    def _rest(self, why: str) -> None:
        """Ask again after a pause, each twice as long as the one before."""
        self._failures += 1
        pause = min(timedelta(seconds=2.0 ** min(self._failures, 16)), LONGEST_PAUSE)
        self._not_before = self._house.clock() + pause
        tell = _log.warning if self._failures == 1 else _log.info
        tell("mail cannot be fetched", why=why, seconds=pause.total_seconds())
