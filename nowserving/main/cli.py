"""The command line."""

import asyncio
import os
import resource
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
import uvicorn

from nowserving import __version__
from nowserving.actions.addresses import register_addresses
from nowserving.actions.first_office import Office, first_office
from nowserving.actions.house import House
from nowserving.actions.passwords import set_password
from nowserving.actions.sample import new_password
from nowserving.actions.setup import begin, begin_epochs
from nowserving.kit.problems import Problem
from nowserving.main import demo as demonstration
from nowserving.main.cli_tokens import tokens
from nowserving.main.cli_webhooks import webhooks
from nowserving.main.ports import must_be_free
from nowserving.main.settings import BadSettings, Settings, new_key
from nowserving.main.side_door import in_words
from nowserving.people.actor import system
from nowserving.store.engines import Locked, Unavailable, copy_sqlite, open_engine
from nowserving.store.form import is_current
from nowserving.store.migrate import migrate as bring_up_to_date

Done = TypeVar("Done")

GRACE = 15
"""Seconds that a stopping server gives to what is under way."""


def main() -> None:
    """Run a command; what an operator can mend is told in one line."""
    os.umask(0o077)
    try:
        cli(standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        sys.exit(130)
    except (BadSettings, Locked, Unavailable) as wrong:
        click.echo(f"nowserving: {wrong}", err=True)
        sys.exit(1)
    except Problem as wrong:
        click.echo(f"nowserving: {in_words(wrong)}", err=True)
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nowserving")
def cli() -> None:
    """Nowserving: a durable line, from the kiosk to the desk to closed.

    Settings come from the environment (NOWSERVING_DATABASE_URL and so on); options of a
    command go before them. See docs/operating.md.
    """


@cli.command()
@click.option("--database", metavar="URL", help="sqlite:///FILE or postgresql://USER@HOST/NAME")
@click.option("--host", help="The address to listen on; 127.0.0.1 if not given.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port; 8000 if not given.")
@click.option("--base-url", metavar="URL", help="How the world reaches this server.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; several need PostgreSQL.")
def serve(
    database: str | None,
    host: str | None,
    port: int | None,
    base_url: str | None,
    workers: int | None,
) -> None:
    """Serve the office: API, screens and webhooks."""
    settings = _given(Settings.read(), database_url=database, host=host, port=port, workers=workers)
    if base_url or "NOWSERVING_BASE_URL" not in os.environ:
        base_url = (base_url or f"http://{_named(settings.host)}:{settings.port}").rstrip("/")
        settings = replace(settings, base_url=base_url)
    run_server(settings)


@cli.command()
@click.option("--database", metavar="URL", help="The database; else NOWSERVING_DATABASE_URL.")
def migrate(database: str | None) -> None:
    """Bring the database to the form this version needs."""
    settings = _given(Settings.read(), database_url=database).check()
    asyncio.run(bring_up_to_date(settings.database_url))
    click.echo("The database is up to date.")


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--database", metavar="URL", help="The database; else NOWSERVING_DATABASE_URL.")
def backup(file: Path, database: str | None) -> None:
    """Copy a SQLite database to FILE, consistently, while the server runs."""
    settings = _given(Settings.read(), database_url=database).check()
    if not settings.database_url.startswith("sqlite"):
        raise BadSettings("PostgreSQL has its own tools: use pg_dump, or continuous archiving")
    if file.exists():
        raise BadSettings(f"{file} exists; it was left as it is")
    copy_sqlite(settings.database_url.removeprefix("sqlite:///"), file)
    click.echo(f"Copied to {file}. Keep the key apart from it.")


@cli.command()
@click.option("--database", metavar="URL", help="The database; else NOWSERVING_DATABASE_URL.")
@click.option(
    "--skip-numbers",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="How many numbers of each series of the last day to pass over.",
)
def restored(database: str | None, skip_numbers: int) -> None:
    """After a restore from a backup: begin a new epoch of every feed."""
    count = asyncio.run(
        _in_house(database, lambda house: begin_epochs(house, skip_numbers=skip_numbers))
    )
    click.echo(f"A new epoch began in {count} organizations.")


@cli.command()
@click.argument("name")
@click.option("--slug", required=True, help="Its name in addresses: letters, digits, hyphens.")
@click.option("--owner", required=True, help="The sign-in name of whoever may do everything.")
@click.option("--time-zone", required=True, help="As in Europe/Berlin.")
@click.option("--country", required=True, help="Two letters; completes phone numbers.")
@click.option(
    "--language",
    multiple=True,
    default=["en-US"],
    show_default=True,
    help="May be given several times; the first is the default.",
)
@click.option("--database", metavar="URL", help="The database; else NOWSERVING_DATABASE_URL.")
def organization(database: str | None, **said: Any) -> None:
    """Make an organization with the smallest office that works."""
    password = new_password()
    office = Office(languages=tuple(said.pop("language")), password=password, **said)
    asyncio.run(_in_house(database, lambda house: _begin_office(house, office)))
    click.echo(f"{office.name} is ready.\n")
    click.echo(f"  Sign in at /desk as {office.owner} with {password}")
    click.echo(f"  Kiosk /kiosk/{office.slug}/1, board /board/{office.slug}/1")


@cli.command()
@click.argument("login")
@click.option("--slug", required=True, help="The organization's name in addresses.")
@click.option("--database", metavar="URL", help="The database; else NOWSERVING_DATABASE_URL.")
def password(login: str, slug: str, database: str | None) -> None:
    """Give somebody a new password and end their sessions."""
    new = new_password()

    async def change(house: House) -> None:
        organization_id = (await house.organization_called(slug)).id
        await set_password(house, organization_id=organization_id, login=login, password=new)

    asyncio.run(_in_house(database, change))
    click.echo(f"The new password of {login} is {new}")


@cli.command()
@click.argument("client_id", type=click.UUID)
@click.argument("networks", nargs=-1)
@click.option("--slug", required=True, help="The organization's name in addresses.")
@click.option("--anywhere", is_flag=True, help="From any address, as at the beginning.")
@click.option("--database", metavar="URL", help="The database; else NOWSERVING_DATABASE_URL.")
def addresses(
    client_id: UUID, networks: tuple[str, ...], slug: str, anywhere: bool, database: str | None
) -> None:
    """Say from which NETWORKS a program may use HTTP Basic (VCC Live's Database API)."""
    if anywhere == bool(networks):
        raise BadSettings("name the networks, as in 192.0.2.0/24, or say --anywhere")

    async def register(house: House) -> None:
        organization_id = (await house.organization_called(slug)).id
        async with house.acting(system(organization_id, "operator")) as act:
            await register_addresses(
                act, client_id=client_id, networks=None if anywhere else networks
            )

    asyncio.run(_in_house(database, register))
    click.echo(f"{client_id} may call from {', '.join(networks) or 'anywhere'}.")


@cli.command()
def key() -> None:
    """Make a key for NOWSERVING_KEY; keep it apart from the database's backups."""
    click.echo(new_key())


@cli.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="A free port if not given.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-data"),
    show_default=True,
    help="The folder for the database, the key and demo.json.",
)
@click.option("--fresh", is_flag=True, help="Throw away what is in the folder and begin anew.")
@click.option("--empty", is_flag=True, help="Begin without a waiting morning.")
@click.option("--database", metavar="URL", help="Another database than the folder's SQLite file.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, help="Several need PostgreSQL.")
@click.option(
    "--webhook-base-url",
    metavar="URL",
    help="Tell this address of everything that happens, in Cubu's words, signed with HMAC. "
    "It may be on this machine.",
)
@click.option(
    "--webhook",
    "webhooks",
    metavar="URL,DIALECT",
    multiple=True,
    help="Tell this address too, in native, cubu or vcc; several times. It may be on this "
    "machine. demo.json has its id and secret.",
)
def demo(**wish: Any) -> None:
    """Run a small branch to try things in: on this machine only, nothing to set up."""
    settings, told = asyncio.run(demonstration.prepare(demonstration.Wish(**wish)))
    click.echo(told)
    run_server(settings)


cli.add_command(tokens)
cli.add_command(webhooks)


def run_server(settings: Settings) -> None:
    """Serve until told to stop."""
    settings.check().vault()
    must_be_free(settings.host, settings.port)
    _allow_many_connections()
    asyncio.run(_must_open(settings))
    os.environ.update(settings.environment())
    if settings.workers > 1:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="nowserving-")
    uvicorn.run(
        "nowserving.main.server:create_worker",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=75,
    )


