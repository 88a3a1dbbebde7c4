"""People who ask servers over HTTP, and write down what they asked and what they heard."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import uuid4

import aiohttp

from tests.rig.history import History, Said
from tests.rig.server import Office, Server

PATIENCE = aiohttp.ClientTimeout(total=20)
BEFORE_ASKING_AGAIN = 0.01
"""Seconds."""

UNKNOWN = (aiohttp.ClientError, TimeoutError, OSError)

Ask = Callable[[Server], Awaitable[Said]]


@dataclass
class Town:
    """Everybody who comes to an office: what they share is the servers and the history."""

    office: Office
    servers: Sequence[Server]
    session: aiohttp.ClientSession
    history: History = field(default_factory=History)

    @property
    def unit(self) -> str:
        return str(self.office.facts["units"][0]["id"])

    @property
    def queues(self) -> list[str]:
        return [queue["id"] for queue in self.office.facts["queues"]]

    @property
    def desks(self) -> list[str]:
        return [desk["id"] for desk in self.office.facts["desks"]]

    async def version_of(self, case: str) -> int | None:
        """The version of a case that any server tells; None if it tells nothing."""
        server = random.choice(self.servers)
        try:
            async with self.session.get(
                f"{server.address}/api/v1/cases/{case}", headers=_bearer(self.office.program)
            ) as answer:
                if answer.status == 404:
                    return 0
                if answer.status != 200:
                    return None
                return int((await answer.json())["case"]["version"])
        except UNKNOWN:
            return None

    # --- what can be asked ----------------------------------------------------------

    async def queue_up(
        self, client: str, *, key: str, server: Server, service: int = 0, native: bool = False
    ) -> Said:
        """Take a number: through Cubu's Queue Up, or through our own API."""
        offered = self.office.facts["services"][service]
        if native:
            return await self.ask(
                client,
                "queue_up",
                "/api/v1/cases",
                {"service_id": offered["id"]},
                key=key,
                server=server,
                token=self.office.program,
            )
        application = self.office.facts["application_id"]
        return await self.ask(
            client,
            "queue_up",
            f"/{application}/services/{offered['id']}/cases",
            {"serviceTypeId": offered["service_types"][0]["id"]},
            key=key,
            server=server,
            token=self.office.program,
        )

    async def call_next(
        self,
        client: str,
        *,
        server: Server,
        agent: int,
        key: str | None = None,
        desk: str | None = None,
        queues: Sequence[str] | None = None,
    ) -> Said:
        """Call whoever is next; answered without a case when nobody waits."""
        return await self.ask(
            client,
            "call_next",
            f"/api/v1/units/{self.unit}/call-next",
            {"queue_ids": list(queues or self.queues), "desk_id": desk},
            key=key,
            server=server,
            token=self.office.agents[agent],
        )

    async def move(
        self,
        client: str,
        op: str,
        case: str,
        *,
        server: Server,
        agent: int,
        key: str | None = None,
        **order: Any,
    ) -> Said:
        """Do something to a case."""
        path = f"/api/v1/cases/{case}/{op.replace('_', '-')}"
        token = self.office.agents[agent]
        return await self.ask(client, op, path, order, key=key, server=server, token=token)

    async def leave(self, client: str, link: str, *, server: Server) -> Said:
        """Leave the line, with a ticket's link."""
        path = f"/api/v1/tickets/{link}/leave"
        return await self.ask(client, "leave", path, {}, key=None, server=server, token="")

    # --- asking ---------------------------------------------------------------------

    async def ask(
        self,
        client: str,
        op: str,
        path: str,
        order: dict[str, Any],
        *,
        key: str | None,
        server: Server,
        token: str,
    ) -> Said:
        """Ask once, and write down what came of it."""
        headers = _bearer(token) | ({"Idempotency-Key": key} if key else {})
        said = self.history.ask(client, op, key, server.port)
        try:
            async with self.session.post(
                server.address + path, json=order, headers=headers
            ) as answer:
                body = await answer.text()
                said.status = answer.status
                said.replayed = answer.headers.get("Idempotency-Replayed") == "true"
        except UNKNOWN as unknown:
            said.phase, said.body = "info", f"{type(unknown).__name__}: {unknown}"
        else:
            _understand(said, body)
        said.ended = monotonic()
        return said

    async def until_known(self, ask: Ask) -> Said:
        """Ask again and again, each time with the same key, until the outcome is known.

        Nobody who is told "wait" or nothing at all has an answer: the key makes asking safe.
        """
        while True:
            said = await ask(await self.anybody_up())
            if said.phase in ("ok", "fail"):
                return said
            await asyncio.sleep(BEFORE_ASKING_AGAIN)  # so that a server that starts can start

    async def anybody_up(self) -> Server:
        """A server that is up; waits for one."""
        while not (up := [server for server in self.servers if server.up.is_set()]):
            waits = [asyncio.ensure_future(server.up.wait()) for server in self.servers]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
        return random.choice(up)


def new_key() -> str:
    """An idempotency key that nobody else has."""
    return uuid4().hex


def link_of(said: Said) -> str:
    """The link in the answer to taking a number."""
    told = json.loads(said.body)
    return str(told.get("ticket_url") or told["ticketUrl"]).rpartition("/")[2]


def _understand(said: Said, body: str) -> None:
    """What an answer means for the one who asked."""
    said.body = body
    if said.status in (200, 201, 204):
        said.phase = "ok"
        _read_case(said, json.loads(body) if body else {})
    elif _may_be_asked_again(said.status or 0, body):
        said.phase = "info"
    else:
        said.phase = "fail"


def _may_be_asked_again(status: int, body: str) -> bool:
    return status >= 500 or (status == 409 and any(word in body for word in _AGAIN))


_AGAIN = ("still being worked on", "look again")
"""Of the conflicts, these two ask to be asked again: StillRunning and Stale."""


def _read_case(said: Said, told: dict[str, Any]) -> None:
    if "caseId" in told:
        parts = (told["ticket"][part] for part in ("prefix", "number", "suffix"))
        said.case, said.version = told["caseId"], 1
        said.ticket = "".join(str(part) for part in parts if part is not None)
        return
    case = told.get("case") or told
    said.case, said.version, said.ticket = case.get("id"), case.get("version"), case.get("ticket")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
