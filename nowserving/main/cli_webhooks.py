"""`nowserving webhooks`: what the office pages do with endpoints, for scripts."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import click

from nowserving.main.beside import do, settings_for
from nowserving.main.settings import BadSettings, Settings

ENCRYPT = "aes-256-ctr"


@click.group()
@click.option("--database", metavar="URL", help="The database; else NOWSERVING_DATABASE_URL.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of a demonstration, instead of a database.",
)
@click.option("--organization", metavar="SLUG", help="Which organization, where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
def webhooks(
    context: click.Context,
    database: str | None,
    data: Path | None,
    organization: str | None,
    as_json: bool,
) -> None:
    """Who is told what happens: endpoints, their secrets, and how they fare.

    Works beside a running server too.
    """
    context.obj = _Desk(settings_for(database, data), organization, as_json)


class _Desk:
    """Where the commands of one call are done, and how they answer."""

    def __init__(self, settings: Settings, organization: str | None, as_json: bool) -> None:
        self.settings = settings
        self.organization = organization
        self.as_json = as_json

    def do(self, command: str, **given: Any) -> Any:
        """Do something, here or in the server that runs."""
        asked = {"organization": self.organization, **given}
        return asyncio.run(do(self.settings, command, asked))

    def tell(self, done: Any, *lines: str) -> None:
        """Say what was done, for people or for scripts."""
        click.echo(json.dumps(done, indent=2) if self.as_json else "\n".join(lines))


def _common(command: Any) -> Any:
    """Options that may stand behind the command's name as well as before it."""

    def put(name: str) -> Any:
        def take(context: click.Context, _: click.Parameter, value: Any) -> None:
            if value is None or value is False:
                return
            desk: _Desk = context.obj
            if name == "organization":
                desk.organization = value
            elif name == "json":
                desk.as_json = True
            elif name == "data":
                desk.settings = settings_for(None, value)
            else:
                desk.settings = settings_for(value, None)

        return take

    folder = click.Path(file_okay=False, path_type=Path)
    for option in (
        click.option("--database", metavar="URL", expose_value=False, callback=put("database")),
        click.option("--data", type=folder, expose_value=False, callback=put("data")),
        click.option(
            "--organization", metavar="SLUG", expose_value=False, callback=put("organization")
        ),
        click.option("--json", is_flag=True, expose_value=False, callback=put("json")),
    ):
        command = option(command)
    return command


@webhooks.command()
@_common
@click.option(
    "--dialect",
    type=click.Choice(["native", "cubu", "vcc"]),
    default="native",
    show_default=True,
    help="The language it is told in.",
)
@click.option("--url", required=True, help="Where facts are told; for cubu the base URL.")
@click.option("--name", default="", help="What people call it.")
@click.option("--kind", "kinds", multiple=True, help="Facts: a name, case.* or *. Several times.")
@click.option("--unit", "units", multiple=True, help="Only from this unit: number or id.")
@click.option("--service", "services", multiple=True, help="Only of this service: number or id.")
@click.option("--authorization", type=click.Choice(["hmac", "none"]), help="Sign, or do not.")
@click.option("--secret", help="The secret, if it is known already; else one is made.")
@click.option("--encrypt", metavar="CIPHER", help=f"vcc: encrypt bodies, as in {ENCRYPT}.")
@click.option("--key", help="vcc: the key of the encryption; else one is made.")
@click.option("--method", type=click.Choice(["POST", "PUT", "GET"]), help="vcc: how to send.")
@click.option("--action", "actions", multiple=True, metavar="KIND=NAME", help="cubu: its name.")
@click.option("--set", "set_", multiple=True, metavar="NAME=JSON", help="Any other setting.")
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Goes along.")
@click.option("--concurrency", type=click.IntRange(1, 32), help="Posts at once, at most.")
@click.option("--rate", type=click.IntRange(1, 1000), help="Posts in a second, at most.")
@click.option(
    "--guarded",
    is_flag=True,
    help="Treat it as an administrator's: public addresses only, and it must confirm.",
)
@click.pass_obj
def add(desk: _Desk, /, **said: Any) -> None:
    """Tell an address what happens from now on; prints its id and, this once, its secret."""
    if said["secret"] and said["key"]:
        raise BadSettings("give --secret or --key: for vcc they are the same")
    if said["key"] and not said["encrypt"]:
        raise BadSettings("--key is for --encrypt")
    done = desk.do(
        "add",
        dialect=said["dialect"],
        url=said["url"],
        name=said["name"],
        kinds=list(said["kinds"]) or None,
        unit_ids=list(said["units"]),
        service_ids=list(said["services"]),
        authorization=said["authorization"],
        secret=said["secret"] or said["key"],
        settings=_settings_of(said),
        headers=dict(_pair(one, ":") for one in said["headers"]),
        concurrency=said["concurrency"],
        rate=said["rate"],
        trusted=not said["guarded"],
    )
    lines = [f"id      {done['id']}"]
    if done["secret"] is not None:
        lines.append(f"secret  {done['secret']}")
    desk.tell({name: done[name] for name in ("id", "dialect", "url", "secret")}, *lines)


