"""facts have a place in the feed, and programs addresses."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_index("ix_feed_subject", "feed", ["organization_id", "subject_id", "version"])
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.add_column(sa.Column("addresses", types.Json(), nullable=True))


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
