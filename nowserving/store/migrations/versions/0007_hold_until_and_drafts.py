"""cases on hold say when they are expected again; remarks are kept while they are written."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "note_drafts",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("case_id", types.Id(), nullable=False),
        sa.Column("author_id", types.Id(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "case_id", "author_id", name=op.f("pk_note_drafts")
        ),
    )
    op.add_column("cases", sa.Column("back_at", types.Instant(), nullable=True))


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
