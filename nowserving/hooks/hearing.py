"""How an answer is heard: on a clean connection, and only so much of it."""

import asyncio
import functools
import re
from typing import Any
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_parser import RawResponseMessage
from aiohttp.tracing import Trace

MOST_BODY = 64 * 1024
MOST_HEARD = 8 * MOST_BODY
"""Bytes of one answer with all that goes before, between and after its body."""

EARLY = 8
"""Heads before that of the answer that are told from what stands behind them: each costs time."""

_BLANK_LINE = re.compile(rb"\n\r?\n")


class Connector(aiohttp.TCPConnector):
    """Keeps connections, but none on which the far end has spoken unasked meanwhile.

    What it said would be taken for the answer to the next post.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        ear: type[ResponseHandler] = _Ear
        self._factory = functools.partial(ear, loop=asyncio.get_running_loop())
        self._known = WeakSet[asyncio.BaseProtocol]()

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        """Hand out a clean kept connection, or a new one."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            assert protocol is not None
            if protocol not in self._known or not protocol.should_close:
                self._known.add(protocol)
                return connection
            connection.close()


class TooLong(aiohttp.ClientPayloadError):
    """There is no end to it, and little of it is of any use."""


class _Ear(ResponseHandler):
    """Hears one answer after the other, and none of them for ever.

    Who floods us with early answers, or with chunks that hold nothing, would keep us busy with them
    until the time is up.
    """

    _heard = 0
    _heads_left = EARLY
    _last = b""

    def set_response_params(self, **params: Any) -> None:
        """Another answer is waited for."""
        self._heard, self._heads_left, self._last = 0, EARLY, b""
        super().set_response_params(**params)

    def feed_data(self, data: tuple[RawResponseMessage, aiohttp.StreamReader], *size: int) -> None:
        """Have the head of an answer, or of an early one that is none yet."""
        if data[0].code >= 200:
            self._heads_left = 0
        super().feed_data(data, *size)

    def data_received(self, data: bytes) -> None:
        """Hear some of it."""
        self._heard += len(data)
        if self._heard <= MOST_HEARD:
            # What comes behind a head may be no HTTP; the head would be forgotten with it.
            while self._heads_left and (end := self._end_of_head(data)):
                self._heads_left -= 1
                super().data_received(data[:end])
                data = data[end:]
            if data:
                super().data_received(data)
        elif self.transport is not None:
            self.set_exception(TooLong())
            if self._payload is not None:
                self._payload.set_exception(TooLong())
            self.transport.abort()

    def _end_of_head(self, data: bytes) -> int:
        """Bytes up to the end of a head; 0 where there is none. Its end may come in pieces."""
        known = self._last + data
        blank = _BLANK_LINE.search(known)
        self._last = b"" if blank else known[-2:]
        return blank.end() - len(known) + len(data) if blank else 0
