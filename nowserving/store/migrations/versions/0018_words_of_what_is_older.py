"""words_backlog: what is older than step 0005 has no words yet by which it is found.

The words themselves are written while the server runs, some at a time (actions/backlog.py).
"""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    backlog = op.create_table(
        "words_backlog",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("after_id", types.Id(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "kind", name=op.f("pk_words_backlog")),
    )
    organizations = sa.table("organizations", sa.column("id", types.Id))
    for kind in ("case", "customer"):
        of_each = sa.select(organizations.c.id, sa.literal(kind, sa.Text))
        op.execute(sa.insert(backlog).from_select(["organization_id", "kind"], of_each))


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
