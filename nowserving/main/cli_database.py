"""The database on the command line: `migrate` and `backup`."""

import asyncio
from pathlib import Path

import click

from nowserving.main.settings import BadSettings, Settings
from nowserving.store.engines import copy_sqlite
from nowserving.store.form import bring_up_to_date


@click.command()
@click.option("--database", metavar="URL", help="The database; else NOWSERVING_DATABASE_URL.")
def migrate(database: str | None) -> None:
    """Bring the database to the form this version needs."""
    settings = Settings.read().given(database_url=database).check()
    asyncio.run(bring_up_to_date(settings.database_url))
    click.echo("The database is up to date.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--database", metavar="URL", help="The database; else NOWSERVING_DATABASE_URL.")
def backup(file: Path, database: str | None) -> None:
    """Copy a SQLite database to FILE, consistently, while the server runs."""
    settings = Settings.read().given(database_url=database).check()
    if not settings.database_url.startswith("sqlite"):
        raise BadSettings("PostgreSQL has its own tools: use pg_dump, or continuous archiving")
    if file.exists():
        raise BadSettings(f"{file} exists; it was left as it is")
    copy_sqlite(settings.database_url.removeprefix("sqlite:///"), file)
    click.echo(f"Copied to {file}. Keep the key apart from it.")
