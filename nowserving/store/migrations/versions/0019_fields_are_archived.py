"""fields.archived: what cases are asked no more."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.add_column(
        "fields", sa.Column("archived", types.Flag(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
