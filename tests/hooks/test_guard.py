"""Nobody outside can send us to an address of our own house."""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowserving.hooks.guard import Guard, Refused, forbidden
from nowserving.hooks.post import Poster
from nowserving.kit.clock import wall
from tests.hooks.receivers import FINE, Names, canary, near, receiving, saying

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
]
INNER = ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1", "0.0.0.0"]


def carriers(inner: IPv4Address) -> Iterator[IPv6Address]:
    """Every IPv6 address that some machine on the way might turn into this IPv4 address."""
    low = int(inner)
    for prefix in (
        "::ffff:0:0",  # mapped
        "::",  # compatible
        "::ffff:0:0:0",  # SIIT
        "64:ff9b::",
        "64:ff9b:1::",
        "2606:4700::5efe:0:0",  # ISATAP
        "2606:4700::200:5efe:0:0",
    ):
        yield IPv6Address(int(IPv6Address(prefix)) | low)
    yield IPv6Address(0x2002 << 112 | low << 80)
    yield IPv6Address(0x2001 << 112 | low << 64 | 1)  # Teredo: the server, then the client
    yield IPv6Address(0x2001 << 112 | 0x08080808 << 64 | (low ^ 0xFFFF_FFFF))


def spellings(address: str) -> list[str]:
    """The ways to write an IPv4 address that some parser somewhere understands."""
    low = int(IPv4Address(address))
    a, b, c, d = IPv4Address(address).packed
    wide = str.maketrans("0123456789", "０１２３４５６７８９")  # noqa: RUF001
    circled = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
    return [
        address,
        address + ".",
        address + "..",
        str(low),
        str(low + 2**32),
        hex(low),
        hex(low).upper(),
        f"0x{low:016x}",
        f"0x{low + 2**32:x}",
        f"0{low:o}",
        f"000000{low:o}",
        f"{low}.",
        f"{a}.{low & 0xFFFFFF}",
        f"{a}.{b}.{low & 0xFFFF}",
        f"0x{a:x}.{low & 0xFFFFFF}",
        f"0{a:o}.{low & 0xFFFFFF}",
        f"{a}.{b}.0x{low & 0xFFFF:x}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
        f"0x{a:x}.{b}.0{c:o}.{d}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"00000{a:o}.{b}.{c}.{d}",
        f"{a:03}.{b:03}.{c:03}.{d:03}",
        f"{a}.{b}.{c}.{d + 256}",
        f"{a}.{b}.{c}.0x{d:x}",
        f"{a}.{b}.{c}.0x",
        f"{a}.{b}.{c}.{d}.0",
        address.translate(wide),
        address.translate(circled),
        address.replace(".", "。"),
        address.replace(".", "．"),  # noqa: RUF001
        address.replace(".", "｡"),
        address.replace(".", "%2e"),
        "".join(f"%{ord(c):02x}" for c in address),
        f"[{address}]",
        f"[::ffff:{address}]",
        f"[::FFFF:{a:02x}{b:02x}:{c:02x}{d:02x}]",
        f"[0:0:0:0:0:ffff:{address}]",
        f"[0000:0000:0000:0000:0000:ffff:{address}]",
        f"[::{address}]",
        f"[::ffff:0:{address}]",
        f"[64:ff9b::{address}]",
        f"[::ffff:{address}%25lo]",
        *(f"[{carrier}]" for carrier in carriers(IPv4Address(address))),
    ]


