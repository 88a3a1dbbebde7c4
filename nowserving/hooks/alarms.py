"""Warning people by mail when an endpoint fails for long: never by the endpoint itself."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from nowserving.hooks.alarm_texts import TEXTS, Text
from nowserving.hooks.mail import Mailer, NotSent
from nowserving.journal.rounds import Rounds
from nowserving.kit.clock import Clock
from nowserving.people.actor import Everywhere, grants_of
from nowserving.people.permissions import Permission
from nowserving.people.staff import Agent
from nowserving.places.endpoints import Endpoint
from nowserving.places.organization import Organization
from nowserving.store.engines import Engine
from nowserving.store.health import Alarm, organizations_to_warn
from nowserving.store.places import organizations
from nowserving.store.store import Store

_log = structlog.get_logger("nowserving.alarms")

AGAIN_AFTER = timedelta(minutes=5)
"""When a mail that was not taken is handed in again; also if we died while doing it."""

OUTDATED_AFTER = timedelta(days=1)
"""After which nobody is warned any more of what happened then."""

MOST_PEOPLE = 50


class Alarmist:
    """Sends the warnings that are due."""

    def __init__(
        self,
        engine: Engine,
        mailer: Mailer,
        *,
        clock: Clock,
        base_url: str,
        every: float = 2.0,
    ) -> None:
        self._engine = engine
        self._mailer = mailer
        self._clock = clock
        self._base_url = base_url
        self._rounds = Rounds("alarms", self._warn, find=self._due, every=every)

    async def start(self) -> None:
        """Begin, with what was left behind."""
        await self._rounds.start()

    async def stop(self) -> None:
        """End; what is not sent is due again in a while."""
        await self._rounds.stop()

    async def _due(self) -> list[UUID]:
        async with self._engine.reading() as connection:
            return await organizations_to_warn(connection, self._clock())

    async def _warn(self, organization_id: UUID) -> None:
        async with self._engine.reading() as connection:
            store = Store(connection, organization_id)
            alarms = await store.health.warnings_due(self._clock())
            people = await _who_looks_after_it(store) if alarms else []
            endpoints = await store.endpoints.some([one.endpoint_id for one in alarms])
            all_of_them = await organizations(connection)
        organization = next(one for one in all_of_them if one.id == organization_id)
        for alarm in alarms:
            if await self._claim(alarm):
                await self._send(alarm, organization, people, endpoints.get(alarm.endpoint_id))

    async def _claim(self, alarm: Alarm) -> bool:
        async with self._engine.writing() as connection:
            health = Store(connection, alarm.organization_id).health
            return await health.claim(alarm, again=self._clock() + AGAIN_AFTER)

    async def _send(
        self,
        alarm: Alarm,
        organization: Organization,
        people: Sequence[Agent],
        endpoint: Endpoint | None,
    ) -> None:
        outdated = alarm.at < self._clock() - OUTDATED_AFTER
        if endpoint is not None and not outdated:
            if not people:
                _log.warning("nobody with a mail address looks after webhooks")
            text = self._text(alarm, organization, endpoint)
            if not await self._mail(people, text):
                return  # it is due again in a while
        async with self._engine.writing() as connection:
            await Store(connection, alarm.organization_id).health.sent(alarm, self._clock())

    async def _mail(self, people: Sequence[Agent], text: Text) -> bool:
        """Mail it to each; False if nobody was reached and it is worth another try."""
        reached = 0
        for one in people:
            assert one.email is not None
            try:
                await self._mailer.send(to=one.email, subject=text.subject, text=text.body)
                reached += 1
            except NotSent as why:
                _log.warning("a warning was not sent", why=str(why), agent=str(one.id))
        return bool(reached) or not people

    def _text(self, alarm: Alarm, organization: Organization, endpoint: Endpoint) -> Text:
        texts = TEXTS.get(organization.languages[0].partition("-")[0], TEXTS["en"])
        text = texts[alarm.kind]
        # The address may hold a key; its host is enough to know it again.
        host = urlsplit(endpoint.url).hostname or ""
        said = {
            "name": " ".join(endpoint.name.split()) or host,
            "host": host,
            "page": f"{self._base_url}/office/deliveries?endpoint={endpoint.id}",
            "organization": organization.name,
        }
        return Text(text.subject.format_map(said), text.body.format_map(said))


async def _who_looks_after_it(store: Store) -> list[Agent]:
    """Those who may do something about it and have a mail address."""
    found: list[Agent] = []
    for agent in await store.people.everyone():
        if agent.email and len(found) < MOST_PEOPLE:
            grants = grants_of(await store.people.roles_of(agent.id))
            if grants.get(Permission.MANAGE_INTEGRATIONS, frozenset()) is Everywhere:
                found.append(agent)
    return found
