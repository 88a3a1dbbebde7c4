"""Asks endpoints whether they want to be told, before they are told at full pace.

A language that can ask sends a token, signed as facts are; whoever answers with it has read
and understood what we send. An endpoint that cannot be asked so has to take what it is told
for a while.
"""

import asyncio
from collections.abc import Callable, Mapping
from uuid import UUID

import msgspec
import structlog

from nowserving.actions import consent
from nowserving.actions.house import House
from nowserving.hooks.faring import note_gone
from nowserving.hooks.posters import Posters
from nowserving.hooks.retries import GONE, taken
from nowserving.journal.consent import Challenge
from nowserving.journal.rounds import Rounds
from nowserving.kit import ids
from nowserving.people.actor import system
from nowserving.places.endpoints import Endpoint
from nowserving.store.consents import Unconfirmed, organizations_to_ask

TIMEOUT = 10.0
"""Seconds in which an endpoint must answer."""

_log = structlog.get_logger("nowserving.consent")


class Consent:
    """Looks every so many seconds who is to be asked. Any number of processes may do so."""

    def __init__(
        self,
        house: House,
        posters: Posters,
        challenges: Mapping[str, Challenge],
        *,
        every: float = 1.0,
        timeout: float = TIMEOUT,
        token: Callable[[], str] = ids.token,
    ) -> None:
        """`challenges` by dialect; `posters` are opened and closed by whoever made them."""
        self._house = house
        self._posters = posters
        self._challenges = challenges
        self._timeout = timeout
        self._token = token
        self._rounds = Rounds("consent", self._ask_all, find=self._due, every=every)

    async def start(self) -> None:
        """Begin."""
        await self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    async def _due(self) -> list[UUID]:
        async with self._house.engine.reading() as connection:
            return await organizations_to_ask(connection, self._house.clock())

    async def _ask_all(self, organization_id: UUID) -> None:
        actor = system(organization_id, "consent")
        async with self._house.acting(actor) as act:
            asked = await consent.to_ask(act)
        await asyncio.gather(*(self._ask(one) for one in asked))

    async def _ask(self, asked: Unconfirmed) -> None:
        endpoint = asked.endpoint
        actor = system(endpoint.organization_id, "consent")
        challenge = self._challenges.get(endpoint.dialect)
        async with self._house.acting(actor) as act:
            ours = await consent.take_up(act, asked=asked, can_be_asked=challenge is not None)
        if not ours:
            return
        if challenge is None:
            async with self._house.acting(actor) as act:
                agrees = await consent.takes_what_it_is_told(act, endpoint=endpoint)
        else:
            agrees = await self._agrees(endpoint, challenge)
        if agrees:
            async with self._house.acting(actor) as act:
                if await consent.note_consent(act, endpoint=endpoint):
                    _log.info("an endpoint wants to be told", endpoint=str(endpoint.id))

    async def _agrees(self, endpoint: Endpoint, challenge: Challenge) -> bool:
        vault, now, token = self._house.vault, self._house.clock(), self._token()
        secrets = [vault.unlock(locked) for locked in endpoint.secrets(now)]
        said = challenge.say(endpoint, token, secrets=secrets, now=now)
        own = b"{}" if endpoint.headers is None else vault.unlock(endpoint.headers).encode()
        answer = await self._posters.post(
            said.url,
            said.body,
            {**msgspec.json.decode(own, type=dict[str, str]), **said.headers},
            timeout=self._timeout,
            trusted=endpoint.trusted,
        )
        if answer.status == GONE:
            async with self._house.acting(system(endpoint.organization_id, "consent")) as act:
                whose = endpoint.organization_id, endpoint.id
                await note_gone(act.store.health, *whose, now=act.now, ids=self._house.ids)
        return taken(answer) and answer.error is None and challenge.accepts(token, answer.body)
