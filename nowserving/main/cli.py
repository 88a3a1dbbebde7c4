"""The command line: which commands there are, and where each is.

A command is imported when it is called: most need a small part of the house, and the whole of
it takes a second to import. A command is a function of its name in its module, and one line in
`COMMANDS`.
"""

import os
import sys
from importlib import import_module

import click

from nowserving import __version__
from nowserving.kit.collector import seldom

COMMANDS = {
    "serve": ("cli_serve", "Serve the office: API, screens and webhooks."),
    "migrate": ("cli_database", "Bring the database to the form this version needs."),
    "backup": (
        "cli_database",
        "Copy a SQLite database to FILE, consistently, while the server runs.",
    ),
    "restored": ("cli_office", "After a restore from a backup: begin a new epoch of every feed."),
    "organization": ("cli_office", "Make an organization with the smallest office that works."),
    "password": ("cli_office", "Give somebody a new password and end their sessions."),
    "addresses": (
        "cli_office",
        "Say from which NETWORKS a program may use HTTP Basic (VCC Live's Database API).",
    ),
    "key": (
        "cli_key",
        "Make a key for NOWSERVING_KEY; keep it apart from the database's backups.",
    ),
    "demo": (
        "cli_demo",
        "Run a small branch to try things in: on this machine only, nothing to set up.",
    ),
    "tokens": (
        "cli_tokens",
        "Tokens of programs that speak wolkvox CRM's language, also beside a running server.",
    ),
    "webhooks": (
        "cli_webhooks",
        "Who is told what happens: endpoints, their secrets, and how they fare.",
    ),
}
"""The module of each command in this room, and what it is for, as it says by itself."""


class OnCall(click.Group):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"nowserving.main.{module}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])


def main() -> None:
    """Run a command; what an operator can mend is told in one line."""
    os.umask(0o077)
    seldom()
    try:
        cli(standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        sys.exit(130)
    except Exception as wrong:
        told = in_a_line(wrong)
        if told is None:
            raise
        click.echo(f"nowserving: {told}", err=True)
        sys.exit(1)


@click.group(cls=OnCall, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nowserving")
def cli() -> None:
    """Nowserving: a durable line, from the kiosk to the desk to closed.

    Settings come from the environment (NOWSERVING_DATABASE_URL and so on); options of a
    command go before them. See docs/operating.md.
    """


def in_a_line(wrong: Exception) -> str | None:
    """What an operator can mend; None for a bug."""
    from nowserving.kit.problems import Problem
    from nowserving.main.knocking import in_words
    from nowserving.main.settings import BadSettings
    from nowserving.store.engines import Locked, Unavailable

    if isinstance(wrong, BadSettings | Locked | Unavailable):
        return str(wrong)
    return in_words(wrong) if isinstance(wrong, Problem) else None