@webhooks.command("list")
@_common
@click.pass_obj
def list_(desk: _Desk) -> None:
    """Every endpoint: id, state, language, cases waiting, address, name."""
    found = desk.do("list")
    desk.tell(
        found,
        *(
            f"{one['id']}  {one['state']:<8}  {one['dialect']:<6}  {one['waiting']:>5}  "
            f"{one['url']}  {one['name']}".rstrip()
            for one in found
        ),
    )


@webhooks.command()
@_common
@click.argument("id")
@click.pass_obj
def show(desk: _Desk, id: str) -> None:
    """All about one endpoint but its secret."""
    _tell_all(desk, desk.do("show", id=id))


@webhooks.command()
@_common
@click.argument("id")
@click.pass_obj
def pause(desk: _Desk, id: str) -> None:
    """Tell it nothing until it is resumed; what happens meanwhile is told then."""
    done = desk.do("pause", id=id)
    desk.tell(done, f"{done['id']}  {done['state']}")


@webhooks.command()
@_common
@click.argument("id")
@click.pass_obj
def resume(desk: _Desk, id: str) -> None:
    """Tell it again, from where it was left."""
    done = desk.do("resume", id=id)
    desk.tell(done, f"{done['id']}  {done['state']}")


@webhooks.command()
@_common
@click.argument("id")
@click.pass_obj
def confirm(desk: _Desk, id: str) -> None:
    """Take your word for it that it wants to be told, at its own pace."""
    done = desk.do("confirm", id=id)
    desk.tell(done, f"{done['id']}  confirmed")


@webhooks.command()
@_common
@click.argument("id")
@click.option("--both-for-hours", type=click.IntRange(0, 168), help="Both sign for so long.")
@click.option("--secret", help="The new secret; else one is made.")
@click.pass_obj
def roll(desk: _Desk, id: str, both_for_hours: int | None, secret: str | None) -> None:
    """Give it a new secret, which is printed this once."""
    done = desk.do("roll", id=id, both_for_hours=both_for_hours, secret=secret)
    desk.tell(
        {name: done[name] for name in ("id", "secret")},
        f"id      {done['id']}",
        f"secret  {done['secret']}",
    )


@webhooks.command()
@_common
@click.argument("id")
@click.pass_obj
def delete(desk: _Desk, id: str) -> None:
    """Take it away; what it has yet to be told is told to nobody."""
    done = desk.do("delete", id=id)
    desk.tell(done, f"{done['id']}  {done['state']}")


@webhooks.command()
@_common
@click.argument("id")
@click.option("--wait", default=30, show_default=True, help="Seconds to wait for what comes of it.")
@click.pass_obj
def test(desk: _Desk, id: str, wait: int) -> None:
    """Tell it something, once, marked as a trial; says whether it was taken."""
    _follow(desk, desk.do("test", id=id), wait)


@webhooks.command()
@_common
@click.argument("id")
@click.option("--failed", "only_failed", is_flag=True, help="Only what it did not take.")
@click.option("--since", metavar="TIME", help="What happened from then on; UTC if no offset.")
@click.option("--until", metavar="TIME", help="What happened before then.")
@click.option("--after", type=int, metavar="POSITION", help="From this place in the feed on.")
@click.option("--up-to", type=int, metavar="POSITION", help="Up to this place in the feed.")
@click.option("--case", metavar="ID", help="One fact of this case, with --version.")
@click.option("--version", type=click.IntRange(1, 2**31 - 1), help="Which fact of the case.")
@click.option("--wait", default=0, show_default=True, help="Seconds to wait until it is done.")
@click.pass_obj
def replay(desk: _Desk, /, id: str, wait: int, **wish: Any) -> None:
    """Tell it again: one fact, a stretch of time or of the feed, or all that failed.

    Receivers see facts they may have seen before, under the same id. Live facts go first.
    """
    _follow(desk, desk.do("replay", id=id, **wish), wait)


@webhooks.command()
@_common
@click.argument("id")
@click.pass_obj
def progress(desk: _Desk, id: str) -> None:
    """How far a replay or a trial has come, by its id."""
    _follow(desk, desk.do("progress", id=id), 0)


def _follow(desk: _Desk, asked: Any, wait: int) -> None:
    """Wait until it has ended, at most so long, and say how it stands."""
    end = monotonic() + wait
    while asked["state"] in ("waiting", "running") and monotonic() < end:
        sleep(0.2)
        asked = desk.do("progress", id=asked["id"])
    desk.tell(asked, f"{asked['id']}  {asked['state']}  {asked['told']} of {asked['total']} taken")


def _settings_of(said: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in said["set_"]:
        name, text = _pair(one, "=")
        try:
            found[name] = json.loads(text)
        except ValueError:
            found[name] = text
    for name in ("encrypt", "method"):
        if said[name]:
            found[name] = said[name]
    if said["actions"]:
        found["actions"] = dict(_pair(one, "=") for one in said["actions"])
    return found


def _pair(text: str, sign: str) -> tuple[str, str]:
    name, found, value = text.partition(sign)
    if not found:
        raise BadSettings(f"{text} should have a {sign} in it")
    return name.strip(), value.strip()


def _tell_all(desk: _Desk, one: Mapping[str, Any]) -> None:
    said = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in one.items()
    }
    desk.tell(one, *(f"{name:<14} {value}" for name, value in said.items()))
