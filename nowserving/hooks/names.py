"""Looking up names without threads, so that a name service that is silent delays only its own.

What the system offers for it keeps a thread until somebody answers or ten seconds and more are
over, and there are four of them: four names of somebody who means us ill, or whose name server
is gone, and no other name is found any more, not even that of the database.
"""

import socket
from collections.abc import Sequence

import aiohttp
from aiodns.error import ARES_ECONNREFUSED, ARES_ENODATA, ARES_ENOTFOUND, DNSError
from aiohttp.abc import AbstractResolver, ResolveResult

TRIES = 5
"""The first waits a quarter of a second or more, each other twice as long as the one before."""

NO_SERVER = "no name server can be reached"

_UNKNOWN = (ARES_ENODATA, ARES_ENOTFOUND)


class NoServer(OSError):
    """We have no network, or whoever finds names for us is gone: the far end has no part in it."""

    def __str__(self) -> str:
        return NO_SERVER


class Names(AbstractResolver):
    """Asks the name servers of /etc/resolv.conf, and /etc/hosts before them."""

    def __init__(self, servers: Sequence[str] | None = None) -> None:
        """`servers`: others to ask, as in `127.0.0.1:5353`."""
        self._servers = aiohttp.AsyncResolver(nameservers=servers, tries=TRIES)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a name. NoServer where nobody can be asked."""
        try:
            return await self._servers.resolve(host, port, family)
        except OSError as failure:
            if _why(failure) == ARES_ECONNREFUSED:
                raise NoServer from failure
            raise

    async def close(self) -> None:
        """Ask nobody any more."""
        await self._servers.close()


class NamesHere(AbstractResolver):
    """Asks the machine as well, which may have other ways to know a name: for the operator's own.

    Only what the servers say does not exist, or where there are none: it is over quickly then.
    """

    def __init__(self, names: AbstractResolver, machine: AbstractResolver | None = None) -> None:
        self._names = names
        self._machine = machine or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a name."""
        try:
            return await self._names.resolve(host, port, family)
        except OSError as failure:
            if _why(failure) not in _UNKNOWN and not isinstance(failure, NoServer):
                raise
            try:
                return await self._machine.resolve(host, port, family)
            except OSError:
                raise failure from None

    async def close(self) -> None:
        """The names belong to whoever gave them."""
        await self._machine.close()


def _why(failure: OSError) -> int | None:
    why = failure.__cause__
    return why.args[0] if isinstance(why, DNSError) else None
