"""The command line as an operator uses it."""

import json
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import click
import pytest

from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.actions.setup import begin_epochs
from nowserving.cases.admission import Request
from nowserving.main.cli import COMMANDS, cli
from nowserving.main.demo import Wish, prepare
from nowserving.main.settings import BadSettings, Settings, new_key
from nowserving.people.actor import Actor
from nowserving.store.engines import Locked, Looking, open_engine
from nowserving.store.store import Store
from tests.main.operator import run, typed

ROOT = Path(__file__).parents[2]
OFFICE = [
    "organization",
    "Library",
    "--slug",
    "library",
    "--owner",
    "ada",
    "--country",
    "DE",
    "--time-zone",
]


def a_wish(data: Path, **changes: object) -> Wish:
    """A demonstration in a folder."""
    plain: dict[str, object] = {
        "data": data,
        "port": 0,
        "fresh": False,
        "empty": True,
        "database": None,
        "workers": 1,
        "webhook_base_url": None,
    }
    return Wish(**{**plain, **changes})  # type: ignore[arg-type]


def test_help_names_every_command() -> None:
    told = run("--help")
    assert told.returncode == 0
    for command in COMMANDS:
        assert f"\n  {command} " in told.stdout


def test_each_command_is_where_the_list_says_and_for_what() -> None:
    for name, (_, told) in COMMANDS.items():
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert (command.name, " ".join((command.help or "").partition("\n\n")[0].split())) == (
            name,
            told,
        )


def test_what_is_no_command_is_one_clear_line() -> None:
    refused = typed("dance")
    assert refused.returncode == 2
    assert "No such command 'dance'" in refused.stderr


def test_little_is_imported_for_a_command_that_needs_little() -> None:
    """So that an operator's script need not wait; see nowserving/main/cli.py."""
    imported = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "nowserving", "key"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stderr
    for heavy in ("sqlalchemy", "litestar", "aiohttp", "alembic"):
        assert f" {heavy}\n" not in imported


def test_serving_an_unmigrated_database_says_what_to_do(tmp_path: Path) -> None:
    refused = run("serve", "--database", f"sqlite:///{tmp_path}/line.db")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "nowserving: the database has not this version's form: run nowserving migrate\n"
    )


def test_several_workers_on_sqlite_are_refused(tmp_path: Path) -> None:
    refused = typed("serve", "--database", f"sqlite:///{tmp_path}/line.db", "--workers", "2")
    assert refused.returncode == 1
    assert "several workers need PostgreSQL" in refused.stderr


def test_a_database_that_is_not_there_is_one_clear_line() -> None:
    refused = run("migrate", "--database", "postgresql://nobody@127.0.0.1:9/none")
    assert refused.returncode == 1
    assert refused.stderr.startswith("nowserving: the database cannot be reached")
    assert "Traceback" not in refused.stderr


def test_postgres_without_a_key_is_refused() -> None:
    with pytest.raises(BadSettings, match="NOWSERVING_KEY"):
        Settings(database_url="postgresql://u@h/n").vault()


