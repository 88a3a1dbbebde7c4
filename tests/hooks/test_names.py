"""Names are found without threads: a name service that is silent delays only its own names."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from dns import flags, message, rcode, rrset

from nowserving.hooks.guard import Guard
from nowserving.hooks.names import Names, NamesHere, NoServer
from nowserving.hooks.post import Poster
from nowserving.hooks.retries import our_outage
from nowserving.kit.clock import wall
from tests.hooks import receivers
from tests.hooks.receivers import FINE, near, receiving, saying
from tests.journal.facts import until

MANY = 100
"""More than threads that look names up, of which uvloop has four and asyncio six and more."""


class NameService(asyncio.DatagramProtocol):
    """Knows `there.test`, knows that there is no `none.test`, and is silent about all others."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, asked: bytes, whose: tuple[str, int]) -> None:
        question = message.from_wire(asked)
        [about] = question.question
        name = about.name.to_text(omit_final_dot=True)
        self.asked.add(name)
        answer = message.make_response(question)
        answer.flags |= flags.RA
        if name == "none.test":
            answer.set_rcode(rcode.NXDOMAIN)
        elif name == "broken.test":
            answer.set_rcode(rcode.SERVFAIL)
        elif name != "there.test":
            return
        elif about.rdtype == 1:
            answer.answer.append(rrset.from_text(about.name, 5, "IN", "A", "127.0.0.1"))
        self.transport.sendto(answer.to_wire(), whose)


@pytest.fixture
async def service() -> AsyncIterator[NameService]:
    transport, service = await asyncio.get_running_loop().create_datagram_endpoint(
        NameService, local_addr=("127.0.0.1", 0)
    )
    yield service
    transport.close()


@pytest.fixture
async def names(service: NameService) -> AsyncIterator[Names]:
    port = service.transport.get_extra_info("sockname")[1]
    names = Names([f"127.0.0.1:{port}"])
    yield names
    await names.close()


async def test_silent_names_delay_no_other(service: NameService, names: Names) -> None:
    async with receiving(saying(FINE)) as far, Poster(near(far), clock=wall, names=names) as poster:
        waiting = [
            asyncio.create_task(poster.post(f"http://{at}.silent.test:{far.port}/", b"", {}))
            for at in range(MANY)
        ]
        await until(lambda: len(service.asked) == MANY)
        answer = await poster.post(f"http://there.test:{far.port}/", b"", {}, timeout=60)
        assert (answer.status, answer.error) == (200, None)
        for task in waiting:
            task.cancel()


async def test_nobody_looks_a_name_up_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)
    async with receiving(saying(FINE)) as far:
        guard = near(far, networks="127.0.0.0/8 ::1/128")
        async with Poster(guard, clock=wall) as poster:
            answer = await poster.post(f"http://localhost:{far.port}/", b"", {})
    assert (answer.status, answer.error) == (200, None)


async def test_what_no_server_knows_the_machine_may_know(names: Names) -> None:
    machine = receivers.Names(["127.0.0.7"])
    here = NamesHere(names, machine)
    assert [found["host"] for found in await here.resolve("there.test")] == ["127.0.0.1"]
    assert machine.asked == 0
    assert [found["host"] for found in await here.resolve("none.test")] == ["127.0.0.7"]
    with pytest.raises(OSError, match="DNS"):
        await here.resolve("broken.test")
    assert machine.asked == 1


@pytest.fixture
async def nobody() -> AsyncIterator[Names]:
    """No name server where there should be one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    names = Names([f"127.0.0.1:{port}"])
    yield names
    await names.close()


async def test_without_a_name_server_it_is_our_own_outage(nobody: Names) -> None:
    """Else attempts would be used up while we have no network, and endpoints disabled for it."""
    async with Poster(Guard(), clock=wall, names=nobody) as poster:
        answer = await poster.post("https://crm.example/", b"", {})
    assert (answer.status, answer.error) == (None, "no name server can be reached")
    assert our_outage(answer)


async def test_without_a_name_server_the_machine_may_know(nobody: Names) -> None:
    here = NamesHere(nobody, receivers.Names(["127.0.0.7"]))
    assert [found["host"] for found in await here.resolve("printer.local")] == ["127.0.0.7"]
    with pytest.raises(NoServer):
        await NamesHere(nobody, nobody).resolve("none.test")


async def test_a_name_that_is_none_is_not_our_outage(names: Names) -> None:
    async with Poster(Guard(), clock=wall, names=names) as poster:
        for name in ("none.test", "broken.test"):
            answer = await poster.post(f"https://{name}/", b"", {})
            assert (answer.error, our_outage(answer)) == ("the name could not be resolved", False)