def _allow_many_connections() -> None:
    """Take as many open files as we may: each live page and each delivery holds one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _must_open(settings: Settings) -> None:
    if not await is_current(settings.database_url):
        raise BadSettings("the database has not this version's form: run nowserving migrate")
    # Whoever is not let in hears it here, in one line, and not from the server's depths.
    await (await open_engine(settings.database_url, connections=1)).close()


async def _in_house(database: str | None, do: Callable[[House], Awaitable[Done]]) -> Done:
    """Do something in the house of the settings."""
    settings = _given(Settings.read(), database_url=database).check()
    await _must_open(settings)
    engine = await open_engine(settings.database_url, connections=2)
    try:
        return await do(House(engine, settings.vault()))
    finally:
        await engine.close()


async def _begin_office(house: House, office: Office) -> None:
    taken = await house.organizations()
    if any(one.slug == office.slug for one in taken):
        raise BadSettings(f"there is an organization called {office.slug} already")
    number = max((one.number for one in taken), default=0) + 1
    now = house.clock()
    await begin(
        house, await first_office(office, number=number, new=lambda: house.ids(now), now=now)
    )


def _given(settings: Settings, **options: object) -> Settings:
    return replace(settings, **{n: v for n, v in options.items() if v is not None})  # type: ignore[arg-type]


def _named(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
