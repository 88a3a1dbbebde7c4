"""An act: one actor, one clock reading, one transaction."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import msgspec

from nowserving.actions import notices
from nowserving.actions.asked import Asked
from nowserving.actions.replies import Once
from nowserving.cases.case import Case
from nowserving.cases.moves import Move, State
from nowserving.kit.facts import Fact
from nowserving.kit.http import Reply
from nowserving.kit.problems import Forbidden
from nowserving.people.actor import Actor
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.store.engines import Looking, Transaction
from nowserving.store.store import Store

if TYPE_CHECKING:
    from nowserving.actions.house import House

Say = Callable[[Any], Reply]
Order = TypeVar("Order")
Got = TypeVar("Got")


class Answered(Exception):
    """The request was made before; here is the answer it got then."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class Act:
    """What one actor does at one moment.

    `store` is the transaction: it begins with the first question and is committed when the
    act ends well. `look` asks without beginning it, where nothing that is decided depends on
    the answer, or what is written is written only over what was seen. `asked` is what hooks
    have said, also when the act is done `again` because somebody else was faster.
    """

    def __init__(
        self,
        house: "House",
        actor: Actor,
        stack: AsyncExitStack,
        *,
        once: Once | None = None,
        say: Say | None = None,
        asked: Asked | None = None,
    ) -> None:
        self.house = house
        self.actor = actor
        self.now: datetime = house.clock()
        self.once = once
        self.say = say
        self.asked = asked or Asked()
        self.gathered = False
        self.again = False
        self.stirs_files = False
        self._transaction = Transaction(house.engine, stack, self._begun)

    @cached_property
    def store(self) -> Store:
        """The transaction."""
        return Store(self._transaction, self.actor.organization_id, self.actor.sees)

    @cached_property
    def look(self) -> Store:
        """A connection of the moment for each question, or the transaction's if it has begun."""
        looking = Looking(self.house.engine, self._transaction)
        return Store(looking, self.actor.organization_id, self.actor.sees)

    @property
    def wrote(self) -> bool:
        """Did a transaction begin?"""
        return self._transaction.begun

    def must(self, permission: Permission, *, at: UUID, case: UUID | None = None) -> None:
        """Forbidden unless the actor may do this kind of thing at this unit."""
        if not self.actor.may(permission, at=at, case=case):
            raise Forbidden(permission=permission, unit=at)

    def new_id(self) -> UUID:
        """An id for something that happens in this act."""
        return self.house.ids(self.now)

    async def directory(self) -> Directory:
        """What the organization is made of."""
        within = self.store if self.wrote else None
        return await self.house.directory(self.actor.organization_id, within=within)

    async def change(self, seen: Case, to: Case, by: Move, **told: Any) -> Case:
        """Write a case after a move, and the fact of it; Stale if somebody was faster.

        `told` is what the fact says beyond the case itself.
        """
        self.must(by.needs, at=seen.unit_id, case=seen.id)
        await self.store.cases.replace(seen, to)
        await self.settle(seen, to)
        await self.store.journal.add([self.fact(to, by.fact, told)])
        return to

    async def settle(self, seen: Case, to: Case) -> None:
        """Whoever is not expected any more leaves their seat, or has come to it."""
        if seen.state is not State.PLANNED or to.state is State.PLANNED:
            return
        calendar = await self.store.appointments.settle(to, self.now)
        await notices.of_leaving(self.store, to, self.now)
        if calendar is not None:
            self.house.bookings.forget(self.actor.organization_id, calendar)

    def fact(self, case: Case, kind: str, told: Mapping[str, Any]) -> Fact:
        """The fact that something happened to a case in this act."""
        return case_fact(case, kind, told, id=self.new_id(), at=self.now, actor=self.actor)

    async def gather(self, join: Callable[[Order], Awaitable[Got]], order: Order) -> Got:
        """Have an order written together with others of this moment, in their transaction."""
        assert not self.wrote, "a gathered act has no transaction of its own"
        self.gathered = True
        return await join(order)

    async def _begun(self) -> None:
        if self.once is not None and self.again:
            kept = await self.store.requests.kept(self.actor.principal, self.once.key)
            if kept is not None:
                raise Answered(self.once.again(kept))


def case_fact(
    case: Case, kind: str, told: Mapping[str, Any], *, id: UUID, at: datetime, actor: Actor
) -> Fact:
    """The fact that something happened to a case: the whole case after it, nothing personal.

    What an integration keeps with the case may be personal, so it is not told.
    """
    shown = replace(case, extras={}) if case.extras else case
    return Fact(
        organization_id=case.organization_id,
        subject_id=case.id,
        version=case.version,
        id=id,
        kind=kind,
        at=at,
        actor=actor.principal,
        data=msgspec.json.encode({**told, "case": shown}).decode(),
    )
