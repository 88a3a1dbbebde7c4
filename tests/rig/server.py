"""Real servers on a branch of their own: started, killed, stopped, frozen, started again."""

import asyncio
import json
import random
import shutil
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

from nowserving.actions.house import House
from nowserving.actions.sign_in import issue_token, sign_in
from nowserving.kit.vault import Vault
from nowserving.main import demo
from nowserving.store.engines import open_engine
from tests.rig.mother import Child, Mother

PORTS = range(15_000, 32_000)
"""Below the ports that a system lends to whoever connects, so that ours is free again at once."""

TOKENS = "tokens.json"

PATIENCE = 120.0
"""Seconds after which a server that is not ready is not waited for any more."""


class ServerFailed(Exception):
    """A server did not start, or did not do what it was told."""


@dataclass(frozen=True)
class Office:
    """A branch with its database, ready to be served."""

    data: Path
    database_url: str
    facts: dict[str, Any]

    @property
    def program(self) -> str:
        """The access token of the office's program."""
        return self._tokens()[0]

    @property
    def agents(self) -> list[str]:
        """The agents' tokens; they have signed in already."""
        return self._tokens()[1:]

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def demo_options(self) -> list[str]:
        """For `nowserving demo`: the same folder and database again."""
        return ["--data", str(self.data), "--empty", "--database", self.database_url]

    @property
    def environment(self) -> dict[str, str]:
        """For `nowserving serve`: the same database and key in every process."""
        return {
            "NOWSERVING_DATABASE_URL": self.database_url,
            "NOWSERVING_KEY_FILE": str(self.data / "secret.key"),
            "NOWSERVING_LOG_LEVEL": "warning",
            "NOWSERVING_LOG_FORMAT": "text",
        }

    def _tokens(self) -> list[str]:
        tokens: list[str] = json.loads((self.data / TOKENS).read_text())
        return tokens


async def open_office(data: Path, database_url: str, *, webhook: str | None = None) -> Office:
    """Make a branch in the folder and the database, or go on with the one that is there."""
    wish = demo.Wish(
        data=data,
        port=1,
        fresh=False,
        empty=True,
        database=database_url,
        workers=1,
        webhook_base_url=webhook,
    )
    await demo.prepare(wish)
    facts: dict[str, Any] = json.loads((data / "demo.json").read_text())
    office = Office(data, database_url, facts)
    if not (data / TOKENS).exists():
        await sign_everybody_in(office)
    return office


async def sign_everybody_in(office: Office) -> None:
    """Tokens for the program and each agent; their hashes are in the database now."""
    facts = office.facts
    organization_id = UUID(facts["organization_id"])
    engine = await open_engine(office.database_url, connections=2)
    try:
        house = House(engine, Vault.from_text((office.data / "secret.key").read_text()))
        token, _ = await issue_token(
            house,
            organization_id=organization_id,
            client_id=UUID(facts["client_id"]),
            secret=facts["client_secret"],
        )
        tokens = [token]
        for agent in facts["agents"]:
            login, password = agent["login"], agent["password"]
            token, _ = await sign_in(
                house, organization_id=organization_id, login=login, password=password
            )
            tokens.append(token)
    finally:
        await engine.close()
    (office.data / TOKENS).write_text(json.dumps(tokens))


async def copy_of(office: Office, data: Path, database_url: str, *, webhook: str | None) -> Office:
    """The same branch in a database of its own; PostgreSQL's was copied before."""
    shutil.copytree(office.data, data)
    (data / "nowserving.db.lock").unlink(missing_ok=True)
    return await open_office(data, database_url, webhook=webhook)


@dataclass
class Server:
    """One `nowserving` on one port, with whatever processes it starts."""

    mother: Mother
    arguments: list[str]
    environment: Mapping[str, str]
    port: int
    log: Path
    up: asyncio.Event = field(default_factory=asyncio.Event)
    child: Child | None = None

    @classmethod
    def demo(cls, mother: Mother, office: Office, *options: str) -> "Server":
        """`nowserving demo`, on the office's folder and database."""
        port = free_port()
        arguments = ["demo", "--port", str(port), *office.demo_options, *options]
        return cls(mother, arguments, {}, port, office.data / f"server-{port}.log")

    @classmethod
    def serve(cls, mother: Mother, office: Office, *options: str) -> "Server":
        """`nowserving serve`: several of these may share a PostgreSQL database."""
        port = free_port()
        arguments = ["serve", "--port", str(port), *options]
        log = office.data / f"server-{port}.log"
        return cls(mother, arguments, office.environment, port, log)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, *, cold: bool = False, ready: bool = True) -> float:
        """Start, and wait until it is ready, unless it may die before; how many seconds?"""
        began = monotonic()
        self.child = await self.mother.bear(
            self.arguments, self.environment, log=self.log, cold=cold
        )
        if ready:
            await self.answers()
        self.up.set()
        return monotonic() - began

    async def answers(self) -> None:
        """Wait until it is ready."""
        began = monotonic()
        assert self.child is not None
        while not await self.ready():
            if self.child.gone.done():
                raise ServerFailed(f"{self.arguments} ended: {self.said()}")
            if monotonic() - began > PATIENCE:
                raise ServerFailed(f"{self.arguments} is not ready: {self.said()}")
            await asyncio.sleep(0.01)

    async def ready(self) -> bool:
        """Does it say that it can work?"""
        return await status_of("127.0.0.1", self.port, "/readyz") == 200

    async def kill(self) -> None:
        """kill -9 of the whole group."""
        self.up.clear()
        self._signal(signal.SIGKILL)
        await self.gone()

    async def stop(self) -> int:
        """Ask it to stop; its exit code."""
        self.up.clear()
        self._signal(signal.SIGTERM)
        return await self.gone()

    def freeze(self) -> None:
        """Let it do nothing until it thaws."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def gone(self) -> int:
        """Wait until it has ended; its exit code."""
        assert self.child is not None
        return await asyncio.wait_for(asyncio.shield(self.child.gone), PATIENCE)

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text()[-3000:] if self.log.exists() else ""

    async def close(self) -> None:
        """Gone, if it was ever there."""
        if self.child is not None and not self.child.gone.done():
            self.thaw()
            await self.kill()

    def _signal(self, number: int) -> None:
        assert self.child is not None
        self.child.signal(number)


async def status_of(host: str, port: int, path: str) -> int | None:
    """The status of a GET; None if nobody answers."""
    with suppress(OSError, ValueError, IndexError, TimeoutError):
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                asked = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
                writer.write(asked.encode())
                return int((await reader.readline()).split()[1])
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    return None


def free_port() -> int:
    """A port that nobody has, and that nobody is lent."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