def loopback_urls(port: int) -> list[str]:
    """Everything we know that might end at the canary."""
    hosts = [
        *spellings("127.0.0.1"),
        *spellings("127.1.2.3"),
        *spellings("0.0.0.0"),
        "0",
        "0x0",
        "00",
        "127.1",
        "127.0.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "localhost..",
        "ⓛocalhost",
        "loc\u00adalhost",
        "local\thost",
        "local\nhost",
        "local%68ost",
        socket.gethostname(),
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[0000:0000:0000:0000:0000:0000:0000:0001]",
        "[::0001]",
        "[::1%25lo]",
        "[::1%lo]",
        "[fe80::1%25lo]",
        "[fe80::1%251]",
        "[fe80::1]",
        "[v1.localhost]",
        "[localhost]",
    ]
    texts = [
        "http://user@127.0.0.1:{port}/",
        "http://user:word@127.0.0.1:{port}/",
        "http://:@127.0.0.1:{port}/",
        "http://@127.0.0.1:{port}/",
        "http://example.com@127.0.0.1:{port}/",
        "http://example.com:{port}@127.0.0.1:{port}/",
        "http://example.com%40127.0.0.1:{port}/",
        "http://example.com\\@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}\\@example.com/",
        "http://127.0.0.1:{port}#@example.com/",
        "http://127.0.0.1:{port}?@example.com/",
        "http://127.0.0.1:{port}/#example.com",
        "http:\\\\127.0.0.1:{port}/",
        "http:/127.0.0.1:{port}/",
        "http:127.0.0.1:{port}/",
        "http:///127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "127.0.0.1:{port}",
        "localhost:{port}/",
        " http://127.0.0.1:{port}/",
        "http://127.0.0.1:{port}/ HTTP/1.1\r\nX: y",
        "http://127.0.0.1:{port}/\u2028",
        "\thttp://127.0.0.1:{port}/",
        "ht\ntp://127.0.0.1:{port}/",
        "http://127.0.0.1\x00.example.com:{port}/",
        "http://127.0.0.1 .example.com:{port}/",
        "gopher://127.0.0.1:{port}/_x",
        "ftp://127.0.0.1:{port}/",
        "file:///etc/passwd",
        "unix:///run/socket",
        "http+unix://%2Frun%2Fsocket/x",
        "ws://127.0.0.1:{port}/",
        "tcp://127.0.0.1:{port}/",
        "javascript:x",
        "http://",
        "http://:{port}/",
        "http://127.0.0.1:{port}:80/",
        "http://127.0.0.1:0{port}/",
        "http://127.0.0.1:+{port}/",
        "http://127.0.0.1:99999/",
        "http://a..b:{port}/",
        "http://" + "a" * 64 + ":{port}/",
        "http://" + "a." * 127 + "a:{port}/",
        "",
    ]
    return [
        *(f"{scheme}://{host}:{port}/" for host in hosts for scheme in ("http", "HTTP", "https")),
        *(text.format(port=port) for text in texts),
    ]


async def test_no_spelling_of_our_own_address_reaches_it() -> None:
    async with canary() as house:
        urls = loopback_urls(house.port)
        guard = Guard(ports=frozenset({house.port}), https_only=False)
        names = Names(["127.0.0.1"])  # of all that is no address: no real name service is asked
        async with Poster(guard, clock=wall, names=names) as poster:
            errors = [(await poster.post(url, b"{}", {}, timeout=5)).error for url in urls]

        assert len(urls) > 250
        assert [
            url
            for url, error in zip(urls, errors, strict=True)
            if error is None or not error.startswith("refused: ")
        ] == []
        assert house.connections == 0


@pytest.mark.parametrize("inner", INNER)
def test_no_spelling_of_an_inner_address_is_accepted(inner: str) -> None:
    guard = Guard(https_only=False)
    accepted = []
    for host in spellings(inner):
        try:
            accepted.append(guard.check(f"http://{host}/"))
        except Refused:
            continue
    assert accepted == []


@pytest.mark.parametrize("address", PUBLIC)
def test_the_world_is_open(address: str) -> None:
    assert forbidden(ip_address(address)) is None
    host = f"[{address}]" if ":" in address else address
    assert Guard().check(f"https://{host}/hook").port == 443


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("169.254.169.254", "cloud metadata"),
        ("::ffff:169.254.169.254", "cloud metadata"),
        ("100.100.100.200", "cloud metadata"),
        ("168.63.129.16", "cloud metadata"),
        ("fd00:ec2::254", "cloud metadata"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("127.0.0.53", "loopback"),
        ("::1", "loopback"),
        ("172.31.255.255", "private"),
        ("fc00::1", "private"),
        ("fec0::1", "private"),
        ("169.254.0.1", "link-local"),
        ("fe80::1", "link-local"),
        ("100.64.0.1", "shared by a carrier"),
        ("255.255.255.255", "broadcast"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("192.88.99.1", "a translator or tunnel"),
        ("64:ff9b::8.8.8.8", "a translator or tunnel"),
        ("64:ff9b:1::8.8.8.8", "a translator or tunnel"),
        ("2002:808:808::1", "a translator or tunnel"),
        ("2001:0:808:808::1", "a translator or tunnel"),
        ("::8.8.8.8", "a translator or tunnel"),
        ("::ffff:0:8.8.8.8", "a translator or tunnel"),
        ("192.0.2.1", "for documentation or measuring"),
        ("198.19.255.255", "for documentation or measuring"),
        ("2001:db8::1", "for documentation or measuring"),
        ("3fff::1", "for documentation or measuring"),
        ("192.0.0.8", "reserved"),
        ("240.0.0.1", "reserved"),
        ("5f00::1", "reserved"),
        ("100::1", "reserved"),
        ("4000::1", "reserved"),
        ("2606:4700::5efe:10.0.0.1", "private"),
    ],
)
def test_an_address_is_refused_by_its_kind(address: str, why: str) -> None:
    assert forbidden(ip_address(address)) == why


