"""The rig itself: servers, databases, browser, axe."""

import os
import sqlite3
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from playwright.async_api import Page, Route

from tests.rig.browser import axe, for_everybody, no_overflow, no_violations
from tests.rig.postgres import Postgres
from tests.rig.shared import own_postgres

GOOD = """<!doctype html><html lang="en"><head><title>Now serving</title></head>
<body><main><h1>Now serving</h1><button>Take a number</button></main></body></html>"""
NAMELESS_BUTTON = GOOD.replace("Take a number", "")
PALE_IN_THE_DARK = GOOD.replace(
    "</title>",
    """</title><style>:root { color-scheme: light dark } @media (prefers-color-scheme: dark) {
    button { color: #222; background: #111 } }</style>""",
)
WIDE = GOOD.replace("<h1>", '<h1 style="width: 500px">')

NewPage = Callable[..., Awaitable[Page]]


async def test_every_test_has_an_empty_database_that_keeps_what_is_written(
    engine_name: str, database_url: str
) -> None:
    if engine_name == "sqlite":
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as database:
            database.execute("CREATE TABLE cases (number integer)")
        database.close()
    else:
        connection = await asyncpg.connect(database_url)
        await connection.execute("CREATE TABLE cases (number integer)")
        await connection.close()


async def test_databases_are_separate_and_copies_carry_what_the_template_had(
    postgres: Postgres,
) -> None:
    async def fill(url: str) -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE cases AS SELECT 7 AS number")
        await connection.close()

    template = await postgres.template("rig_template", fill)
    urls = [
        await postgres.create_database(f"rig_{os.getpid()}_{name}", template=template)
        for name in ("one", "two")
    ]
    one, two = [await asyncpg.connect(url) for url in urls]
    await one.execute("UPDATE cases SET number = 8")

    assert (await one.fetchval("TABLE cases"), await two.fetchval("TABLE cases")) == (8, 7)
    for connection, name in ((one, "one"), (two, "two")):
        await connection.close()
        await postgres.drop_database(f"rig_{os.getpid()}_{name}")


async def test_what_was_committed_outlives_a_killed_server(lone_postgres: Postgres) -> None:
    url = await lone_postgres.create_database("hard_day")
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SHOW fsync") == "on"
    await connection.execute("CREATE TABLE cases AS SELECT 7 AS number")

    lone_postgres.kill()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("TABLE cases")
    lone_postgres.start()

    connection = await asyncpg.connect(url)
    assert await connection.fetchval("TABLE cases") == 7
    assert await lone_postgres.backends("hard_day") == [connection.get_server_pid()]
    lone_postgres.stop("immediate")
    lone_postgres.start()
    connection.terminate()


async def test_a_killed_backend_takes_its_connection_with_it(lone_postgres: Postgres) -> None:
    url = await lone_postgres.create_database("short_day")
    connection = await asyncpg.connect(url)

    await lone_postgres.kill_backends("short_day")

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT 1")


def test_a_server_leaves_nothing_behind() -> None:
    with own_postgres(durable=True) as server:
        assert server.home.exists()

    assert not server.home.exists()


async def test_axe_has_nothing_against_a_good_page(page: Page) -> None:
    await page.set_content(GOOD)

    await no_violations(page)


async def test_axe_finds_a_button_without_a_name_under_a_strict_csp(page: Page) -> None:
    async def answer(route: Route) -> None:
        await route.fulfill(
            body=NAMELESS_BUTTON,
            content_type="text/html",
            headers={"Content-Security-Policy": "default-src 'self'"},
        )

    await page.route("**/*", answer)
    await page.goto("http://nowserving.test/")

    assert [violation["id"] for violation in await axe(page)] == ["button-name"]
    with pytest.raises(AssertionError, match="button-name"):
        await no_violations(page)


async def test_letters_that_cannot_be_read_in_the_dark_are_found_out(page: Page) -> None:
    await page.set_content(GOOD)
    await for_everybody(page)

    await page.set_content(PALE_IN_THE_DARK)
    await no_violations(page)
    with pytest.raises(AssertionError, match="color-contrast"):
        await for_everybody(page)


async def test_a_page_that_scrolls_sideways_is_found_out(page: Page) -> None:
    await page.set_content(GOOD)
    await no_overflow(page, width=320)

    await page.set_content(WIDE)
    with pytest.raises(AssertionError, match="500px"):
        await no_overflow(page, width=320)


async def test_two_people_have_nothing_in_common(new_page: NewPage) -> None:
    one, other = await new_page(), await new_page(color_scheme="dark", locale="de-DE")

    assert one.context != other.context
    assert await other.evaluate("navigator.language") == "de-DE"
