"""Who hears what the journal tells: live pages and webhooks."""

import os
from contextlib import AsyncExitStack
from ipaddress import ip_network
from typing import Self
from uuid import UUID

from nowserving.actions.asking import NobodyAsks, Words
from nowserving.actions.backlog import give_words, organizations_behind
from nowserving.actions.booking_order import Booked
from nowserving.actions.escalate import escalate
from nowserving.actions.house import House
from nowserving.dialects.cubu import asking as cubu_asking
from nowserving.dialects.cubu import hooks as cubu
from nowserving.dialects.ical.say import calendar
from nowserving.dialects.native import asking as native_asking
from nowserving.dialects.native import hooks as native
from nowserving.dialects.vcc import endpoints as vcc_endpoints
from nowserving.dialects.vcc import hooks as vcc
from nowserving.dialects.vcc import retries as vcc_retries
from nowserving.hooks import replaying
from nowserving.hooks.alarms import Alarmist
from nowserving.hooks.asking import AT_ONCE, Asker
from nowserving.hooks.consent import Consent
from nowserving.hooks.fetcher import Fetcher
from nowserving.hooks.figures import Gauges
from nowserving.hooks.files.keeper import Keeper
from nowserving.hooks.guard import Guard
from nowserving.hooks.imap import ImapServer
from nowserving.hooks.letters import Postman
from nowserving.hooks.mail import Mailer, MailServer
from nowserving.hooks.notices import Herald
from nowserving.hooks.posters import Posters
from nowserving.hooks.sender import Sender
from nowserving.journal.announcing import Hearer, Listener
from nowserving.journal.live import Live
from nowserving.journal.rounds import Rounds
from nowserving.journal.router import Router
from nowserving.journal.telling import PolicyOf, Teller
from nowserving.kit.clock import wall
from nowserving.kit.crowd import Crowd
from nowserving.main.chores import chores_of
from nowserving.main.outside import CHALLENGES, outside
from nowserving.main.settings import BadSettings, Settings
from nowserving.web.booking.letters import written

TELLERS: dict[str, Teller] = {
    cubu.DIALECT: cubu.tell,
    native.DIALECT: native.Tell(wall),
    vcc_endpoints.NAME: vcc.Tell(os.urandom),
}
"""Who says a fact, for each wire language that goes out."""

ASKERS: dict[str, Words] = {
    cubu.DIALECT: cubu_asking.WORDS,
    native_asking.DIALECT: native_asking.WORDS,
}
"""Who asks a hook, for each wire language in which it can be asked."""

POLICIES: dict[str, PolicyOf] = {vcc_endpoints.NAME: vcc_retries.policy}
"""How it is told again what was not taken, for each wire language that has rules of its own."""


DEADLINES_EVERY = 5.0
"""Seconds between two looks for deadlines that have passed."""

BACKLOG_EVERY = 60.0
"""Seconds between two looks for what has no words yet by which it is found."""

BACKLOG_APART = 0.2
"""Seconds between two steps of it: most of the time is others'."""


