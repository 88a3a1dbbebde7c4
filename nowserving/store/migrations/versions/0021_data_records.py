"""data records: tables that organizations make themselves, and what is kept in them."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "data_records",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("table_id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_data_records")),
    )
    op.create_index("ix_data_records_table", "data_records", ["organization_id", "table_id", "id"])
    op.create_table(
        "data_record_keys",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("table_id", types.Id(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("record_id", types.Id(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "table_id", "slug", "folded", name=op.f("pk_data_record_keys")
        ),
    )
    op.create_index(
        "ix_data_record_keys_record", "data_record_keys", ["organization_id", "record_id"]
    )
    op.create_index("ix_data_tables_slug", "data_tables", ["organization_id", "slug"], unique=True)


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
