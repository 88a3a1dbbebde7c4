"""Attack list S4 at every door: odd and oversized JSON is refused in the door's own words."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx

from nowserving.kit.http import BODY_AT_MOST
from nowserving.main.watching import Watching
from tests.fuzz.doors import REFUSED, Door, doors
from tests.fuzz.odd_json import corpus
from tests.fuzz.telling import LANGUAGES, answer_to
from tests.fuzz.world import World


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
