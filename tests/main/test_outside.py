"""Whoever enters an address hears at once if it is no address for us."""

import socket
from collections.abc import Callable
from ipaddress import ip_network

import pytest

from nowserving.hooks.guard import Guard
from nowserving.kit.problems import Invalid
from nowserving.main.listeners import guard_of
from nowserving.main.outside import outside
from nowserving.main.settings import BadSettings, Settings
from tests.hooks.test_guard import INNER, loopback_urls, spellings

NAMES = {
    *("localhost", "LOCALHOST", "localhost.", "ⓛocalhost", "[v1.localhost]", "[localhost]"),
    socket.gethostname(),
}
"""What can only be refused once it is resolved: the socket is asked again then."""


def test_the_whole_corpus_is_refused_where_an_address_is_entered() -> None:
    check = outside(Guard(ports=frozenset({8080}), https_only=False)).check_url
    urls = loopback_urls(8080) + [
        f"http://{host}:8080/" for inner in INNER for host in spellings(inner)
    ]
    accepted = [url for url in urls if not _refused(check, url)]
    assert len(urls) > 500
    hosts = {url.split("://")[1].split(":")[0] for url in accepted}
    assert hosts <= NAMES


def test_an_address_the_operator_names_must_still_be_one() -> None:
    check = outside(Guard()).check_url
    check("http://127.0.0.1:9/", trusted=True)
    for url in ("gopher://127.0.0.1/", "http://u:p@127.0.0.1/", "http://127.0.0.1\\@x/", ""):
        with pytest.raises(Invalid):
            check(url, trusted=True)


def test_the_operator_opens_networks_ports_and_plain_http() -> None:
    settings = Settings.read(
        {
            "NOWSERVING_ALLOWED_NETWORKS": "10.1.0.0/16, fd00:1::/32",
            "NOWSERVING_ALLOWED_PORTS": "8080,9000",
            "NOWSERVING_ALLOW_HTTP": "yes",
        }
    )
    assert guard_of(settings) == Guard(
        allowed_networks=(ip_network("10.1.0.0/16"), ip_network("fd00:1::/32")),
        ports=frozenset({80, 443, 8080, 9000}),
        https_only=False,
    )
    check = outside(guard_of(settings)).check_url
    check("http://10.1.2.3:8080/", trusted=False)
    with pytest.raises(Invalid):
        check("http://10.2.2.3:8080/", trusted=False)
    for name, text in (("ALLOWED_PORTS", "http"), ("ALLOWED_NETWORKS", "here")):
        with pytest.raises(BadSettings):
            guard_of(Settings.read({f"NOWSERVING_{name}": text}))
    with pytest.raises(BadSettings):
        Settings.read({"NOWSERVING_ALLOW_HTTP": "perhaps"})


def _refused(check: Callable[..., object], url: str) -> bool:
    """Is it refused as an address?"""
    try:
        check(url, trusted=False)
    except Invalid as refused:
        return refused.details["field"] == "url"
    return False
