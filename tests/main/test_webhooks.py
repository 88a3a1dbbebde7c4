"""Endpoints on the command line: with a server running, and without."""

import asyncio
import json
import stat
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.main import beside
from nowserving.main.beside import do
from nowserving.main.demo import prepare
from nowserving.main.knocking import knock, socket_of
from nowserving.main.listeners import guard_of
from nowserving.main.settings import BadSettings, Settings
from nowserving.main.side_door import SideDoor
from nowserving.main.watching import Watching
from nowserving.main.webhooks import obey
from nowserving.store.engines import Locked, Looking, open_engine
from nowserving.store.store import Store
from tests.main.operator import run, typed
from tests.main.test_cli import a_wish

URL = "http://127.0.0.1:9/?iv=${iv}"
ADD = {"dialect": "vcc", "url": URL, "trusted": True}


async def test_a_script_manages_endpoints_beside_a_running_server(
    app: Watching, settings: Settings, house: House, branch: Sample
) -> None:
    added = await do(
        settings,
        "add",
        {**ADD, "settings": {"encrypt": "aes-256-ctr"}, "secret": "very secret key"},
    )
    assert (added["secret"], added["settings"]) == ("very secret key", {"encrypt": "aes-256-ctr"})
    [listed] = await do(settings, "list", {})
    assert (listed["id"], listed["url"], listed["trusted"]) == (added["id"], ADD["url"], True)
    store = Store(Looking(house.engine), branch.organization.id)
    [endpoint] = await store.endpoints.all()
    assert str(endpoint.id) == added["id"]
    assert house.vault.unlock(endpoint.secret or b"") == "very secret key"
    asked = {"id": added["id"]}
    assert (await do(settings, "pause", asked))["state"] == "disabled"
    assert (await do(settings, "resume", asked))["state"] == "active"
    trial = await do(settings, "test", asked)
    assert (trial["endpoint_id"], trial["total"]) == (added["id"], 1)
    again = await do(settings, "replay", {**asked, "since": "2020-01-01"})
    assert (again["endpoint_id"], again["total"]) == (added["id"], 0)
    assert (await do(settings, "progress", {"id": again["id"]}))["id"] == again["id"]
    with pytest.raises(BadSettings, match="a date and time"):
        await do(settings, "replay", {**asked, "since": "yesterday"})
    assert "secret" not in await do(settings, "show", asked)
    assert (await do(settings, "roll", asked))["secret"] != "very secret key"
    await do(settings, "delete", asked)
    assert await do(settings, "list", {}) == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_what_a_running_server_refuses_is_said_in_a_line(
    app: Watching, settings: Settings
) -> None:
    for command, given, said in (
        ("add", {"dialect": "native", "url": "http://127.0.0.1/"}, "field: url, reason: only"),
        ("show", {"id": str(uuid4())}, "what: endpoint"),
        ("show", {"id": "x"}, "what: endpoint"),
        ("list", {"organization": "nowhere"}, "what: organization"),
        ("replay", {"id": str(uuid4()), "case": "x", "version": 1}, "what: case, id: x"),
        ("replay", {"id": str(uuid4()), "until": "tomorrow"}, "field: until"),
        ("dance", {}, "no command dance"),
    ):
        with pytest.raises(BadSettings, match=said):
            await do(settings, command, given)


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_the_side_door_is_for_its_owner_and_closes_with_the_server(
    house: House, branch: Sample, tmp_path: Path
) -> None:
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    path = socket_of(f"sqlite:///{folder}/x.db")
    assert path is not None
    async with SideDoor(house, path, obey):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert await knock(path, "list", {}) == []
        link = tmp_path.parent / uuid4().hex[:4]
        link.symlink_to(folder)
        reader, writer = await asyncio.open_unix_connection(str(link / path.name))
        writer.write(b"nonsense\n")
        assert b"does not understand" in await reader.readline()
        writer.close()
    assert not path.exists()
    with pytest.raises(BadSettings):
        await knock(path, "list", {})
    assert socket_of("postgresql://x@y/z") is None


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_database_that_somebody_else_has_open_is_refused(
    house: House, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "TRIES", 2)
    monkeypatch.setattr(beside, "PAUSE", 0.0)
    with pytest.raises(Locked):
        await do(settings, "list", {})


async def test_which_organization_must_be_said_where_there_are_several(
    app: Watching, settings: Settings, house: House, other_branch: Sample
) -> None:
    with pytest.raises(BadSettings, match="--organization: demo, other"):
        await do(settings, "list", {})
    await do(settings, "add", {**ADD, "organization": "other"})
    assert await do(settings, "list", {"organization": "demo"}) == []
    [one] = await do(settings, "list", {"organization": "other"})
    assert one["url"] == ADD["url"]


