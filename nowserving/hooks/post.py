"""One guarded way out: every POST to a URL that somebody gave us goes through here."""

import asyncio
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from types import SimpleNamespace
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from nowserving.hooks.guard import Guard, Refused, VettedNames, narrow_socket
from nowserving.hooks.hearing import MOST_BODY, Connector, TooLong
from nowserving.hooks.names import Names, NamesHere, NoServer
from nowserving.kit.clock import Clock

MOST_WAIT = 3600.0

_OURS = {"Accept-Encoding": "identity", "User-Agent": "Nowserving"}
# These say where a message ends and who it is for; a header from outside never does.
_FRAMING = {
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
_NO_LIMITS = aiohttp.ClientTimeout(total=None)  # one deadline, ours, holds for all of it


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a post. A status beside an error: the body broke off or was too slow."""

    status: int | None
    body: bytes
    error: str | None
    duration: float
    retry_after: float | None


class Poster:
    """Posts wherever the guard lets it, in bounded time and memory, and always answers.

    How many posts run at once is the caller's to say: a limit here over all hosts would
    let dead receivers hold up the living.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        clock: Clock,
        names: AbstractResolver | None = None,
        per_host: int = 8,
        idle: float = 15.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`per_host` connections to one host, kept `idle` seconds; `names` resolves them."""
        self._guard = guard
        self._clock = clock
        self._names = names
        self._per_host = per_host
        self._idle = idle
        self._tls = tls

    async def __aenter__(self) -> Self:
        names = self._names or Names()
        self._resolver = names
        self._guarded = self._session(
            resolver=VettedNames(self._guard, names), socket_factory=self._guard.open_socket
        )
        # The operator's own origins have connections of their own, which are not questioned.
        self._trusted = self._session(resolver=NamesHere(names), socket_factory=narrow_socket)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._guarded.close()
        await self._trusted.close()
        if self._names is None:
            await self._resolver.close()

    async def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        timeout: float = 15.0,
        method: str = "POST",
    ) -> Answer:
        """Post once and tell what came of it within `timeout` seconds, whatever it was.

        `method`: where the far end wants it put, or got with all in the address.
        """
        heard = _Heard()
        error = None
        began = monotonic()
        try:
            async with asyncio.timeout(timeout):
                await self._exchange(method, self._guard.check(url), body, headers, heard)
        except TimeoutError:
            error = f"waited {timeout:g} s for {heard.awaited}"
        except (aiohttp.ClientError, OSError) as fault:
            error = _say(fault, heard)
        return Answer(
            status=heard.status,
            body=bytes(heard.body[:MOST_BODY]),
            error=error,
            duration=monotonic() - began,
            retry_after=seconds_to_wait(heard.retry_after, now=self._clock()),
        )

    async def _exchange(
        self, method: str, url: URL, body: bytes, headers: Mapping[str, str], heard: "_Heard"
    ) -> None:
        response = await self._send(method, url, body, headers)
        try:
            heard.status = response.status
            heard.retry_after = response.headers.get("Retry-After", "")
            async for piece in response.content.iter_any():
                heard.body += piece
                if len(heard.body) >= MOST_BODY:
                    break
        finally:
            # What was not read is not waited for. A response read to its end has given its
            # connection back already.
            response.close()

    async def _send(
        self, method: str, url: URL, body: bytes, headers: Mapping[str, str]
    ) -> aiohttp.ClientResponse:
        """Send, and again when a kept connection turns out to have been closed meanwhile.

        A receiver may then see the post twice, as it may with any retry.
        """
        session = self._trusted if self._guard.trusts(url) else self._guarded
        passed_on = {k: v for k, v in headers.items() if k.lower() not in _FRAMING}
        while True:  # each turn uses up a kept connection, or is the last
            trip = _Trip()
            try:
                return await session.request(
                    method,
                    url,
                    data=body or None,
                    headers=passed_on,
                    allow_redirects=False,
                    trace_request_ctx=trip,
                )
            except aiohttp.ClientConnectionError:
                if not trip.on_kept_connection:
                    raise

    def _session(
        self, *, resolver: AbstractResolver, socket_factory: aiohttp.SocketFactoryType
    ) -> aiohttp.ClientSession:
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(_note_kept_connection)
        return aiohttp.ClientSession(
            connector=Connector(
                ssl=self._tls or True,
                resolver=resolver,
                socket_factory=socket_factory,
                limit=0,
                limit_per_host=self._per_host,
                keepalive_timeout=self._idle,
            ),
            headers=_OURS,
            timeout=_NO_LIMITS,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            max_line_size=8190,
            max_field_size=8190,
            max_headers=64,
            trace_configs=[trace],
        )


def seconds_to_wait(retry_after: str, *, now: datetime) -> float | None:
    """Read a Retry-After header, seconds or a date; at most an hour, None when it is neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        digits = text.lstrip("0")
        return MOST_WAIT if len(digits) > 4 else min(float(digits or 0), MOST_WAIT)
    try:
        until = parsedate_to_datetime(text)
        wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(wait.total_seconds(), 0.0), MOST_WAIT)


@dataclass(slots=True)
class _Heard:
    """What has come back so far; it stands even when the rest never comes."""

    status: int | None = None
    retry_after: str = ""
    body: bytearray = field(default_factory=bytearray)

    @property
    def awaited(self) -> str:
        return "an answer" if self.status is None else "the end of the answer"


@dataclass(slots=True)
class _Trip:
    """Whether a request went out on a connection kept from before."""

    on_kept_connection: bool = False


async def _note_kept_connection(
    _session: aiohttp.ClientSession, trace: SimpleNamespace, _: object
) -> None:
    trace.trace_request_ctx.on_kept_connection = True


def _say(fault: aiohttp.ClientError | OSError, heard: _Heard) -> str:
    """In our own words: a library's text may quote the URL or the headers, and so a secret."""
    cause = getattr(fault, "os_error", fault)
    if isinstance(cause, Refused | NoServer):
        return str(cause)
    if isinstance(fault, aiohttp.ClientConnectorCertificateError):
        why = getattr(fault.certificate_error, "verify_message", "")
        return f"the certificate is not accepted: {why}"
    for kind, words in _WORDS.items():
        if isinstance(fault, kind):
            return words
    if isinstance(fault, aiohttp.ClientConnectorError):
        return f"could not connect: {os.strerror(fault.errno) if fault.errno else 'closed'}"
    return f"the connection was lost before {heard.awaited}"


_WORDS: dict[type[aiohttp.ClientError], str] = {
    TooLong: "the answer is too long",
    aiohttp.ClientConnectorDNSError: "the name could not be resolved",
    aiohttp.ClientSSLError: "no secure connection could be agreed on",
    aiohttp.ClientResponseError: "the answer is not HTTP, or its head is too large",
    aiohttp.ClientPayloadError: "the answer broke off",
}
