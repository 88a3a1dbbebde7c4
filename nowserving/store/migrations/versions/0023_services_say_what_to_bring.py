"""services.price and .documents; calendars.suits and case_details.needs."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    for name in ("price", "documents"):
        op.add_column("services", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for table, name in (("calendars", "suits"), ("case_details", "needs")):
        op.add_column(table, sa.Column(name, types.Json(), server_default="[]", nullable=False))


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
