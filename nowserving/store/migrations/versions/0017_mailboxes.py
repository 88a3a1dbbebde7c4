"""mailboxes: which process empties a mailbox at the moment."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "mailboxes",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", types.Id(), nullable=False),
        sa.Column("held_until", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "name", name=op.f("pk_mailboxes")),
    )


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