@given(st.ip_addresses())
def test_what_python_holds_for_local_is_refused(address: IPv4Address | IPv6Address) -> None:
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        assert forbidden(address) == forbidden(address.ipv4_mapped)
    elif not address.is_global or address.is_multicast:
        assert forbidden(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_refused_in_every_wrapping(inner: IPv4Address) -> None:
    tunnels = "::/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 2002::/16 2001::/32"
    allowed = tuple(ip_network(tunnel) for tunnel in tunnels.split())
    if forbidden(inner):
        for carrier in carriers(inner):
            assert forbidden(carrier)
            assert int(carrier) <= 1 or forbidden(carrier, allowed=allowed)


@given(
    st.text()
    | st.builds("https://{}/".format, st.text("0123456789abcdefx.:[]%@", max_size=24))
    | st.builds("https:{}".format, st.text("/[]@:.%01\\#?-", max_size=12))
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        target = Guard().check(text)
    except Refused:
        return
    host = target.raw_host
    assert host
    try:
        packed = socket.inet_aton(host)
    except OSError:
        return
    assert str(IPv4Address(packed)) == host
    assert forbidden(IPv4Address(packed)) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "refused: only https is allowed"),
        ("https://example.com:22/", "refused: port 22 is not allowed"),
        ("https://example.com:25/", "refused: port 25 is not allowed"),
        ("https://example.com:6379/", "refused: port 6379 is not allowed"),
        ("https://example.com:0/", "refused: port 0 is not allowed"),
        ("gopher://example.com/", "refused: only http and https are spoken here"),
        ("https://a:b@example.com/", "refused: no user name or password may stand in a URL"),
        ("https://10.0.0.1/", "refused: the address is private"),
        ("https://127.1/", "refused: the host is neither a name nor a plain address"),
        ("https://[fe80::1%25eth0]/", "refused: the host is neither a name nor a plain address"),
        ("https://exam ple.com/", "refused: the URL holds characters that do not belong in one"),
        ("https://example.com:x/", "refused: this is not a URL"),
        ("https://[]@", "refused: this is not a URL"),
    ],
)
def test_a_refused_url_is_told_why(url: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        Guard().check(url)
    assert str(refused.value) == why


def test_a_url_is_sent_as_it_was_written() -> None:
    written = "https://example.com/a%2Fb/%7Ec/../d?sig=%3D%2F%2b+&&x;y"
    assert str(Guard().check(written)) == written


def test_a_name_in_another_script_is_read_as_the_network_reads_it() -> None:
    assert Guard().check("https://Bücher.example/ö").raw_host == "xn--bcher-kva.example"


async def test_a_name_with_one_bad_address_is_refused_whole() -> None:
    async with canary() as house:
        names = Names(["127.0.0.2", "10.0.0.1"])
        async with Poster(near(house, networks="127.0.0.2/32"), clock=wall, names=names) as poster:
            answer = await poster.post(f"http://two.example:{house.port}/", b"", {})

        assert answer.error == "refused: an address of this name is private"
        assert house.connections == 0


async def test_a_name_that_comes_to_lead_inside_is_refused_then() -> None:
    """127.0.0.2 stands for the world, 127.0.0.1 for the house."""
    outside = socket.create_server(("127.0.0.2", 0))
    inside = socket.create_server(("127.0.0.1", outside.getsockname()[1]))
    async with (
        receiving(saying(FINE), on=outside) as world,
        receiving(saying(FINE), on=inside) as house,
    ):
        names = Names(*[["127.0.0.2"], ["127.0.0.1"]] * 50)
        heard = []
        async with Poster(near(world, networks="127.0.0.2/32"), clock=wall, names=names) as poster:
            for number in range(100):
                url = f"http://n{number}.example:{world.port}/"
                heard.append((await poster.post(url, b"", {})).status)

        assert heard == [200, None] * 50
        assert world.connections == 50
        assert house.connections == 0


@pytest.mark.parametrize(
    "answer",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.1", "2130706433", "localhost", "::1%lo"],
)
async def test_the_socket_has_the_last_word_over_a_lying_resolver(answer: str) -> None:
    async with canary() as house:
        guard = Guard(ports=frozenset({house.port}))
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                socket_factory=guard.open_socket, resolver=Names([answer])
            )
        ) as session:
            with pytest.raises(aiohttp.ClientConnectorError) as refused:
                await session.post(f"http://lie.example:{house.port}/")

        assert isinstance(refused.value.os_error, Refused)
        assert house.connections == 0


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (("8.8.8.8", 22), "refused: port 22 is not allowed"),
        (("10.0.0.1", 443), "refused: the address is private"),
        (("example.com", 443), "refused: the address is not a plain one"),
    ],
)
def test_no_socket_is_made_for_a_refused_address(found: tuple[str, int], why: str) -> None:
    with pytest.raises(Refused) as refused:
        Guard().open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", found))
    assert str(refused.value) == why


