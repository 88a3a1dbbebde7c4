"""VCC Live's Ticket Status webhook: a case that is added, updated or deleted.

Settings of an endpoint are told in endpoints.py. Its address may have `${iv}`,
`${projectId}`, `${ticketId}` and `${action}` in it.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from nowserving.actions.case_lists import named_in
from nowserving.cases.case import Case
from nowserving.cases.moves import COME_BACK, ERASE, REOPEN
from nowserving.dialects.vcc.cipher import IV_BYTES, encrypted
from nowserving.dialects.vcc.known import Known
from nowserving.dialects.vcc.ticket import PERSONAL, Ticket, changes, say_ticket
from nowserving.journal.telling import Telling
from nowserving.journal.wanted import wants
from nowserving.kit.facts import Fact
from nowserving.places.endpoints import Endpoint
from nowserving.store.store import Store

PLACEHOLDER = re.compile(r"\$\{(iv|projectId|ticketId|action)\}")

_OPENED_AGAIN = (REOPEN.fact, COME_BACK.fact)


class Tell:
    """Says facts as Ticket Status. `chance`: so many random bytes, for each attempt anew."""

    def __init__(self, chance: Callable[[int], bytes]) -> None:
        self._chance = chance
        self._known = Known()

    async def __call__(
        self,
        fact: Fact,
        endpoint: Endpoint,
        *,
        secrets: Sequence[str],
        store: Store,
        gap: int | None = None,
    ) -> Telling | None:
        """A fact as the change of a ticket that it was; None if no key of it has changed."""
        if not fact.kind.startswith("case."):
            return None
        said = await self._said(fact, endpoint, store, gap)
        if said is None:
            return None
        action, ticket = said
        if endpoint.settings.get("substatus") is True and "subStatus" in ticket:
            ticket["substatus"] = ticket["subStatus"]
        return self._telling(fact, endpoint, secrets, action, ticket)

    async def _said(
        self, fact: Fact, endpoint: Endpoint, store: Store, gap: int | None
    ) -> tuple[str, Ticket] | None:
        """Action and ticket. What was passed over is made up for: the receiver does not know it."""
        # Of what was made up for a trial there is no history.
        history = await store.journal.of(fact.subject_id, most=fact.version) or [fact]
        now = _Moment(history, fact.version)
        heard = history[:-1] if gap is None else history[: gap - 1]
        told = [one for one in heard if wants(endpoint, one)]
        before = _Moment(history, told[-1].version if told else max(1, fact.version - 1))
        details = await store.cases.details(fact.subject_id)
        directory = await self._known.directory(store)
        named = await named_in(store, [now.case, before.case], [now.actor, before.actor])

        def say(moment: _Moment) -> Ticket:
            return say_ticket(
                moment.case,
                details,
                directory,
                named,
                actor=moment.actor,
                opened_again=moment.opened_again,
            )

        if fact.version == 1 or (gap is not None and not told):
            return "add", say(now)
        if before.case.merged_into_id is not None:
            return None
        if now.case.merged_into_id is not None:
            return "delete", say(before)
        update = changes(say(before), say(now), now.corrected_since(before))
        return ("update", update) if update else None

    def _telling(
        self,
        fact: Fact,
        endpoint: Endpoint,
        secrets: Sequence[str],
        action: str,
        ticket: Ticket,
    ) -> Telling:
        settings = endpoint.settings
        iv = self._chance(IV_BYTES) if "${iv}" in endpoint.url else b""
        words = {"iv": iv.hex(), "action": action}
        words |= {name: str(ticket[name]) for name in ("projectId", "ticketId")}
        url = PLACEHOLDER.sub(lambda found: quote(words[found[1]], safe=""), endpoint.url)
        headers = {"Webhook-Id": str(fact.id)}
        method, cipher = settings.get("method", "POST"), settings.get("encrypt")
        if method == "GET":
            joined = "&" if "?" in url else "?"
            return Telling(f"{url}{joined}{_query(action, ticket)}", b"", headers, method)
        body = msgspec.json.encode({"action": action, "ticket": ticket})
        kind = "application/json"
        if cipher is not None:
            body, kind = encrypted(body, cipher=cipher, key=secrets[0], iv=iv), "text/plain"
        headers["Content-Type"] = settings.get("content_type", kind)
        return Telling(url, body, headers, method)


class _Told(msgspec.Struct):
    """What a fact says of a case."""

    case: Case
    changed: list[str] = []


_read = msgspec.json.Decoder(_Told).decode


class _Moment:
    """A case as it was after one of its facts. `history` begins with the first of them."""

    def __init__(self, history: Sequence[Fact], version: int) -> None:
        self.history = history[:version]
        self.actor = self.history[-1].actor
        self.case = _read(self.history[-1].data).case

    @property
    def opened_again(self) -> Any:
        """When the case was last taken up again after an end."""
        again = [one.at for one in self.history if one.kind in _OPENED_AGAIN]
        return again[-1] if again else None

    def corrected_since(self, before: "_Moment") -> frozenset[str]:
        """What corrections since then say they have changed; erasing changes all of it."""
        later = self.history[len(before.history) :]
        if any(one.kind == ERASE.fact for one in later):
            return frozenset(PERSONAL)
        return frozenset(name for one in later for name in _read(one.data).changed)


def _query(action: str, ticket: Ticket) -> str:
    """The payload as PHP writes nested values into a query: ticket[ticketId]=7."""
    flat = {f"ticket[{name}]": "" if value is None else value for name, value in ticket.items()}
    return urlencode({"action": action, **flat})
