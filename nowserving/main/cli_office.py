"""What is done in the house on the command line: `organization`, `password` and so on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import click

from nowserving.actions.addresses import register_addresses
from nowserving.actions.first_office import Office, first_office
from nowserving.actions.house import House
from nowserving.actions.passwords import set_password
from nowserving.actions.sample import new_password
from nowserving.actions.setup import begin, begin_epochs
from nowserving.main.opening import must_open
from nowserving.main.settings import BadSettings, Settings
from nowserving.people.actor import system
from nowserving.store.engines import open_engine

Done = TypeVar("Done")


@click.command()
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


@click.command()
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


@click.command()
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


@click.command()
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


async def _in_house(database: str | None, do: Callable[[House], Awaitable[Done]]) -> Done:
    """Do something in the house of the settings, or of the database named here."""
    settings = Settings.read().given(database_url=database).check()
    await must_open(settings)
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
