"""Whether endpoints want to be told: who is to be asked, and what came of it.

The server's own acts. Until an endpoint has confirmed it is told slowly, so that nobody can
have us flood somebody else (docs/decisions/0010).
"""

from datetime import datetime, timedelta

from nowserving.actions.act import Act
from nowserving.actions.endpoints import SUBJECT
from nowserving.places.endpoints import Endpoint
from nowserving.store.audit import Change
from nowserving.store.consents import Unconfirmed

ASKED_AFTER = tuple(timedelta(seconds=seconds) for seconds in (60, 300, 1800, 7200, 43200, 86400))
"""How long we wait before asking again; the last of it until we give up."""

ASKED_AT_MOST = 30
LOOKED_EVERY = timedelta(seconds=30)
"""How often we look whether an endpoint that cannot be asked takes what it is told."""

TAKEN_IN_A_ROW = 20
"""Facts that an endpoint which cannot be asked must take one after the other."""


async def to_ask(act: Act) -> list[Unconfirmed]:
    """The endpoints that are to be asked now."""
    return await act.look.consents.unconfirmed(act.now)


async def take_up(act: Act, *, asked: Unconfirmed, can_be_asked: bool) -> bool:
    """Ask this one ourselves, and settle when it is asked again; False if somebody else does."""
    return await act.store.consents.take_up(asked, _next(act.now, asked, can_be_asked))


async def takes_what_it_is_told(act: Act, *, endpoint: Endpoint) -> bool:
    """Has it taken the newest facts it was told, one after the other?"""
    last = await act.look.endpoints.last(endpoint.id, TAKEN_IN_A_ROW)
    return len(last) == TAKEN_IN_A_ROW and all(one.taken for one in last)


async def note_consent(act: Act, *, endpoint: Endpoint) -> bool:
    """It wants to be told, at the address that was asked; False if that is old news."""
    if not await act.store.consents.confirm(endpoint, act.now):
        return False
    await act.store.audit.add(
        Change(
            organization_id=endpoint.organization_id,
            id=act.new_id(),
            at=act.now,
            actor=act.actor.principal,
            subject_kind=SUBJECT,
            subject_id=endpoint.id,
            verb="confirm",
            before={"confirmed_at": None},
            after={"confirmed_at": act.now},
        )
    )
    return True


def _next(now: datetime, asked: Unconfirmed, can_be_asked: bool) -> datetime | None:
    if not can_be_asked:
        return now + LOOKED_EVERY
    if asked.challenges + 1 >= ASKED_AT_MOST:
        return None
    return now + ASKED_AFTER[min(asked.challenges, len(ASKED_AFTER) - 1)]
