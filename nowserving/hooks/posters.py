"""The guarded way out, and one of its own for each origin that the operator trusts."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import lru_cache
from typing import Self

from yarl import URL

from nowserving.hooks.guard import Guard, Refused
from nowserving.hooks.names import Names
from nowserving.hooks.post import Answer, Poster
from nowserving.kit.clock import Clock

PER_HOST = 64
"""Connections to one host, whoever's endpoints are there."""


class Posters:
    """Posts for everybody, wherever the guard or the operator lets it."""

    def __init__(self, guard: Guard, *, clock: Clock, per_host: int = PER_HOST) -> None:
        """`per_host`: connections to one host at once."""
        self._guard = guard
        self._clock = clock
        self._per_host = per_host
        self._trusted: dict[str, Poster] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._names = Names()
        self._stack.push_async_callback(self._names.close)
        self._common = await self._stack.enter_async_context(self._poster(self._guard))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        timeout: float,
        trusted: bool = False,
        method: str = "POST",
    ) -> Answer:
        """Post once; `trusted`: the operator allows this very origin, wherever it leads."""
        poster = await self._poster_for(url) if trusted else self._common
        return await poster.post(url, body, headers, timeout=timeout, method=method)

    async def _poster_for(self, url: str) -> Poster:
        try:
            origin = str(URL(url).origin())
            if origin not in self._trusted:
                poster = self._poster(self._guard.allowing(url))
                self._trusted[origin] = await self._stack.enter_async_context(poster)
        except (ValueError, Refused):
            return self._common  # which says what is wrong with it
        return self._trusted[origin]

    def _poster(self, guard: Guard) -> Poster:
        return Poster(guard, clock=self._clock, names=self._names, per_host=self._per_host)


@lru_cache(maxsize=4096)
def host_of(url: str) -> str:
    """To which connections lead that posts to this URL share; the URL itself if it is none."""
    try:
        return str(URL(url).origin())
    except ValueError:
        return url
