"""The demonstration: a small branch with a waiting morning, ready to be tried."""

import json
import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from nowserving.actions import endpoints
from nowserving.actions.caretaking import open_ahead
from nowserving.actions.house import House
from nowserving.actions.sample import sample
from nowserving.actions.sample_work import add_back_office
from nowserving.actions.setup import begin
from nowserving.main.cli_webhooks import ENCRYPT
from nowserving.main.demo_facts import of_places
from nowserving.main.demo_morning import fill
from nowserving.main.demo_wolkvox import for_wolkvox
from nowserving.main.listeners import guard_of
from nowserving.main.outside import LANGUAGES, outside
from nowserving.main.ports import must_be_free
from nowserving.main.settings import BadSettings, Settings
from nowserving.people.actor import system
from nowserving.store.engines import must_be_at_rest, open_engine
from nowserving.store.form import bring_up_to_date


@dataclass(frozen=True, slots=True)
class Wish:
    """What whoever runs the demonstration asked for."""

    data: Path
    port: int
    fresh: bool
    empty: bool
    database: str | None
    workers: int
    webhook_base_url: str | None
    webhooks: tuple[str, ...] = ()


async def prepare(wish: Wish) -> tuple[Settings, str]:
    """Make or go on with the demonstration; how to serve it, and what to tell people."""
    if wish.port:
        must_be_free("127.0.0.1", wish.port)
    if wish.webhook_base_url and not _is_address(wish.webhook_base_url):
        raise BadSettings("the webhook base URL must look like https://receiver.example/hooks")
    for text in wish.webhooks:
        _url_and_dialect(text)
    if wish.fresh:
        _clear(wish.data)
    _must_be_ours(wish.data)
    written = wish.data / "demo.json"
    before = _written_before(written)
    url = (
        wish.database
        or before.get("database_url")
        or f"sqlite:///{wish.data.resolve()}/nowserving.db"
    )
    port = wish.port or _free_port(before)
    settings = Settings(
        database_url=url,
        key_file=str(wish.data.resolve() / "secret.key"),
        files=str(wish.data.resolve() / "files"),
        base_url=f"http://127.0.0.1:{port}",
        port=port,
        workers=wish.workers,
        log_level="warning",
        log_format="text",
        **_opened(),
    ).check()
    await bring_up_to_date(url)
    engine = await open_engine(url, connections=2)
    try:
        house = House(engine, settings.vault())
        house.outside = outside(guard_of(settings))
        facts = before if await _goes_on(house, before) else await _begin(house, wish, url)
        await _webhooks(house, wish, facts)
        facts |= await of_places(house, settings, facts)
        facts["wolkvox"] = await for_wolkvox(house, settings, facts)
    finally:
        await engine.close()
    _write(written, facts)
    return settings, _tell(facts, written)


def _opened() -> dict[str, Any]:
    """Where else webhooks and hooks may lead, by the environment: to this machine, say."""
    read = Settings.read()
    return {
        name: getattr(read, name) for name in ("allowed_networks", "allowed_ports", "allow_http")
    }


async def _goes_on(house: House, before: dict[str, Any]) -> bool:
    known = {str(organization.id) for organization in await house.organizations()}
    return before.get("organization_id") in known


async def _begin(house: House, wish: Wish, url: str) -> dict[str, Any]:
    taken = await house.organizations()
    number = max((one.number for one in taken), default=0) + 1
    slug = "demo" if number == 1 else f"demo-{number}"
    now = house.clock()
    made = await sample(lambda: house.ids(now), now, number=number, slug=slug)
    await begin(house, made.beginning)
    await open_ahead(house)
    directory = await house.directory(made.organization.id)
    office = await add_back_office(house, directory, (made.beginning.agents[3].id,))
    if not wish.empty:
        await fill(house, made, office)
    return {
        "database_url": url,
        "organization_id": str(made.organization.id),
        "organization": slug,
        "tenant_id": str(made.organization.id),
        "application_id": str(made.client.application_id),
        "client_id": str(made.client.id),
        "client_secret": made.client_secret,
        "agents": [
            {
                "id": str(agent.id),
                "login": login.login,
                "password": login.password,
                "name": login.name,
            }
            for agent, login in zip(made.beginning.agents, made.logins, strict=True)
        ],
    }