class Listeners:
    """Runs the router of facts, the live feed and the sender while the server is open."""

    def __init__(self, house: House, settings: Settings, crowd: Crowd) -> None:
        """`crowd`: who waits for an answer, and comes first."""
        engine = house.engine
        self._house = house
        self.live = Live(engine)
        guard = guard_of(settings)
        house.outside = outside(guard)
        self._posters = Posters(guard, clock=house.clock)
        self._sender = Sender(
            engine,
            house.vault,
            self._posters,
            TELLERS,
            policies=POLICIES,
            crowd=crowd,
            clock=house.clock,
            ids=house.ids,
        )
        self._consent = Consent(house, self._posters, CHALLENGES)
        # Connections of their own: what is told must never hold up what is waited for.
        self._asking = Posters(guard, clock=house.clock, per_host=AT_ONCE)
        self._asker = Asker(
            engine,
            house.vault,
            self._asking,
            ASKERS,
            guard=guard,
            clock=house.clock,
            ids=house.ids,
        )
        self._again = Posters(guard, clock=house.clock, per_host=replaying.AT_ONCE)
        self._replayer = replaying.Replayer(
            engine,
            self._sender.speaker,
            self._again,
            POLICIES,
            self._sender.pace,
            clock=house.clock,
            ids=house.ids,
            lease=self._sender.lease,
        )
        self._gauges = Gauges(engine)
        self._alarmist = _alarmist(house, settings)
        hearers: list[Hearer] = [self.live, self._sender, house.news]
        self._router = Router(engine, hearers)
        self._listener = Listener(engine, hearers, ignoring=self._router.mark)
        self._deadlines = Rounds(
            "deadlines", self._escalate, find=self._organizations, every=DEADLINES_EVERY
        )
        self._backlog = Rounds(
            "words",
            self._give_words,
            side_by_side=1,
            apart=BACKLOG_APART,
            find=lambda: organizations_behind(house),
            every=BACKLOG_EVERY,
        )
        self._keeper = Keeper(house)
        self._fetcher = fetcher_of(house, settings)
        self._postman = postman_of(house, settings)
        self._herald = herald_of(house, settings)
        self._stack = AsyncExitStack()

    def end_streams(self) -> None:
        """The server is told to stop: let every live page's stream end."""
        self.live.close()
        self._house.news.close()

    async def __aenter__(self) -> Self:
        for way_out in (self._posters, self._asking, self._again):
            await self._stack.enter_async_context(way_out)
        await self._stack.enter_async_context(self._asker)
        self._house.asks = self._asker
        self._stack.callback(self._ask_nobody)
        parts = (
            self._sender,
            self._replayer,
            self._gauges,
            self.live,
            self._listener,
            self._router,
            self._consent,
            self._deadlines,
            self._backlog,
            self._keeper,
            self._herald,
        )
        for part in (*parts, self._alarmist, self._postman, self._fetcher):
            if part is not None:
                await part.start()
                self._stack.push_async_callback(part.stop)
        self._house.on_commit = self._router.wake
        for chore in chores_of(self._house):
            await chore.start()
            self._stack.push_async_callback(chore.stop)
        return self

    def _ask_nobody(self) -> None:
        self._house.asks = NobodyAsks()

    async def _organizations(self) -> list[UUID]:
        return [organization.id for organization in await self._house.organizations()]

    async def _escalate(self, organization_id: UUID) -> None:
        await escalate(self._house, organization_id)

    async def _give_words(self, organization_id: UUID) -> None:
        if await give_words(self._house, organization_id):
            self._backlog.wake(organization_id)

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()


def _mailer(settings: Settings) -> Mailer | None:
    """Who hands in mail; nobody where the operator names no mail server."""
    if not settings.smtp_host:
        return None
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        user=settings.smtp_user,
        password=settings.smtp_password,
        security=settings.smtp_security,
    )
    return Mailer(server)


def _alarmist(house: House, settings: Settings) -> Alarmist | None:
    """Who warns people by mail, where there is a mail server."""
    mailer = _mailer(settings)
    if mailer is None:
        return None
    return Alarmist(house.engine, mailer, clock=house.clock, base_url=settings.base_url)


def postman_of(house: House, settings: Settings) -> Postman | None:
    """Who hands in mail about cases, where there is a mail server."""
    mailer = _mailer(settings)
    return None if mailer is None else Postman(house, mailer)


def herald_of(house: House, settings: Settings) -> Herald:
    """Who tells those who have booked."""

    def calendar_file(booked: Booked, url: str) -> bytes:
        return calendar([(booked.appointment, booked.case)], booked.directory, url=url)

    return Herald(
        house,
        _mailer(settings),
        base_url=settings.base_url,
        write=written,
        calendar_file=calendar_file,
    )


def fetcher_of(house: House, settings: Settings) -> Fetcher | None:
    """Who fetches answers, where there is a mailbox for them."""
    if not settings.imap_host:
        return None
    server = ImapServer(
        host=settings.imap_host,
        port=settings.imap_port,
        user=settings.imap_user,
        password=settings.imap_password,
        security=settings.imap_security,
        folder=settings.imap_folder,
        done=settings.imap_done,
        aside=settings.imap_aside,
    )
    return Fetcher(house, server, settings.imap_organization, every=settings.imap_seconds)


def guard_of(settings: Settings) -> Guard:
    """What outgoing requests may reach: the world, and what the operator allows besides."""
    names = [name.strip() for name in settings.allowed_networks.split(",") if name.strip()]
    ports = [port.strip() for port in settings.allowed_ports.split(",") if port.strip()]
    try:
        return Guard(
            allowed_networks=tuple(ip_network(name) for name in names),
            ports=Guard().ports | {int(port) for port in ports},
            https_only=not settings.allow_http,
        )
    except ValueError as wrong:
        raise BadSettings(f"NOWSERVING_ALLOWED_NETWORKS or _PORTS: {wrong}") from None
