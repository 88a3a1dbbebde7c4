"""endpoints are asked whether they want to be told; changes by administrators are kept."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "audit",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", types.Id(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_subject", "audit", ["organization_id", "subject_id", "id"])
    with op.batch_alter_table("endpoints", schema=None) as batch_op:
        batch_op.add_column(sa.Column("challenge_due", types.Instant(), nullable=True))
        batch_op.add_column(
            sa.Column("challenges", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.create_index(
            "ix_endpoints_challenge_due",
            ["organization_id", "challenge_due"],
            postgresql_where=sa.text("challenge_due is not null"),
            sqlite_where=sa.text("challenge_due is not null"),
        )
    # Who was told at full pace before anybody asked goes on being told so.
    op.execute("update endpoints set confirmed_at = created_at where confirmed_at is null")


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
