"""Where we may be sent: which URLs, which addresses, decided where the socket is made.

A URL comes from outside, and what it names may be our own cellar. It is looked at three
times: as text (`Guard.check`: an early, clear answer), when its name is resolved
(`VettedNames`: one bad answer spoils them all), and when a socket is made for the address
that is really connected (`Guard.open_socket`). Only the last look has to be right.
"""

import re
import socket
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Origin = tuple[str, str, int]
"""Scheme, host and port."""

# An explicit list, because `is_global` lets translators and tunnels through.
_DENIED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), why)
    for why, networks in {
        "cloud metadata": (
            "169.254.169.254/32 169.254.170.2/32 100.100.100.200/32 192.0.0.192/32"
            " 168.63.129.16/32 fd00:ec2::/32 fd20:ce::254/128"
        ),
        "unspecified": "0.0.0.0/8 ::/128",
        "loopback": "127.0.0.0/8 ::1/128",
        "private": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10",
        "link-local": "169.254.0.0/16 fe80::/10",
        "shared by a carrier": "100.64.0.0/10",
        "broadcast": "255.255.255.255/32",
        "multicast": "224.0.0.0/4 ff00::/8",
        "a translator or tunnel": (
            "192.88.99.0/24 192.52.193.0/24 64:ff9b::/96 64:ff9b:1::/48 2002::/16 2001::/32"
            " 2001:3::/32 ::ffff:0:0:0/96 ::/96"
        ),
        "for documentation or measuring": (
            "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 198.18.0.0/15"
            " 2001:db8::/32 3fff::/20 2001:2::/48"
        ),
        # The last two leave of IPv6 only 2000::/3, which is all that has been given out.
        "reserved": (
            "192.0.0.0/24 192.31.196.0/24 192.175.48.0/24 240.0.0.0/4"
            " 100::/64 2001::/23 2620:4f:8000::/48 5f00::/16 ::/3 4000::/2 8000::/1"
        ),
    }.items()
    for network in networks.split()
)
_CARRY_IPV4_LAST = tuple(
    IPv6Network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")
)
_ISATAP = 0x5EFE
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?")
_LOOKS_LIKE_A_NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\.?")
_MOST_ANSWERS = 8
_MOST_PILED_UP = 32 * 1024


class Refused(PermissionError):
    """The guard does not let us go there. An OSError, so that connecting ends as it does."""

    def __str__(self) -> str:
        return f"refused: {self.args[0]}"


def forbidden(address: Address, *, allowed: Collection[Network] = ()) -> str | None:
    """Say what keeps us from this address: the kind of network it or one inside it is in."""
    for layer in _layers(address):
        if any(layer in network for network in allowed):
            continue
        for network, why in _DENIED:
            if layer in network:
                return why
    return None


@dataclass(frozen=True, slots=True)
class Guard:
    """What the operator lets outsiders send us to; the default is right for the internet."""

    allowed_networks: tuple[Network, ...] = ()
    denied_networks: tuple[Network, ...] = ()
    ports: frozenset[int] = frozenset({80, 443})
    https_only: bool = True
    allowed_origins: frozenset[Origin] = frozenset()

    def allowing(self, url: str) -> "Guard":
        """Let the operator's own URL pass wherever it leads: this scheme, host and port."""
        return replace(self, allowed_origins=self.allowed_origins | {_origin(_read(url))})

    def trusts(self, url: URL) -> bool:
        """The operator named this very origin, so its address is not questioned."""
        return _origin(url) in self.allowed_origins

    def check(self, url: str) -> URL:
        """Read a URL, exactly as it will be used, or raise Refused with a reason to show."""
        target = _read(url)
        if self.trusts(target):
            return target
        if self.https_only and target.scheme != "https":
            raise Refused("only https is allowed")
        if target.port not in self.ports:
            raise Refused(f"port {target.port} is not allowed")
        literal = _literal(target.raw_host or "")
        if literal and (why := self.refuses(literal)):
            raise Refused(f"the address is {why}")
        return target

    def refuses(self, address: Address) -> str | None:
        """Say why not this address, by the operator's own networks and the deny list."""
        layers = tuple(_layers(address))
        if any(layer in network for layer in layers for network in self.denied_networks):
            return "denied by the operator"
        return forbidden(address, allowed=self.allowed_networks)

    def open_socket(self, found: AddrInfoType) -> socket.socket:
        """Make the socket for an address about to be connected: the look that counts."""
        *_, (host, port, *_) = found
        # What is no plain address would be resolved once more, behind our back.
        address = _literal(host)
        if address is None:
            raise Refused("the address is not a plain one")
        if why := self.refuses(address):
            raise Refused(f"the address is {why}")
        if port not in self.ports:
            raise Refused(f"port {port} is not allowed")
        return narrow_socket(found)


class VettedNames(AbstractResolver):
    """Resolves names, and refuses a name when any of its addresses is refused."""

    def __init__(self, guard: Guard, names: AbstractResolver) -> None:
        self._guard = guard
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a name; of very many addresses a few will do."""
        answers = await self._names.resolve(host, port, family)
        for answer in answers:
            address = _literal(answer["host"])
            if why := self._guard.refuses(address) if address else "not a plain one":
                raise Refused(f"an address of this name is {why}")
        return answers[:_MOST_ANSWERS]

    async def close(self) -> None:
        """The resolver inside belongs to whoever gave it."""


def narrow_socket(found: AddrInfoType) -> socket.socket:
    """Make a socket that lets little pile up, whoever is at the other end.

    A flood of small early answers is worked off all at once, with no look at the clock: with
    a wide socket that was measured at ten seconds and a gigabyte, with this one at 20 ms.
    """
    family, kind, protocol, *_ = found
    narrow = socket.socket(family, kind, protocol)
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _MOST_PILED_UP)
    return narrow


def _layers(address: Address) -> Iterator[Address]:
    """The address itself and every IPv4 address that a translator would find inside it."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
        return
    yield address
    low = int(address) & 0xFFFF_FFFF
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if int(address) > 1 and any(address in network for network in _CARRY_IPV4_LAST):
        yield IPv4Address(low)
    if int(address) >> 32 & 0xFDFF_FFFF == _ISATAP:
        yield IPv4Address(low)


def _read(url: str) -> URL:
    """One reading of a URL for the check and for the request, so that they cannot differ."""
    if not url.isprintable() or " " in url or "\\" in url:
        raise Refused("the URL holds characters that do not belong in one")
    try:
        # What is plain already is sent as it was written: it may be signed.
        target = URL(url, encoded=url.isascii())
        host, _ = (target.raw_host or "").lower(), target.port  # only now are they parsed
    except (ValueError, IndexError):  # the second for `http://[]@`
        raise Refused("this is not a URL") from None
    if target.scheme not in {"http", "https"}:
        raise Refused("only http and https are spoken here")
    if "@" in target.raw_authority:
        raise Refused("no user name or password may stand in a URL")
    if literal := _literal(host):
        return target.with_host(str(literal))
    if not _NAME.fullmatch(host) or _LOOKS_LIKE_A_NUMBER.fullmatch(host):
        raise Refused("the host is neither a name nor a plain address")
    return target.with_host(host)


def _literal(host: str) -> Address | None:
    """The address a host spells out plainly; zones are for the link, which is not for us."""
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None


def _origin(url: URL) -> Origin:
    return url.scheme, url.raw_host or "", url.port or 0
