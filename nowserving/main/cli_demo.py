"""`nowserving demo`: a small branch to try things in."""

import asyncio
from pathlib import Path
from typing import Any

import click

from nowserving.main import demo as demonstration
from nowserving.main.cli_serve import run_server


@click.command()
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
