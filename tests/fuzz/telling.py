"""Sending calls to the application, and what was wrong with the answers."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as some

from tests.fuzz import cubu, native, qflow, vcc, wolkvox
from tests.fuzz.pieces import Call
from tests.fuzz.world import World


class Language(Protocol):
    """A language: what can be said in it, and how an answer must look."""

    calls: Callable[[World], some.SearchStrategy[Call]]
    check: Callable[[Call, httpx.Response], None]


LANGUAGES: dict[str, Language] = {
    "cubu": cubu,  # type: ignore[dict-item]
    "qflow": qflow,  # type: ignore[dict-item]
    "wolkvox": wolkvox,  # type: ignore[dict-item]
    "vcc": vcc,  # type: ignore[dict-item]
    "native": native,  # type: ignore[dict-item]
}

ALL_HEALTHY = list(HealthCheck)


async def answer_to(world: World, call: Call) -> httpx.Response:
    """Send a call, as bytes."""
    headers = [(name.encode(), text.encode("latin-1")) for name, text in call.headers.items()]
    return await world.client.request(call.method, call.path, content=call.content, headers=headers)


@dataclass
class Figures:
    """How many calls of each language were answered how, and what was wrong."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    routes: set[tuple[str, str]] = field(default_factory=set)
    complaints: dict[str, str] = field(default_factory=dict)

    def complain(self, name: str, call: Call, wrong: BaseException) -> None:
        """Note what was wrong, once for each kind of thing."""
        said = re.sub(r"[0-9a-f-]{24,}|\d+", "#", f"{type(wrong).__name__}: {wrong}")[:160]
        self.complaints.setdefault(f"{name} {call.about or call.path} {said}", f"{call}\n  {wrong}")


def tell(
    loop: asyncio.AbstractEventLoop,
    world: World,
    name: str,
    *,
    cases: int,
    chance: int,
    to: Figures,
) -> None:
    """Say so many things in a language; what is wrong is noted, and goes on."""
    language = LANGUAGES[name]

    async def one(call: Call) -> None:
        try:
            answer = await answer_to(world, call)
        except Exception as bug:
            to.statuses[name, 500] += 1
            to.complain(name, call, bug)
            return
        to.statuses[name, answer.status_code] += 1
        try:
            language.check(call, answer)
        except Exception as wrong:
            to.complain(name, call, wrong)

    @seed(chance)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=ALL_HEALTHY,
    )
    @given(call=language.calls(world))
    def told(call: Call) -> None:
        loop.run_until_complete(one(call))

    told()
