"""data_tables.group_ids, whose records only some groups see; data_records.remote_id."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column("data_tables", sa.Column("group_ids", types.Json(), nullable=True))
    op.add_column("data_records", sa.Column("remote_id", sa.Text(), nullable=True))
    called = sa.text("remote_id is not null")
    op.create_index(
        "ix_data_records_remote",
        "data_records",
        ["organization_id", "table_id", "remote_id"],
        unique=True,
        postgresql_where=called,
        sqlite_where=called,
    )


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
