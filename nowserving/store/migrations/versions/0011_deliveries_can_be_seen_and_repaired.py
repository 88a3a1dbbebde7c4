"""Attempts say more and can be searched; replays, gaps in lanes, warnings to people."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("taken", types.Flag(), server_default=sa.text("true"), nullable=False)
        )
        batch_op.add_column(sa.Column("replay_id", types.Id(), nullable=True))
    _what_is_known_of_the_old_ones()
    failed = {"postgresql_where": sa.text("NOT taken"), "sqlite_where": sa.text("taken = 0")}
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index("ix_attempts_all", ["organization_id", "id"])
        batch_op.create_index("ix_attempts_subject", ["organization_id", "subject_id", "id"])
        batch_op.create_index("ix_attempts_kind", ["organization_id", "kind", "id"])
        batch_op.create_index("ix_attempts_status", ["organization_id", "status", "id"])
        batch_op.create_index("ix_attempts_failed", ["organization_id", "id"], **failed)
        batch_op.create_index(
            "ix_attempts_failed_at", ["organization_id", "endpoint_id", "id"], **failed
        )
        batch_op.create_index(
            "ix_attempts_kind_at", ["organization_id", "endpoint_id", "kind", "id"]
        )
        batch_op.create_index(
            "ix_attempts_status_at", ["organization_id", "endpoint_id", "status", "id"], **failed
        )
        batch_op.create_index(
            "ix_attempts_failed_of",
            ["organization_id", "endpoint_id", "subject_id", "version"],
            **failed,
        )

    op.create_table(
        "attempt_contents",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("endpoint_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("subject_id", types.Id(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=True),
        sa.Column("response", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint(
            "organization_id", "endpoint_id", "id", name=op.f("pk_attempt_contents")
        ),
    )
    op.create_index(
        "ix_attempt_contents_subject", "attempt_contents", ["organization_id", "subject_id"]
    )

    with op.batch_alter_table("lanes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gap", sa.Integer(), nullable=True))
    parked = sa.text("due IS NULL AND lease IS NULL AND tail > head")
    op.create_index(
        "ix_lanes_parked",
        "lanes",
        ["organization_id", "endpoint_id", "subject_id"],
        postgresql_where=parked,
        sqlite_where=parked,
    )

    op.create_table(
        "replays",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("endpoint_id", types.Id(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("on_lanes", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.Column("due", types.Instant(), nullable=True),
        sa.Column("lease", types.Id(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_replays")),
    )
    due = sa.text("due IS NOT NULL")
    op.create_index(
        "ix_replays_due",
        "replays",
        ["organization_id", "due"],
        postgresql_where=due,
        sqlite_where=due,
    )

    op.create_table(
        "warnings",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("endpoint_id", types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("due", types.Instant(), nullable=True),
        sa.Column("sent_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_warnings")),
    )


def _what_is_known_of_the_old_ones() -> None:
    """Whether they were taken, and of which fact they told."""
    taken = "status is not null and status between 200 and 299"
    op.execute(f"update attempts set taken = ({taken})")
    op.execute(
        "update attempts set kind = coalesce((select f.kind from facts f"
        " where f.organization_id = attempts.organization_id"
        " and f.subject_id = attempts.subject_id and f.version = attempts.version), '')"
    )


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
