"""`nowserving key`: a key for the installation."""

import click

from nowserving.main.settings import new_key


@click.command()
def key() -> None:
    """Make a key for NOWSERVING_KEY; keep it apart from the database's backups."""
    click.echo(new_key())
