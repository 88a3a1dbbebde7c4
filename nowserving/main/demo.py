"""The demonstration: a small branch with a waiting morning, ready to be tried."""

import json
import os
import random
import shutil
import socket
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from nowserving.actions import desk, endpoints
from nowserving.actions.bookings import book_first_available
from nowserving.actions.caretaking import open_ahead
from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample, sample
from nowserving.actions.sample_work import BackOffice, add_back_office
from nowserving.actions.setup import begin
from nowserving.cases.admission import Request
from nowserving.cases.work import Opening
from nowserving.kit.clock import wall
from nowserving.main.cli_webhooks import ENCRYPT
from nowserving.main.demo_wolkvox import for_wolkvox
from nowserving.main.listeners import guard_of
from nowserving.main.outside import LANGUAGES, outside
from nowserving.main.ports import must_be_free
from nowserving.main.settings import BadSettings, Settings
from nowserving.people.actor import Actor, ActorKind, grants_of, system
from nowserving.people.permissions import Role
from nowserving.places.codes import CodeKind
from nowserving.places.directory import Directory
from nowserving.places.services import EntryMode
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
        facts |= await _addresses(house, settings, facts)
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
        await _morning(house, made)
        await _appointments(house, made)
        await _letters(house, made, office)
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


async def _addresses(house: House, settings: Settings, facts: dict[str, Any]) -> dict[str, Any]:
    """What of demo.json follows from the places and the port."""
    base = settings.base_url
    directory = await house.directory(UUID(facts["organization_id"]))
    unit = directory.unit_numbered(1)
    slug = facts["organization"]
    return {
        "base_url": base,
        "token_url": f"{base}/{facts['tenant_id']}/oauth2/v2.0/token",
        "api_url": f"{base}/api/v1",
        "docs_url": f"{base}/api/v1/docs",
        "kiosk_url": f"{base}/kiosk/{slug}/{unit.number}",
        "board_url": f"{base}/board/{slug}/{unit.number}",
        "booking_url": f"{base}/book/{slug}/{unit.number}",
        "desk_url": f"{base}/desk",
        "vcc": {
            "base_url": base,
            "user": slug,
            "password": f"{facts['client_id']}.{facts['client_secret']}",
            "project_id": directory.services_of(unit.id)[0].number,
        },
        "qflow": {
            "base_url": f"{base}{settings.qflow_prefix}",
            "api_key": f"{slug}.{facts['client_id']}.{facts['client_secret']}",
            "user": slug,
            "password": f"{facts['client_id']}.{facts['client_secret']}",
            "service_id": directory.services_of(unit.id)[0].number,
            "service_ext_ref": directory.services_of(unit.id)[0].ext_ref,
            "classification_code": next(
                (one.code for one in directory.codes_of(CodeKind.CLASSIFICATION)), None
            ),
        },
        "units": [
            {"id": str(one.id), "number": one.number, "name": one.name, "time_zone": one.time_zone}
            for one in directory.units.values()
        ],
        "services": [_service(directory, service.id) for service in directory.services_of(unit.id)],
        "queues": _named(directory.queues_of(unit.id)),
        "desks": _named(directory.desks_of(unit.id)),
        "workspaces": _named(directory.workspaces_of(unit.id)),
        "outcomes": _named(sorted(directory.outcomes.values(), key=lambda one: one.position)),
        "tags": _named(list(directory.tags.values())),
        "customers_table": {
            "id": str(directory.customers.id),
            "slug": directory.customers.slug,
            "fields": [
                {"id": str(field.id), "slug": field.slug, "key": field.key}
                for field in directory.customers.fields
            ],
        },
        "calendars": await _calendars(house, directory),
        "cases_url": f"{base}/cases",
        "case_service": _inbox(directory),
        "case_statuses": [
            {"id": str(one.id), "name": one.name, "condition": one.condition}
            for one in sorted(directory.statuses.values(), key=lambda one: one.position)
        ],
        "case_priorities": _named(directory.offered_priorities()),
    }


async def _calendars(house: House, directory: Directory) -> list[dict[str, Any]]:
    """The calendars of the next days, of every service that is booked."""
    found = []
    async with house.acting(system(directory.organization.id, "demo")) as act:
        for service in directory.services_of(directory.unit_numbered(1).id):
            if service.entry_mode is not EntryMode.APPOINTMENT:
                continue
            today = act.now.astimezone(directory.unit(service.unit_id).zone).date()
            last = today + timedelta(days=13)
            found += await act.look.calendars.of(service.id, today, last)
    return [
        {
            "id": str(one.id),
            "service_id": str(one.service_id),
            "day": one.day.isoformat(),
            "index": one.index,
        }
        for one in found
    ]


