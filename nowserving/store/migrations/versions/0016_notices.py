"""notices: what those who have booked are told, and when."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "notices",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("case_id", types.Id(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("starts_at", types.Instant(), nullable=False),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.Column("due", types.Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("mailed", types.Flag(), nullable=False),
        sa.Column("texted", types.Flag(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "case_id", "occasion", name=op.f("pk_notices")),
    )
    op.create_index(
        "ix_notices_due",
        "notices",
        ["organization_id", "due"],
        postgresql_where=sa.text("due is not null"),
        sqlite_where=sa.text("due is not null"),
    )


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
