"""desk versions: how many facts each desk has."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "desk_versions",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("desk_id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "desk_id", name=op.f("pk_desk_versions")),
    )


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