def test_an_office_can_be_made_and_its_owner_gets_a_new_password(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/line.db"
    assert run("migrate", "--database", url).returncode == 0
    made = run(*OFFICE, "Europe/Berlin", "--database", url)
    assert made.returncode == 0, made.stderr
    assert "Sign in at /desk as ada with " in made.stdout
    again = typed(*OFFICE, "Europe/Berlin", "--database", url)
    assert "there is an organization called library already" in again.stderr
    nowhere = typed(*OFFICE[:3], "other", *OFFICE[4:], "Mars/Olympus", "--database", url)
    assert "there is no such zone" in nowhere.stderr
    new = run("password", "ada", "--slug", "library", "--database", url)
    assert "The new password of ada is " in new.stdout
    nobody = typed("password", "bob", "--slug", "library", "--database", url)
    assert (nobody.returncode, "Traceback" in nobody.stderr) == (1, False)
    program = ("addresses", str(UUID(int=7)), "--slug", "library", "--database", url)
    assert "client" in run(*program, "192.0.2.0/24").stderr
    assert "--anywhere" in typed(*program).stderr


def test_backup_is_whole_and_never_overwrites(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/line.db"
    assert typed("migrate", "--database", url).returncode == 0
    copy = tmp_path / "copy.db"
    assert run("backup", str(copy), "--database", url).returncode == 0
    tables = "select count(*) from sqlite_master where type = 'table'"
    with sqlite3.connect(copy) as there, sqlite3.connect(tmp_path / "line.db") as here:
        assert there.execute(tables).fetchone() == here.execute(tables).fetchone()
    there.close()
    here.close()
    again = typed("backup", str(copy), "--database", url)
    assert again.returncode == 1
    assert "it was left as it is" in again.stderr


async def test_after_a_restore_cursors_are_void_and_numbers_are_passed_over(
    house: House, branch: Sample, program: Actor
) -> None:
    service = (await house.directory(branch.organization.id)).services_of(
        next(iter((await house.directory(branch.organization.id)).units))
    )[0]
    async with house.acting(program) as act:
        await queue_up(act, Request(service_id=service.id))
    store = Store(Looking(house.engine), branch.organization.id)
    before, _ = await store.feed.head()
    assert await begin_epochs(house, skip_numbers=10) == 1
    after, _ = await store.feed.head()
    assert after != before
    async with house.acting(program) as act:
        assert (await queue_up(act, Request(service_id=service.id))).case.sequence == 12


async def test_the_demo_writes_what_scripts_need(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    settings, told = await prepare(a_wish(data))
    written = data / "demo.json"
    facts = json.loads(written.read_text())
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE((data / "secret.key").stat().st_mode) == 0o600
    assert facts["base_url"] == settings.base_url
    assert facts["client_secret"] not in told
    for name in [
        "organization_id",
        "application_id",
        "tenant_id",
        "client_id",
        "client_secret",
        "token_url",
        "units",
        "services",
        "queues",
        "desks",
        "agents",
        "kiosk_url",
        "board_url",
        "booking_url",
        "desk_url",
        "cases_url",
        "office_url",
    ]:
        assert facts[name], name
    assert facts["office_url"] in told
    assert [len(facts[name]) for name in ("services", "queues", "desks")] == [4, 2, 4]
    assert {"id", "number", "name", "ext_ref", "service_types"} <= set(facts["services"][0])
    assert {"login", "password"} <= set(facts["agents"][0])


async def test_a_second_start_goes_on_with_what_is_there(tmp_path: Path) -> None:
    await prepare(a_wish(tmp_path / "demo"))
    first = json.loads((tmp_path / "demo" / "demo.json").read_text())
    await prepare(a_wish(tmp_path / "demo"))
    second = json.loads((tmp_path / "demo" / "demo.json").read_text())
    assert second == first
    await prepare(a_wish(tmp_path / "demo", fresh=True))
    third = json.loads((tmp_path / "demo" / "demo.json").read_text())
    assert third["organization_id"] != first["organization_id"]


async def test_fresh_removes_nothing_but_a_demonstration(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(BadSettings, match="nothing was removed"):
        await prepare(a_wish(tmp_path, fresh=True))
    assert (tmp_path / "letter.txt").read_text() == "dear"


async def test_fresh_removes_nothing_under_a_running_server(tmp_path: Path) -> None:
    settings, _ = await prepare(a_wish(tmp_path))
    running = await open_engine(settings.database_url)
    try:
        with pytest.raises(Locked, match="is in use by process"):
            await prepare(a_wish(tmp_path, fresh=True))
        assert (tmp_path / "demo.json").exists()
        assert (tmp_path / "nowserving.db").exists()
    finally:
        await running.close()


def test_a_port_in_use_is_one_clear_line_before_anybody_is_sent_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = run("demo", "--data", str(tmp_path / "demo"), "--port", port)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"nowserving: cannot listen on port {port} of 127.0.0.1")
        assert not (tmp_path / "demo").exists()
        url = f"sqlite:///{tmp_path}/line.db"
        assert typed("migrate", "--database", url).returncode == 0
        done = typed("serve", "--database", url, "--port", port)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert f"cannot listen on port {port}" in done.stderr


async def test_a_folder_that_cannot_be_used_is_one_clear_line(tmp_path: Path) -> None:
    done = typed("demo", "--data", "/proc/nowserving")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "/proc/nowserving cannot be written to" in done.stderr
    (tmp_path / "demo.json").write_text("{")
    with pytest.raises(BadSettings, match="begin anew with --fresh"):
        await prepare(a_wish(tmp_path))
    await prepare(a_wish(tmp_path, fresh=True))


@pytest.mark.parametrize("url", ["ftp://x", "receiver.example/hooks", "http://", "http://a b/"])
async def test_a_webhook_goes_to_an_address_or_the_demo_does_not_start(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(BadSettings, match="must look like"):
        await prepare(a_wish(tmp_path / "demo", webhook_base_url=url))
    assert not (tmp_path / "demo").exists()


def test_a_key_opens_a_vault() -> None:
    vault = Settings(key=new_key()).vault()
    assert vault.unlock(vault.lock("secret")) == "secret"
