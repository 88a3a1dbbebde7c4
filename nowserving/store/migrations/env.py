"""How Alembic runs: on the connection it is handed, with the tables of the store."""

from typing import Any, Literal

from alembic import context

from nowserving.store.tables import metadata
from nowserving.store.tables.base import described
from nowserving.store.types import Json, Word


def render(kind: str, thing: Any, _autogen: Any) -> str | Literal[False]:
    """Words and JSON are text to a database; a migration must not know their meaning."""
    return "sa.Text()" if kind == "type" and isinstance(thing, Word | Json) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    user_module_prefix="types.",
    render_item=render,
    include_name=described,
)
with context.begin_transaction():
    context.run_migrations()
