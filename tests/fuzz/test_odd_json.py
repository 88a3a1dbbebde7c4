"""Attack list S4 at every door: odd and oversized JSON is refused in the door's own words."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from nowserving.dialects.wolkvox.routes import PREFIX
from nowserving.kit.http import BODY_AT_MOST
from nowserving.main.watching import Watching
from tests.fuzz.odd_json import Odd, corpus
from tests.fuzz.pieces import Call
from tests.fuzz.telling import LANGUAGES, answer_to
from tests.fuzz.world import World

REFUSED = (400, 413, 417, 422)


@dataclass(frozen=True)
class Door:
    """Where somebody joins a line or opens a case in a language.

    `member` holds a text, or else what is most like one.
    """

    path: str
    headers: dict[str, str]
    good: dict[str, Any]
    member: str

    def call(self, content: bytes) -> Call:
        """A call with this body."""
        return Call("POST", self.path, content, self.headers, self.path)

    def told(self, odd: Odd) -> Call:
        """The call in which a case stands."""
        if odd.whole:
            return self.call(odd.text)
        name = "x" if odd.refused else self.member
        rest = {key: value for key, value in self.good.items() if key != name}
        return self.call(
            json.dumps(rest).encode()[:-1] + b', "%b": %b}' % (name.encode(), odd.text)
        )


def doors(world: World) -> dict[str, Door]:
    """One for each language."""
    cubu = world.cubu
    service = cubu.services[0]
    as_json = {"Content-Type": "application/json"}
    return {
        "cubu": Door(
            cubu.address(service.id), cubu.headers, {**cubu.body(service), "y": 1}, "contactEmail"
        ),
        "qflow": Door(
            "/API/Cases", {"X-API-Key": world.qflow.key, **as_json}, {"ServiceId": 1}, "Notes"
        ),
        "vcc": Door(
            "/v2/projects/2/records",
            {"Authorization": f"Basic {world.vcc.basic}"},
            {"form": {"name": "Ada"}, "premium": 1},
            "form",
        ),
        "wolkvox": Door(
            f"{PREFIX}/cases/insert.php",
            {"Wolkvox-Token": world.crm.token, **as_json},
            world.crm.case,
            "description",
        ),
        "native": Door(
            "/api/v1/cases",
            {"Authorization": f"Bearer {world.native.token}"},
            {"service_number": 1},
            "name",
        ),
    }


async def test_300_odd_bodies_are_refused_or_taken_in_every_language(world: World) -> None:
    async def told(name: str, door: Door) -> None:
        good = json.dumps(door.good).encode()
        taken = await answer_to(world, door.call(good))
        assert taken.status_code in (200, 201), (name, taken.text)
        for odd in corpus(good):
            call = door.told(odd)
            answer = await answer_to(world, call)
            LANGUAGES[name].check(call, answer)
            if odd.refused:
                assert answer.status_code in REFUSED, (name, odd.name, answer.text)

    async with asyncio.TaskGroup() as at_once:
        for name, door in doors(world).items():
            at_once.create_task(told(name, door))


async def test_100_mb_are_refused_at_the_limit_in_every_language(world: World) -> None:
    for name, door in doors(world).items():
        came = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal came
            yield b'{"x": ['
            for _ in range(1600):
                came += 65_536
                yield b"1," * 32_768

        for announced in ({}, {"Content-Length": str(100 * 2**20)}):
            came = 0
            answer = await world.client.post(
                door.path, content=endless(), headers={**door.headers, **announced}
            )
            assert answer.status_code == 413, (name, answer.text)
            LANGUAGES[name].check(door.call(b""), answer)
            unread = announced and name != "wolkvox"  # where files may come in a body
            assert came <= (0 if unread else BODY_AT_MOST + 65_536), name


async def test_a_body_that_does_not_come_is_waited_for_so_long_and_no_longer(
    world: World, app: Watching
) -> None:
    app.patience = 0.05
    never = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b'{"x": ['
        await never.wait()
        yield b"1]}"

    async def ask(path: str, headers: dict[str, str]) -> httpx.Response:
        return await world.client.post(path, content=slow(), headers=headers)

    for name, door in doors(world).items():
        answer = await ask(door.path, door.headers)
        assert answer.status_code == 408, (name, answer.text)
        LANGUAGES[name].check(door.call(b""), answer)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    page = await ask("/desk/sign-in", form)
    assert (page.status_code, "took too long" in page.text) == (408, True)
