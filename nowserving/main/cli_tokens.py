"""`nowserving tokens`: tokens of programs that speak wolkvox CRM's language."""

import asyncio
from typing import Any

import click

from nowserving.main.beside import do, settings_for
from nowserving.people.tokens import LIMIT

_DATABASE = click.option(
    "--database", metavar="URL", help="The database; else NOWSERVING_DATABASE_URL."
)
_SLUG = click.option("--slug", required=True, help="The organization's name in addresses.")


@click.group()
def tokens() -> None:
    """Tokens of programs that speak wolkvox CRM's language, also beside a running server."""


@tokens.command()
@click.argument("name")
@_SLUG
@click.option("--limit", type=click.IntRange(1), default=LIMIT, show_default=True)
@click.option("--customer", type=int, help="The number of a company: an external token of it.")
@click.option(
    "--replace-files", "replaces_files", is_flag=True, help="Files sent take the place of those."
)
@_DATABASE
def add(slug: str, database: str | None, **given: Any) -> None:
    """Make a token and show it, this once."""
    click.echo(_do(database, slug, "add_token", **given))


@tokens.command("list")
@_SLUG
@_DATABASE
def listed(slug: str, database: str | None) -> None:
    """The tokens that are good, and how often each was used today."""
    for one in _do(database, slug, "list_tokens"):
        used = f"{one['used_today']}/{one['daily_limit']}"
        click.echo(f"{one['id']}  {one['kind']:<8}  {used}  {one['name']}")


@tokens.command()
@click.argument("id")
@_SLUG
@_DATABASE
def drop(id: str, slug: str, database: str | None) -> None:
    """Take a token back."""
    _do(database, slug, "drop_token", id=id)
    click.echo("It is good no longer.")


def _do(database: str | None, slug: str, command: str, **given: Any) -> Any:
    settings = settings_for(database, None)
    return asyncio.run(do(settings, command, {**given, "organization": slug}))