async def test_units_and_services_are_named_as_people_name_them(
    app: Watching, settings: Settings, house: House, branch: Sample
) -> None:
    directory = await house.directory(branch.organization.id)
    unit = directory.unit_numbered(1)
    service = next(one for one in directory.services.values() if one.ext_ref == "SVC-003")
    places = {"unit_ids": ["1"], "service_ids": ["SVC-003", str(service.id)]}
    added = await do(settings, "add", {**ADD, **places})
    assert added["unit_ids"] == [str(unit.id)]
    assert added["service_ids"] == [str(service.id)]
    with pytest.raises(BadSettings, match="what: service"):
        await do(settings, "add", {**ADD, "service_ids": ["nothing"]})


def test_an_operator_adds_and_lists_without_a_server(tmp_path: Path) -> None:
    database = {"NOWSERVING_DATABASE_URL": f"sqlite:///{tmp_path}/office.db"}
    typed("migrate", **database)
    office = ["organization", "Library", "--slug", "library", "--owner", "ada"]
    typed(*office, "--country", "DE", "--time-zone", "Europe/Berlin", **database)
    words = ["webhooks", "add", "--dialect", "vcc", "--url", URL]
    added = run(*words, "--encrypt", "aes-256-ctr", "--key", "very secret key", **database)
    assert added.returncode == 0, added.stderr
    (word, id), (other, *secret) = (line.split() for line in added.stdout.splitlines())
    assert (word, other, " ".join(secret)) == ("id", "secret", "very secret key")
    listed = typed("webhooks", "list", "--json", **database)
    [one] = json.loads(listed.stdout)
    assert (one["id"], one["settings"]) == (id, {"encrypt": "aes-256-ctr"})
    assert "very secret key" not in listed.stdout
    wrong = typed("webhooks", "add", "--url", "ftp://r.example/", **database)
    assert wrong.returncode == 1
    assert "only http and https" in wrong.stderr
    assert "Traceback" not in wrong.stderr


async def test_a_demonstration_tells_whoever_it_is_asked_to(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    asked = (
        "http://127.0.0.1:9/a,b,native",
        "http://127.0.0.1:9/c,cubu",
        "http://127.0.0.1:9/v?iv=${iv},vcc",
        "http://127.0.0.1:9/w,vcc",
    )
    await prepare(a_wish(data, webhooks=asked))
    written = json.loads((data / "demo.json").read_text())
    webhooks: list[dict[str, Any]] = written["webhooks"]
    assert [f"{one['url']},{one['dialect']}" for one in webhooks] == list(asked)
    assert [one["secret"] is not None for one in webhooks] == [True, True, True, False]
    more = "http://127.0.0.1:9/d,native"
    await prepare(a_wish(data, webhooks=(asked[0], more), webhook_base_url="http://127.0.0.1:9/e"))
    again = json.loads((data / "demo.json").read_text())
    assert again["webhooks"][:4] == webhooks
    assert [one["url"] for one in again["webhooks"][4:]] == [
        "http://127.0.0.1:9/d",
        "http://127.0.0.1:9/e",
    ]
    assert again["webhook_secret"] == again["webhooks"][5]["secret"]
    engine = await open_engine(again["database_url"], connections=1)
    for_all = Store(Looking(engine), branch_of(again))
    kept = await for_all.endpoints.all()
    assert {str(one.id) for one in kept} == {one["id"] for one in again["webhooks"]}
    assert all(one.trusted and one.confirmed for one in kept)
    await engine.close()
    for wrong in ("http://127.0.0.1:9/", "http://127.0.0.1:9/,klingon", "nowhere,cubu"):
        with pytest.raises(BadSettings):
            await prepare(a_wish(data, webhooks=(wrong,)))


def branch_of(written: dict[str, Any]) -> UUID:
    return UUID(written["organization_id"])


async def test_a_demonstration_may_lead_where_its_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("ALLOWED_NETWORKS", "127.0.0.0/8"),
        ("ALLOWED_PORTS", "9000"),
        ("ALLOW_HTTP", "1"),
    ):
        monkeypatch.setenv(f"NOWSERVING_{name}", value)
    settings, _ = await prepare(a_wish(tmp_path / "demo", empty=True))
    guard_of(settings).check("http://127.0.0.1:9000/before")
