"""What every page carries, and how its files are served."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from litestar import Litestar, Router, get
from litestar.testing import TestClient

import nowserving
from nowserving.kit.http import AnyRequest
from nowserving.people.staff import LockedOut
from nowserving.web import assets
from nowserving.web.pages import Page, fragment, page, sorry
from nowserving.web.speech import chosen, speech

ROOT = Path(nowserving.__file__).parent


@get("/page")
async def a_page(request: AnyRequest) -> Page:
    return page(request, "sorry.html", problem=LockedOut())


@get("/part")
async def a_part(request: AnyRequest) -> Page:
    return fragment(request, "sorry.html", problem=LockedOut())


@get("/bug")
async def a_bug() -> None:
    raise RuntimeError("secret")


@pytest.fixture(scope="module")
def client() -> TestClient:
    pages = Router(
        "/", route_handlers=[a_page, a_part, a_bug], exception_handlers={Exception: sorry}
    )
    app = Litestar([assets.DOOR, pages], openapi_config=None)
    app.state.doorway = SimpleNamespace(secure=True, base_url="https://line.example")
    return TestClient(app)


def test_a_page_carries_strict_headers_and_stays_in_no_cache(client: TestClient) -> None:
    headers = client.get("/page").headers
    assert headers["content-security-policy"] == (
        "default-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "permissions-policy" in headers


def test_the_language_is_asked_for_remembered_or_accepted(client: TestClient) -> None:
    accepted = client.get("/page", headers={"accept-language": "fr, de-CH;q=0.8, en;q=0.5"})
    asked = client.get("/page?lang=ar", headers={"accept-language": "de"})
    assert '<html lang="de" dir="ltr">' in accepted.text
    assert '<html lang="ar" dir="rtl">' in asked.text
    assert "language=ar" in asked.headers["set-cookie"]
    assert chosen([None, "pt"], "xx;q=wrong,,") == "en"


def test_a_part_is_not_sent_again_while_it_has_not_changed(client: TestClient) -> None:
    first = client.get("/part")
    again = client.get("/part", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_a_bug_tells_nothing_of_itself(client: TestClient) -> None:
    answer = client.get("/bug")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "<title>Error:" in answer.text


def test_a_file_is_kept_for_ever_under_the_hash_of_its_content(client: TestClient) -> None:
    right = client.get(assets.asset("nowserving.css"))
    old = client.get("/static/0123456789ab/nowserving.css")
    assert right.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert right.headers["content-type"].startswith("text/css")
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")
    assert client.get("/static/x/../../pages.py").status_code == 404
    assert client.get("/static/x/pages.py").status_code == 404


def test_what_every_page_loads_is_small() -> None:
    files = assets.assets()
    assert len(files["nowserving.css"].plain) <= 12 * 1024
    assert len(files["nowserving.js"].plain) <= 12 * 1024
    assert len(files["nowserving.js"].small) <= 5 * 1024
    assert gzip.decompress(files["nowserving.js"].small) == files["nowserving.js"].plain


def test_times_are_those_of_the_place_and_the_language() -> None:
    at = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    berlin, auckland = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Auckland")
    assert speech("de").time(at, berlin) == "03:30"
    assert speech("en", "DE").time(at, auckland) == "14:30"
    assert speech("de").date(at, auckland) == "Sonntag, 29. März 2026"
    assert speech("en").zone(at, berlin) == "Central European Summer Time"
    assert speech("en").running(at, at + timedelta(seconds=3725)).striptags() == "1:02:05"
    assert speech("en").waited(at, at + timedelta(minutes=18)).striptags() == "18 min"


def test_nothing_but_tokens_depends_on_the_light() -> None:
    """Colors and shades: so in a second light nothing else has to be looked at."""
    seen = 0
    for file in ROOT.rglob("*.css"):
        style = file.read_text(encoding="utf-8")
        blocks = re.findall(r"prefers-color-scheme[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}", style)
        assert len(blocks) == style.count("prefers-color-scheme"), file
        for rules in re.findall(r"\{([^{}]*)\}", "".join(blocks)):
            names = [one.partition(":")[0].strip() for one in rules.split(";")]
            assert all(name.startswith("--") for name in names if name), (file, rules)
            seen += len(names)
    assert seen > 30
