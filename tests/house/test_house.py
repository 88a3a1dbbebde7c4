"""What holds the house together."""

import ast
import runpy
from collections.abc import Iterator
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from nowserving.store import migrate as migrating
from nowserving.store.cases import _COLUMNS
from nowserving.store.form import is_current, newest_form
from nowserving.store.migrate import migrate
from nowserving.store.tables import cases, metadata
from nowserving.store.tables.base import described

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "nowserving"
DOORS = [*(HOUSE / "dialects").rglob("*.py"), *(HOUSE / "web").rglob("*.py")]


async def test_migrations_make_exactly_the_tables(database_url: str) -> None:
    await migrate(database_url)
    differences: list[object] = []

    def compare(connection: Connection) -> None:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": described}
        )
        differences.extend(compare_metadata(context, metadata))

    await migrating._on(database_url, compare)
    assert differences == []


async def test_migrating_twice_changes_nothing(database_url: str) -> None:
    await migrate(database_url)
    await migrate(database_url)
    assert await is_current(database_url)


async def test_an_empty_database_is_not_current(database_url: str) -> None:
    assert not await is_current(database_url)


def test_the_last_step_by_name_is_the_last_to_be_taken() -> None:
    steps = ScriptDirectory.from_config(migrating._config(None))
    assert newest_form() == steps.get_current_head()


def test_the_organization_leads_every_key() -> None:
    for table in metadata.sorted_tables:
        if table.name != "organizations":
            assert next(iter(table.primary_key)).name == "organization_id", table
            for index in table.indexes:
                assert next(iter(index.columns)).name == "organization_id", index


def test_a_case_is_read_in_the_order_of_its_columns() -> None:
    assert [*(column.name for column in _COLUMNS), "link"] == [c.name for c in cases.columns]


def test_generated_pages_are_current() -> None:
    pages = runpy.run_path(str(ROOT / "docs" / "pictures.py"))["pages"]()
    for page, text in pages.items():
        assert page.read_text() == text, f"run: python docs/pictures.py ({page.name})"


def test_sql_is_written_in_the_store_only() -> None:
    for path in HOUSE.rglob("*.py"):
        if (HOUSE / "store") not in path.parents:
            assert not [name for name in _imports(path) if name.startswith("sqlalchemy")], path


def test_no_door_writes_to_the_store() -> None:
    """A door acts; only actions write. Doors may look, and open acts."""
    writing = set(_writing_verbs())
    assert {"replace", "add", "add_note", "take_numbers"} <= writing
    for path in DOORS:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                chain = ast.unparse(node.func)
                written = node.func.attr in writing and (".store." in chain or ".look." in chain)
                assert not written, f"{path}:{node.lineno} {chain}"
            if isinstance(node, ast.Attribute):
                assert node.attr != "writing", f"{path}:{node.lineno} opens a transaction"


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def _writing_verbs() -> Iterator[str]:
    """The methods of the store that write."""
    for path in (HOUSE / "store").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.AsyncFunctionDef):
                code = ast.unparse(node)
                if "_connection.run(" in code or "_connection.insert(" in code or "_TAKE" in code:
                    yield node.name