def _service(directory: Directory, id: UUID) -> dict[str, Any]:
    service = directory.service(id)
    return {
        "id": str(service.id),
        "number": service.number,
        "name": service.name,
        "ext_ref": service.ext_ref,
        "entry_mode": str(service.entry_mode),
        "unit_id": str(service.unit_id),
        "queue_id": str(service.queue_id),
        "needs_phone": service.needs_phone,
        "needs_email": service.needs_email,
        "needs_customer": service.needs_customer,
        "service_types": [
            {
                "id": str(kind.id),
                "number": kind.number,
                "name": kind.name,
                "minutes": kind.minutes,
                "channels": [str(channel) for channel in kind.channels],
            }
            for kind in directory.types_of(service)
        ],
        "fields": [
            {"id": str(field.id), "slug": field.slug, "name": field.name}
            for field in directory.fields_of(service.category_id)
        ],
    }


def _inbox(directory: Directory) -> dict[str, Any] | None:
    """The service whose cases stand in no line, if there is one."""
    for service in directory.services.values():
        if not service.archived and not directory.lined(service):
            return _service(directory, service.id)
    return None


def _named(things: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"id": str(thing.id), "name": thing.name} for thing in things]


async def _morning(house: House, made: Sample) -> None:
    """A morning under way: fourteen people came over the last hour, three were served."""
    chance = random.Random(7)
    now = wall()
    past = House(house.engine, house.vault, clock=lambda: now, ids=house.ids)
    directory = await past.directory(made.organization.id)
    unit = directory.unit_numbered(1)
    offered = [one for one in directory.services_of(unit.id) if one.entry_mode is EntryMode.WALK_IN]
    came_by = system(made.organization.id, "demo")
    for minutes in sorted((chance.randint(2, 58) for _ in range(14)), reverse=True):
        now = wall() - timedelta(minutes=minutes)
        service = chance.choices(offered, (5, 4, 2))[0]
        phone = "+4930123456" if service.needs_phone else None
        async with past.acting(came_by) as act:
            await queue_up(act, Request(service_id=service.id, phone=phone))
    now = wall()
    counter = directory.desks_of(unit.id)[3]
    for outcome in list(directory.outcomes.values())[:3]:
        await _serve(past, made, directory, counter.id, outcome.id)


async def _appointments(house: House, made: Sample) -> None:
    """Three people have booked the next times there are."""
    directory = await house.directory(made.organization.id)
    booked_by = system(made.organization.id, "demo")
    for service in directory.services_of(directory.unit_numbered(1).id):
        for name in ("Ada", "Bo", "Chi") if service.entry_mode is EntryMode.APPOINTMENT else ():
            async with house.acting(booked_by) as act:
                await book_first_available(act, Request(service_id=service.id, name=name))


async def _letters(house: House, made: Sample, office: BackOffice) -> None:
    """What has come in by letter: three cases, one of which somebody works on."""
    came_by = system(made.organization.id, "demo")
    statuses = {status.name: status for status in office.statuses}
    for at, (title, name, status) in enumerate(
        (
            ("The lamp in Mill Lane is broken", "Ada Example", "Open"),
            ("Refund of a fee paid twice", "Grace Sample", "In progress"),
            ("Noise from the works at night", "Alan Muster", "On hold"),
        )
    ):
        opening = Opening(
            Request(service_id=office.service.id, type_id=office.types[at].id, name=name),
            title=title,
            status_id=statuses[status].id,
            priority_id=office.priorities[at + 1].id,
            due_at=house.clock() + timedelta(days=at + 1),
        )
        async with house.acting(came_by) as act:
            await open_case(act, opening)


async def _serve(
    house: House, made: Sample, directory: Directory, desk_id: UUID, outcome_id: UUID
) -> None:
    unit = directory.unit_numbered(1)
    agent = made.beginning.agents[3]
    grants = grants_of([(Role.AGENT, frozenset({unit.id}))])
    actor = Actor(made.organization.id, ActorKind.AGENT, agent.id, agent.name, grants)
    queues = [queue.id for queue in directory.queues_of(unit.id)]
    async with house.acting(actor) as act:
        case = await desk.call_next(act, unit_id=unit.id, queue_ids=queues, desk_id=desk_id)
        if case is not None:
            await desk.resolve(act, case_id=case.id, outcome_id=outcome_id)


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
  API              {facts["docs_url"]}

  Sign in at the desk as
{logins}

  For scripts      {written} (ids, secrets, addresses; see the README)
  Stop             Ctrl-C
"""
