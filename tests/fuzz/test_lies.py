"""Attack list S4 on the wire: lengths and chunks that lie."""

import asyncio
from urllib.parse import urlsplit

import httpx

GOOD = b'{"service_number": 1}'
LENGTH = b"Content-Length: %d" % len(GOOD)
CHUNKED = b"Transfer-Encoding: chunked"
ONE_CHUNK = b"%x\r\n%b\r\n0\r\n\r\n" % (len(GOOD), GOOD)

LIES: dict[str, tuple[bytes, bytes]] = {
    "too long a length": (b"Content-Length: 5000", GOOD),
    "too short a length": (b"Content-Length: 2", GOOD),
    "two lengths": (b"Content-Length: 2\r\n" + LENGTH, GOOD),
    "a length below nothing": (b"Content-Length: -1", GOOD),
    "a length with a sign": (b"Content-Length: +21", GOOD),
    "a length in hexadecimal": (b"Content-Length: 0x15", GOOD),
    "a length without end": (b"Content-Length: " + b"9" * 40, GOOD),
    "no length": (b"Content-Length:", GOOD),
    "a length and chunks": (LENGTH + b"\r\n" + CHUNKED, ONE_CHUNK),
    "chunks and a length": (CHUNKED + b"\r\n" + LENGTH, GOOD),
    "chunked twice": (CHUNKED + b", chunked", ONE_CHUNK),
    "chunked, but not last": (b"Transfer-Encoding: chunked, identity", ONE_CHUNK),
    "another word for it": (b"Transfer-Encoding: xchunked", ONE_CHUNK),
    "a blank before the colon": (b"Transfer-Encoding : chunked", ONE_CHUNK),
    "a chunk without a size": (CHUNKED, b"\r\n" + GOOD),
    "a chunk of zz": (CHUNKED, b"zz\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "a chunk below nothing": (CHUNKED, b"-5\r\n" + GOOD),
    "a chunk that is shorter": (CHUNKED, b"ff\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "a chunk that is longer": (CHUNKED, b"2\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "no last chunk": (CHUNKED, b"%x\r\n%b\r\n" % (len(GOOD), GOOD)),
    "a chunk without end": (CHUNKED, b"f" * 30 + b"\r\n" + GOOD),
}


async def test_lengths_and_chunks_that_lie_break_nothing(served: str) -> None:
    host, port = urlsplit(served).hostname, urlsplit(served).port
    for name, (headers, body) in LIES.items():
        head = b"POST /api/v1/cases HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n"
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(head + body)
        writer.write_eof()
        async with asyncio.timeout(60):
            said = await reader.read()
        writer.close()
        statuses = [
            int(line.split()[1]) for line in said.split(b"\n") if line.startswith(b"HTTP/1")
        ]
        assert all(400 <= status < 500 for status in statuses), (name, said)
    async with httpx.AsyncClient() as asking:
        assert (await asking.get(f"{served}/healthz")).status_code == 200
