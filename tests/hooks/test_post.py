"""However a receiver misbehaves, a post ends in time, in little memory, and with an answer."""

import asyncio
import datetime as dt
import gzip
import socket
import ssl
import struct
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nowserving.hooks.guard import Guard
from nowserving.hooks.hearing import MOST_BODY, MOST_HEARD
from nowserving.hooks.post import Answer, Poster, seconds_to_wait
from tests.hooks.receivers import (
    FINE,
    Names,
    Read,
    Story,
    Write,
    a_request,
    canary,
    near,
    receiving,
    saying,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PATIENCE = 0.2
"""Seconds for receivers of which nothing is to be expected."""
LONGER = 1.0
"""Seconds for those who begin well, and do not end."""
AMPLE = 30.0
"""Seconds in which all others answer, however busy the machine is."""
SECRET = "whsec_never_to_be_told"
HEADERS = {"Content-Type": "application/json", "Webhook-Signature": SECRET}


def noon() -> datetime:
    return NOON


def a_poster(guard: Guard, names: Names | None = None) -> Poster:
    return Poster(guard, clock=noon, names=names)


async def what_comes_of(story: Story, *, body: bytes = b"{}", patience: float = AMPLE) -> Answer:
    """Post once to a receiver with this story; the duration is checked and put aside."""
    async with receiving(story) as far, a_poster(near(far)) as poster:
        answer = await poster.post(f"{far.url}?key={SECRET}", body, HEADERS, timeout=patience)
    assert answer.duration < patience + AMPLE
    assert SECRET not in str(answer.error)
    return replace(answer, duration=0.0)


def nothing(error: str) -> Answer:
    return Answer(status=None, body=b"", error=error, duration=0.0, retry_after=None)


def heard(status: int, body: bytes = b"", error: str | None = None) -> Answer:
    return Answer(status=status, body=body, error=error, duration=0.0, retry_after=None)


LATE = f"waited {PATIENCE:g} s for an answer"
LATE_END = f"waited {LONGER:g} s for the end of the answer"
UNREADABLE = "the answer is not HTTP, or its head is too large"
BROKEN = "the answer broke off"
LOST = "the connection was lost before an answer"
TOO_LONG = "the answer is too long"


# --- receivers that behave --------------------------------------------------------------


async def test_a_post_arrives_as_it_was_sent() -> None:
    requests = []

    async def story(reader: Read, writer: Write) -> None:
        requests.append(await a_request(reader))
        writer.write(FINE)

    async with receiving(story) as far, a_poster(near(far)) as poster:
        answer = await poster.post(
            far.url + "?a=%2F",
            b'{"n": 1}',
            {"Content-Type": "application/json", "Webhook-Id": "1", "Content-Length": "999",
             "Host": "elsewhere.example", "Transfer-Encoding": "chunked", "Expect": "x"},
        )  # fmt: skip

    head, body = requests[0]
    line, *fields = head.decode().strip().split("\r\n")
    assert replace(answer, duration=0.0) == heard(200, b"fine")
    assert 0 < answer.duration < AMPLE
    assert (line, body) == ("POST /hook?a=%2F HTTP/1.1", b'{"n": 1}')
    assert sorted(fields) == [
        "Accept-Encoding: identity",
        "Accept: */*",
        "Content-Length: 8",
        "Content-Type: application/json",
        f"Host: 127.0.0.1:{far.port}",
        "User-Agent: Nowserving",
        "Webhook-Id: 1",
    ]


@pytest.mark.parametrize("status", [200, 204, 400, 410, 500])
async def test_every_status_is_an_answer(status: int) -> None:
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n".encode()
    assert await what_comes_of(saying(head)) == heard(status)


async def test_an_answer_may_end_by_closing() -> None:
    assert await what_comes_of(saying(b"HTTP/1.0 200 OK\r\n\r\nall")) == heard(200, b"all")


async def test_a_chunked_answer_is_put_together() -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    assert await what_comes_of(saying(chunks)) == heard(200, b"abc")


async def test_a_kept_connection_is_used_again() -> None:
    async with receiving(saying(FINE, FINE, FINE)) as far, a_poster(near(far)) as poster:
        statuses = [(await poster.post(far.url, b"", {})).status for _ in range(3)]
    assert statuses == [200] * 3
    assert far.connections == 1


async def test_cookies_are_not_kept() -> None:
    heads = []

    async def story(reader: Read, writer: Write) -> None:
        for _ in range(2):
            heads.append((await a_request(reader))[0].lower())
            writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")

    async with receiving(story) as far, a_poster(near(far)) as poster:
        for _ in range(2):
            await poster.post(far.url, b"", {})
    assert len(heads) == 2
    assert not any(b"cookie" in head for head in heads)


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving(saying(FINE)) as far, canary() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with a_poster(near(far)) as poster:
            assert (await poster.post(far.url, b"", {})).status == 200
    assert proxy.connections == 0


# --- receivers that do not --------------------------------------------------------------


async def test_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    guard = Guard().allowing(f"http://127.0.0.1:{port}")
    async with a_poster(guard) as poster:
        answer = await poster.post(f"http://127.0.0.1:{port}/", b"", {})
    assert replace(answer, duration=0.0) == nothing("could not connect: Connection refused")


async def test_blackhole() -> None:
    assert await what_comes_of(staying, patience=PATIENCE) == nothing(LATE)


async def test_never_accepts() -> None:
    """A full backlog: the handshake itself is never answered."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        with socket.create_connection(address):
            guard = Guard().allowing(f"http://127.0.0.1:{address[1]}")
            async with a_poster(guard) as poster:
                answer = await poster.post(
                    f"http://127.0.0.1:{address[1]}/", b"", {}, timeout=PATIENCE
                )
    assert answer.error == LATE
    assert answer.duration < AMPLE


async def test_never_reads_what_we_send() -> None:
    async def story(reader: Read, writer: Write) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await staying(reader, writer)

    answer = await what_comes_of(story, body=bytes(1_000_000), patience=PATIENCE)
    assert answer == nothing(LATE)


async def test_answers_slowly_and_never_reads_what_we_send() -> None:
    async def story(reader: Read, writer: Write) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        await dripping(writer, b"x")

    answer = await what_comes_of(story, body=bytes(1_000_000), patience=LONGER)
    assert (answer.status, answer.error) == (200, LATE_END)


async def test_slow_header_drip() -> None:
    async def story(reader: Read, writer: Write) -> None:
        await a_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nX: ")
        await dripping(writer, b"x")

    assert await what_comes_of(story, patience=PATIENCE) == nothing(LATE)


async def test_slow_body_drip() -> None:
    async def story(reader: Read, writer: Write) -> None:
        await a_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        await dripping(writer, b"x")

    answer = await what_comes_of(story, patience=LONGER)
    assert (answer.status, answer.error) == (200, LATE_END)
    assert set(answer.body) == set(b"x")


async def test_slow_chunk_drip() -> None:
    async def story(reader: Read, writer: Write) -> None:
        await a_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
        await dripping(writer, b"x")

    assert await what_comes_of(story, patience=LONGER) == heard(200, b"", LATE_END)


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n", b"x" * 65_536),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 10_000),
    ],
)
async def test_endless_body(head: bytes, piece: bytes) -> None:
    written = 0

    async def story(reader: Read, writer: Write) -> None:
        nonlocal written
        await a_request(reader)
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            written += len(piece)

    assert await what_comes_of(story) == heard(200, b"x" * MOST_BODY)
    assert written < 20_000_000  # what the sockets between us hold, and not more


async def test_gzip_bomb_body() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    tracemalloc.start()
    answer = await what_comes_of(saying(head.encode() + bomb))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer == heard(200, bomb[:MOST_BODY])
    assert peak < 5_000_000


async def test_reset_mid_body() -> None:
    async def story(reader: Read, writer: Write) -> None:
        await a_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await writer.drain()
        await asyncio.sleep(0.05)
        reset(writer)

    assert await what_comes_of(story) == heard(200, b"half", BROKEN)


async def test_reset_before_an_answer() -> None:
    async def story(reader: Read, writer: Write) -> None:
        await a_request(reader)
        reset(writer)

    assert await what_comes_of(story) == nothing(LOST)


async def test_closes_before_an_answer() -> None:
    assert await what_comes_of(saying(b"")) == nothing(LOST)


async def test_says_200_then_closes() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    assert await what_comes_of(saying(head)) == heard(200, b"", BROKEN)


async def test_says_more_than_it_announced() -> None:
    """What comes too much is not taken for the answer to the next post."""
    ghost = FINE.replace(b"fine", b"evil")
    async with receiving(saying(FINE + ghost, FINE)) as far, a_poster(near(far)) as poster:
        bodies = [(await poster.post(far.url, b"", {})).body for _ in range(2)]
    assert bodies == [b"fine", b"fine"]
    assert far.connections == 2


@pytest.mark.parametrize(
    ("said", "status", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", 204, b""),
        (b"HTTP/1.1 204 No Content\r\n\r\nok", 204, b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!!", 200, b"ok"),
    ],
)
async def test_says_what_does_not_belong_there(said: bytes, status: int, body: bytes) -> None:
    """It is an answer all the same, or what was taken would be told again for days."""
    async with receiving(saying(said, FINE)) as far, a_poster(near(far)) as poster:
        answers = [await poster.post(far.url, b"", {}) for _ in range(2)]
    assert [replace(answer, duration=0.0) for answer in answers] == [heard(status, body)] * 2
    assert far.connections == 2


async def test_a_head_may_come_in_any_pieces() -> None:
    """Who prints line by line has its blank line sent with what stands behind it."""
    early, head, body = b"HTTP/1.1 103 X\r\n\r\n", b"HTTP/1.1 204 X\r\nA: b\r\n\r\n", b"ok? ok!"
    plain = head.replace(b"\r", b"")
    whole = [head + body, early + head + body, plain + body]
    cut = [(head + body, len(head) - left) for left in range(1, 5)]
    answers = [(said,) for said in whole] + [(said[:at], said[at:]) for said, at in cut]
    for pieces in (*answers, [*(bytes([one]) for one in head), body]):
        assert await what_comes_of(saying_piece_by_piece(*pieces)) == heard(204)


async def test_speaks_before_it_is_asked() -> None:
    """An answer that arrives between two posts belongs to neither."""

    answered, spoken = asyncio.Event(), asyncio.Event()

    async def story(reader: Read, writer: Write) -> None:
        await a_request(reader)
        writer.write(FINE)
        await answered.wait()
        writer.write(FINE.replace(b"fine", b"evil"))
        spoken.set()
        await a_request(reader)
        writer.write(FINE)

    async with receiving(story) as far, a_poster(near(far)) as poster:
        bodies = []
        for _ in range(2):
            bodies.append((await poster.post(far.url, b"", {})).body)
            answered.set()
            await spoken.wait()
            await asyncio.sleep(0.1)  # it is on its way to us
    assert bodies == [b"fine", b"fine"]


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200_000 + b"\r\n",
        b"HTTP/1.1 200 " + b"x" * 1_000_000 + b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00\x01\x02",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    ],
)
async def test_a_head_that_is_too_large_or_no_head(head: bytes) -> None:
    assert await what_comes_of(saying(head)) == nothing(UNREADABLE)


async def test_a_broken_chunk() -> None:
    async def story(reader: Read, writer: Write) -> None:
        await a_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await asyncio.sleep(0.05)
        writer.write(b"zz\r\nhello")

    # aiohttp's quick parser only closes here, and leaves it to the deadline to end the wait.
    answer = await what_comes_of(story, patience=LONGER)
    assert answer in {heard(200, b"", LATE_END), heard(200, b"", BROKEN)}


@pytest.mark.parametrize(
    ("status", "head", "piece"),
    [
        (None, b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (None, b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
        (None, b"", b"\r\n"),
        (200, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
        (200, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    ],
)
async def test_flood_that_is_no_answer(status: int | None, head: bytes, piece: bytes) -> None:
    """Read until the time is up it would keep a processor busy."""

    async def story(reader: Read, writer: Write) -> None:
        await a_request(reader)
        writer.write(head)
        while True:
            writer.write(piece * 100)
            await writer.drain()

    answer = await what_comes_of(story, patience=10 * AMPLE)
    assert (answer.status, answer.body, answer.error) == (status, b"", TOO_LONG)


async def test_each_answer_on_a_kept_connection_may_be_as_long() -> None:
    body = b"x" * (MOST_BODY - 1)
    fine = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    count = MOST_HEARD // MOST_BODY + 2
    async with receiving(saying(*[fine] * count)) as far, a_poster(near(far)) as poster:
        answers = [await poster.post(far.url, b"", {}) for _ in range(count)]
    assert {answer.body for answer in answers} == {body}
    assert far.connections == 1


def test_a_flood_cannot_pile_up_in_our_socket() -> None:
    """What piles up is worked off with no look at the clock; with a wide socket that took ten
    seconds and a gigabyte."""
    found = socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)[0]
    narrow = Guard(allowed_networks=(ip_network("127.0.0.0/8"),)).open_socket(found)
    with narrow:
        assert narrow.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) <= 2 * 32 * 1024


async def test_early_answers_before_the_answer() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3
    assert await what_comes_of(saying(early + FINE)) == heard(200, b"fine")


async def test_switches_protocols() -> None:
    answer = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nxx"
    assert (await what_comes_of(saying(answer))).status == 101


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_nobody_goes_there(status: int) -> None:
    async with canary() as house:
        for location in (
            f"http://127.0.0.1:{house.port}/",
            f"//127.0.0.1:{house.port}/",
            "http://169.254.169.254/latest/meta-data/",
        ):
            head = f"HTTP/1.1 {status} Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
            assert await what_comes_of(saying(head.encode())) == heard(status)
    assert house.connections == 0


async def test_keep_alive_closed_on_reuse() -> None:
    """The second post on a connection is read and not answered; it is sent once more."""

    async def story(reader: Read, writer: Write) -> None:
        await a_request(reader)
        writer.write(FINE)
        await a_request(reader)

    async with receiving(story) as far, a_poster(near(far)) as poster:
        answers = [await poster.post(far.url, b"{}", {}) for _ in range(4)]
    assert [(a.status, a.error) for a in answers] == [(200, None)] * 4
    assert far.connections == 4


async def test_keep_alive_closed_meanwhile() -> None:
    async with receiving(saying(FINE)) as far, a_poster(near(far)) as poster:
        statuses = []
        for _ in range(3):
            statuses.append((await poster.post(far.url, b"{}", {})).status)
            await asyncio.sleep(0.02)
    assert statuses == [200] * 3


async def test_many_posts_to_one_host_share_few_connections() -> None:
    open_now = most = 0

    async def story(reader: Read, writer: Write) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        try:
            while True:
                await a_request(reader)
                await asyncio.sleep(0.005)
                writer.write(FINE)
        finally:
            open_now -= 1

    async with receiving(story) as far, Poster(near(far), clock=noon, per_host=3) as poster:
        answers = await asyncio.gather(*(poster.post(far.url, b"", {}) for _ in range(60)))
    assert {a.status for a in answers} == {200}
    assert most == 3


async def test_dead_receivers_do_not_hold_up_the_living() -> None:
    async with receiving(staying) as dead, receiving(saying(FINE)) as alive:
        guard = near(dead, alive)
        async with a_poster(guard, Names(["127.0.0.1"])) as poster:
            waiting = [
                asyncio.create_task(
                    poster.post(f"http://n{n % 100}.example:{dead.port}/", b"", {}, timeout=LONGER)
                )
                for n in range(300)
            ]
            await asyncio.sleep(0.1)
            living = await poster.post(alive.url, b"", {}, timeout=AMPLE)
            answers = await asyncio.gather(*waiting)
    assert living.status == 200
    assert {answer.error for answer in answers} == {f"waited {LONGER:g} s for an answer"}


async def test_a_name_that_is_none() -> None:
    async with a_poster(Guard(), Names([])) as poster:
        answer = await poster.post("https://nowhere.example/", b"", {})
    assert replace(answer, duration=0.0) == nothing("the name could not be resolved")


async def test_a_name_service_that_never_answers() -> None:
    class Silent(Names):
        async def resolve(self, *_: object) -> list:
            return await asyncio.sleep(3600, [])

    async with a_poster(Guard(), Silent()) as poster:
        answer = await poster.post("https://nowhere.example/", b"", {}, timeout=PATIENCE)
    assert answer.error == LATE
    assert answer.duration < AMPLE


async def test_a_post_that_is_cancelled_says_so() -> None:
    async with receiving(staying) as far, a_poster(near(far)) as poster:
        post = asyncio.create_task(poster.post(far.url, b"", {}))
        await asyncio.sleep(0.05)
        post.cancel()
        with pytest.raises(asyncio.CancelledError):
            await post


async def test_a_header_with_a_line_break_is_our_own_mistake() -> None:
    async with receiving(saying(FINE)) as far, a_poster(near(far)) as poster:
        with pytest.raises(ValueError, match="header"):
            await poster.post(far.url, b"", {"X": "a\r\nY: b"})


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    st.binary(max_size=200)
    | st.builds(
        b"HTTP/1.1 %s\r\n%s\r\n\r\n%s".__mod__,
        st.tuples(
            st.sampled_from([b"200 OK", b"204 No", b"101 Up", b"304", b"999 x", b"100 c"]),
            st.sampled_from(
                [
                    b"Content-Length: 5",
                    b"Transfer-Encoding: chunked",
                    b"Content-Encoding: gzip",
                    b"Location: http://[",
                    b"Set-Cookie: \xff",
                    b"Content-Type: ;;;\xfe",
                    b"Retry-After: \xb2",
                    b"Connection: upgrade\r\nUpgrade: websocket",
                    b"Content-Length: 1\r\nContent-Length: 2",
                    b"Content-Length: 1\r\nTransfer-Encoding: chunked",
                ]
            ),
            st.binary(max_size=100),
        ),
    )
)
async def test_any_bytes_at_all_come_to_an_answer(said: bytes) -> None:
    answer = await what_comes_of(saying(said), patience=0.4)
    assert answer.status is not None or answer.error is not None


# --- secure connections -----------------------------------------------------------------


async def test_tls_stall() -> None:
    async with receiving(staying) as far, a_poster(near(far)) as poster:
        url = far.url.replace("http:", "https:")
        answer = await poster.post(url, b"", {}, timeout=PATIENCE)
    assert answer.error == LATE
    assert answer.duration < AMPLE


async def test_tls_with_somebody_who_does_not_speak_it() -> None:
    mail = saying_at_once(b"220 mail.example ESMTP\r\n")
    async with receiving(mail) as far, a_poster(near(far)) as poster:
        answer = await poster.post(far.url.replace("http:", "https:"), b"", {})
    assert answer.error == "no secure connection could be agreed on"


async def test_tls_is_checked_against_the_name_though_we_connect_to_the_address(
    tmp_path: Path,
) -> None:
    theirs, ours = a_certificate("hooks.example", tmp_path)
    async with receiving(saying(FINE), tls=theirs) as far:
        guard = replace(near(far), https_only=True)
        names = Names(["127.0.0.1"])
        async with Poster(guard, clock=noon, names=names, tls=ours) as poster:
            right = await poster.post(f"https://hooks.example:{far.port}/", b"", {})
            wrong = await poster.post(f"https://other.example:{far.port}/", b"", {})
        async with Poster(guard, clock=noon, names=names) as poster:
            unknown = await poster.post(f"https://hooks.example:{far.port}/", b"", {})
    assert right.status == 200
    assert str(wrong.error).startswith("the certificate is not accepted: Hostname mismatch")
    assert str(unknown.error).startswith("the certificate is not accepted: self")


# --- when to come again -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("1", 1.0),
        ("120", 120.0),
        ("0120", 120.0),
        ("3600", 3600.0),
        ("3601", 3600.0),
        ("1000000000", 3600.0),
        ("9" * 8000, 3600.0),
        ("0" * 8000, 0.0),
        ("Mon, 04 May 2026 12:01:30 GMT", 90.0),
        ("Mon, 04 May 2026 14:01:30 +0200", 90.0),
        ("Mon, 04 May 2026 12:01:30 -0000", 90.0),
        ("Monday, 04-May-26 12:01:30 GMT", 90.0),
        ("Mon May  4 12:01:30 2026", 90.0),
        ("Mon, 04 May 2026 11:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0.0),
        ("Mon, 04 May 99999 12:01:30 GMT", None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("1e3", None),
        ("²", None),
        ("٣", None),
        ("inf", None),
        ("1, 2", None),
    ],
)
async def test_retry_after(header: str, seconds: float | None) -> None:
    assert seconds_to_wait(header, now=NOON) == seconds
    head = f"HTTP/1.1 429 Slow\r\nRetry-After: {header}\r\nContent-Length: 0\r\n\r\n"
    answer = await what_comes_of(saying(head.encode()))
    if len(header) < 8000:
        assert answer == replace(heard(429), retry_after=seconds)


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ [+-]?\w+"))
def test_retry_after_is_bounded_whatever_it_says(header: str) -> None:
    seconds = seconds_to_wait(header, now=NOON)
    assert seconds is None or 0 <= seconds <= 3600


@given(st.integers(-10_000, 10_000))
def test_retry_after_a_date_is_the_time_until_then(seconds: int) -> None:
    until = format_datetime(NOON + timedelta(seconds=seconds), usegmt=True)
    assert seconds_to_wait(until, now=NOON) == min(max(seconds, 0), 3600)


# --- small parts of stories -------------------------------------------------------------


async def staying(reader: Read, writer: Write) -> None:
    await asyncio.sleep(3600)


def saying_piece_by_piece(*pieces: bytes) -> Story:
    """Read one request, and let each piece of the answer arrive before the next."""

    async def story(reader: Read, writer: Write) -> None:
        await a_request(reader)
        for piece in pieces:
            writer.write(piece)
            for _ in range(3):  # it is read in the next turn of our own loop
                await asyncio.sleep(0)

    return story


def saying_at_once(greeting: bytes) -> Story:
    async def story(reader: Read, writer: Write) -> None:
        writer.write(greeting)
        await staying(reader, writer)

    return story


async def dripping(writer: Write, drop: bytes) -> None:
    while True:
        writer.write(drop)
        await writer.drain()
        await asyncio.sleep(0.02)


def reset(writer: Write) -> None:
    """Close with RST in place of FIN."""
    far: socket.socket = writer.get_extra_info("socket")
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def a_certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A receiver's own certificate for a name, and a client that knows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate").write_bytes(certificate.public_bytes(pem))
    (folder / "key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(folder / "certificate", folder / "key")
    return theirs, ssl.create_default_context(cafile=str(folder / "certificate"))
