"""`nowserving tokens`, as an operator types it beside a running server."""

import asyncio
from collections.abc import Callable

from nowserving.actions.api_tokens import use_token
from nowserving.actions.customers import Given, create
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.main.settings import Settings
from nowserving.main.watching import Watching
from nowserving.people.actor import system
from nowserving.people.tokens import TokenKind
from tests.main import operator

How = Callable[..., operator.Told]


async def said(
    settings: Settings, *words: str, slug: str = "demo", how: How = operator.typed
) -> str:
    """What `nowserving tokens ...` says, or complains of."""
    given = {"NOWSERVING_DATABASE_URL": settings.database_url, "NOWSERVING_KEY": settings.key}
    told = await asyncio.to_thread(how, "tokens", *words, "--slug", slug, **given)
    assert "Traceback" not in told.stderr
    assert (told.returncode == 0) == (not told.stderr), told.stderr
    return (told.stdout or told.stderr).strip()


async def test_tokens_are_made_listed_and_taken_back_beside_a_server(
    app: Watching, house: House, settings: Settings, branch: Sample
) -> None:
    async with house.acting(system(branch.organization.id, "test")) as act:
        company = (await create(act, given=Given(contact={"name": "Acme"}))).customer
    crm = await said(settings, "add", "CRM", "--limit", "2", how=operator.run)
    acme = await said(settings, "add", "Acme", "--customer", str(company.number), "--replace-files")
    used = await use_token(house, crm, kinds=[TokenKind.INTERNAL])
    bound = await use_token(house, acme, kinds=[TokenKind.EXTERNAL])
    assert (used.used, used.token.name, used.token.daily_limit) == (1, "CRM", 2)
    assert (bound.token.customer_id, bound.token.replaces_files) == (company.id, True)
    listed = await said(settings, "list")
    assert [line.split() for line in listed.splitlines()] == [
        [str(used.token.id), "internal", "1/2", "CRM"],
        [str(bound.token.id), "external", "1/4800", "Acme"],
    ]
    assert crm not in listed
    assert await said(settings, "drop", str(used.token.id)) == "It is good no longer."
    assert str(used.token.id) not in await said(settings, "list")
    for wrong in (["drop", str(used.token.id)], ["drop", "x"], ["add", "Y", "--customer", "999"]):
        assert "no such" in (await said(settings, *wrong)).lower(), wrong
    assert "nobody" in await said(settings, "list", slug="nobody")