def test_a_socket_is_made_for_an_address_of_the_world() -> None:
    found = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("8.8.8.8", 443))
    with Guard().open_socket(found) as opened:
        assert (opened.family, opened.type) == (socket.AF_INET, socket.SOCK_STREAM)
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) <= 128 * 1024


async def test_the_operator_may_allow_one_origin_and_no_other() -> None:
    async with canary() as house:
        base = f"http://localhost:{house.port}"
        others = [
            f"https://localhost:{house.port}/",
            f"http://localhost.:{house.port}/",
            f"http://127.0.0.1:{house.port}/",
            f"http://[::1]:{house.port}/",
            "http://localhost/",
            f"http://evil.example:{house.port}/",
        ]
        names = Names(["127.0.0.1"])
        async with Poster(
            Guard().allowing(f"{base}/some/where"), clock=wall, names=names
        ) as poster:
            allowed = await poster.post(f"{base}/hooks/1", b"{}", {})
            refused = [(await poster.post(url, b"{}", {})).error for url in others]

        assert allowed.status == 200
        assert [str(error)[:9] for error in refused] == ["refused: "] * len(others)
        assert house.connections == 1


async def test_a_stranger_leading_to_the_allowed_origin_is_still_refused() -> None:
    async with canary() as house:
        guard = Guard(ports=frozenset({house.port}), https_only=False)
        async with Poster(
            guard.allowing(f"http://demo.example:{house.port}"),
            clock=wall,
            names=Names(["127.0.0.1"]),
        ) as poster:
            friend = await poster.post(f"http://DEMO.example:{house.port}/", b"", {})
            stranger = await poster.post(f"http://evil.example:{house.port}/", b"", {})

        assert friend.status == 200
        assert stranger.error == "refused: an address of this name is loopback"
        assert house.connections == 1


def test_the_loopback_of_ipv6_carries_nothing_inside() -> None:
    assert Guard(allowed_networks=(ip_network("::1/128"),)).refuses(ip_address("::1")) is None


def test_networks_are_allowed_and_denied_by_the_operator() -> None:
    guard = Guard(
        allowed_networks=(ip_network("10.0.0.0/8"), ip_network("64:ff9b::/96")),
        denied_networks=(ip_network("10.9.0.0/16"), ip_network("8.8.8.0/24")),
    )
    assert {
        address: guard.refuses(ip_address(address))
        for address in [
            "10.1.1.1",
            "::ffff:10.1.1.1",
            "64:ff9b::1.1.1.1",
            "64:ff9b::10.1.1.1",
            "64:ff9b::192.168.1.1",
            "64:ff9b::8.8.8.8",
            "10.9.1.1",
            "8.8.8.8",
            "192.168.1.1",
        ]
    } == {
        "10.1.1.1": None,
        "::ffff:10.1.1.1": None,
        "64:ff9b::1.1.1.1": None,
        "64:ff9b::10.1.1.1": None,
        "64:ff9b::192.168.1.1": "private",
        "64:ff9b::8.8.8.8": "denied by the operator",
        "10.9.1.1": "denied by the operator",
        "8.8.8.8": "denied by the operator",
        "192.168.1.1": "private",
    }
