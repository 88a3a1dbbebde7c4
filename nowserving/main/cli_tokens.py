"""`nowserving tokens`: tokens of programs that speak wolkvox CRM's language."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import click

from nowserving.actions.act import Act
from nowserving.actions.api_tokens import create_token, drop_token
from nowserving.actions.api_tokens import tokens as good_tokens
from nowserving.actions.house import House
from nowserving.main.settings import BadSettings, Settings
from nowserving.people.actor import system
from nowserving.people.tokens import LIMIT, TokenKind
from nowserving.store.engines import open_engine
from nowserving.store.migrate import is_current

_DATABASE = click.option(
    "--database", metavar="URL", help="The database; else NOWSERVING_DATABASE_URL."
)
_SLUG = click.option("--slug", required=True, help="The organization's name in addresses.")


@click.group()
def tokens() -> None:
    """Tokens of programs that speak wolkvox CRM's language."""


@tokens.command()
@click.argument("name")
@_SLUG
@click.option("--limit", type=click.IntRange(1), default=LIMIT, show_default=True)
@click.option("--customer", type=int, help="The number of a company: an external token of it.")
@click.option("--replace-files", is_flag=True, help="Files sent take the place of those there.")
@_DATABASE
def add(
    name: str,
    slug: str,
    limit: int,
    customer: int | None,
    *,
    replace_files: bool,
    database: str | None,
) -> None:
    """Make a token and show it, this once."""

    async def make(act: Act) -> str:
        company = None
        if customer is not None:
            company = (await act.look.customers.numbered(customer)).id
        _, secret = await create_token(
            act,
            name=name,
            kind=TokenKind.INTERNAL if company is None else TokenKind.EXTERNAL,
            daily_limit=limit,
            customer_id=company,
            replaces_files=replace_files,
        )
        return secret

    click.echo(_do(database, slug, make))


@tokens.command("list")
@_SLUG
@_DATABASE
def listed(slug: str, database: str | None) -> None:
    """The tokens that are good, and how often each was used today."""

    async def tell(act: Act) -> str:
        return "\n".join(
            f"{one.id}  {one.kind:<8}  {used}/{one.daily_limit}  {one.name}"
            for one, used in await good_tokens(act)
        )

    click.echo(_do(database, slug, tell))


@tokens.command()
@click.argument("token_id", type=click.UUID)
@_SLUG
@_DATABASE
def drop(token_id: UUID, slug: str, database: str | None) -> None:
    """Take a token back."""

    async def take(act: Act) -> str:
        await drop_token(act, token_id=token_id)
        return "It is good no longer."

    click.echo(_do(database, slug, take))


def _do(database: str | None, slug: str, do: Callable[[Act], Awaitable[str]]) -> str:
    async def inside() -> str:
        settings = Settings.read()
        if database is not None:
            settings = replace(settings, database_url=database)
        settings = settings.check()
        if not await is_current(settings.database_url):
            raise BadSettings("the database has not this version's form: run nowserving migrate")
        engine = await open_engine(settings.database_url, connections=2)
        try:
            house = House(engine, settings.vault())
            organization_id = (await house.organization_called(slug)).id
            async with house.acting(system(organization_id, "operator")) as act:
                return await do(act)
        finally:
            await engine.close()

    return asyncio.run(inside())