async def _webhooks(house: House, wish: Wish, facts: dict[str, Any]) -> None:
    """Tell the addresses asked for, each once, wherever they may be; a new one has a new secret."""
    known: list[dict[str, Any]] = facts.setdefault("webhooks", [])
    asked = [_url_and_dialect(text) for text in wish.webhooks]
    base_url = wish.webhook_base_url
    if base_url and facts.get("webhook_base_url") != base_url:
        asked.append((base_url, "cubu"))
    for url, dialect in asked:
        if (url, dialect) in [(one["url"], one["dialect"]) for one in known]:
            continue
        actor = system(UUID(facts["organization_id"]), "demo")
        settings = {"encrypt": ENCRYPT} if dialect == "vcc" and "${iv}" in url else {}
        async with house.acting(actor) as act:
            added = await endpoints.add(
                act, dialect=dialect, url=url, settings=settings, trusted=True
            )
        known.append(
            {
                "id": str(added.endpoint.id),
                "url": url,
                "dialect": dialect,
                "secret": added.secret,
            }
        )
        if url == base_url and dialect == "cubu":
            facts |= {"webhook_base_url": base_url, "webhook_secret": added.secret}


def _url_and_dialect(text: str) -> tuple[str, str]:
    url, _, dialect = text.rpartition(",")
    if dialect not in LANGUAGES or not _is_address(url):
        raise BadSettings(
            f"{text}: a webhook looks like https://receiver.example/hooks,native "
            f"(or {', '.join(sorted(LANGUAGES))})"
        )
    return url, dialect


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
    except ValueError:
        return False


def _free_port(before: dict[str, Any]) -> int:
    """The port of last time if it is free, else any."""
    last = int(str(before.get("base_url", "")).rpartition(":")[2] or 0)
    for port in (last, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise BadSettings("no port is free")


def _must_be_ours(data: Path) -> None:
    """Make the folder; BadSettings if nothing can be written there."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as refused:
        raise BadSettings(f"{data} cannot be written to: {refused.strerror}") from None


def _written_before(path: Path) -> dict[str, Any]:
    """What an earlier start wrote down; nothing if there was none."""
    try:
        return dict(json.loads(path.read_text())) if path.exists() else {}
    except ValueError:
        raise BadSettings(f"{path} cannot be read; begin anew with --fresh") from None


def _clear(data: Path) -> None:
    """Remove a demonstration; nothing that is not one, and none that is running."""
    if not data.exists() or not any(data.iterdir()):
        return
    if not (data / "demo.json").exists() and not (data / "secret.key").exists():
        raise BadSettings(f"{data} is not the folder of a demonstration; nothing was removed")
    for database in data.glob("*.db"):
        must_be_at_rest(str(database))
    shutil.rmtree(data)


def _write(path: Path, facts: dict[str, Any]) -> None:
    """Write whole or not at all, for the owner's eyes only."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(facts, file, indent=2)
        file.write("\n")
    new.replace(path)


def _tell(facts: dict[str, Any], written: Path) -> str:
    logins = "\n".join(
        f"    {one['login']:<6} {one['password']:<18} {one['name']}" for one in facts["agents"]
    )
    return f"""
Nowserving is starting with a small branch to try things in.

  Take a number    {facts["kiosk_url"]}
  Book a time      {facts["booking_url"]}
  Board            {facts["board_url"]}
  Desk             {facts["desk_url"]}
  Cases            {facts["cases_url"]}
  Administration   {facts["office_url"]} (as eve)
  API              {facts["docs_url"]}

  Sign in at the desk as
{logins}

  For scripts      {written} (ids, secrets, addresses; see the README)
  Stop             Ctrl-C
"""
