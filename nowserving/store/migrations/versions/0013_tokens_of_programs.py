"""tokens of programs, and counters of their uses."""

import sqlalchemy as sa
from alembic import op

from nowserving.people.tokens import TokenKind
from nowserving.store import types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "api_tokens",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", types.Word(TokenKind), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("daily_limit", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=True),
        sa.Column("replaces_files", types.Flag(), nullable=False),
        sa.Column("archived", types.Flag(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint(
            "organization_id", "token_hash", name=op.f("uq_api_tokens_organization_id_token_hash")
        ),
    )
    op.create_table(
        "token_uses",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("token_id", types.Id(), nullable=False),
        sa.Column("day", types.Day(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "token_id", name=op.f("pk_token_uses")),
    )


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
