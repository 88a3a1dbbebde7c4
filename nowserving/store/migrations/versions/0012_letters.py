"""letters: mail about cases that waits to be handed in, ids of mail that has come."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "letters",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("case_id", types.Id(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("cc", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("references", sa.Text(), nullable=False),
        sa.Column("due_at", types.Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", types.Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_letters")),
        sa.UniqueConstraint(
            "organization_id", "message_id", name=op.f("uq_letters_organization_id_message_id")
        ),
    )
    op.create_index("ix_letters_case", "letters", ["organization_id", "case_id", "at"])
    op.create_index(
        "ix_letters_due",
        "letters",
        ["organization_id", "due_at"],
        postgresql_where=sa.text("due_at is not null"),
        sqlite_where=sa.text("due_at is not null"),
    )
    op.create_table(
        "letters_seen",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "message_id", name=op.f("pk_letters_seen")),
    )


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
