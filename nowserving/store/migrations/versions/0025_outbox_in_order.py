"""The key of the outbox: in the order in which the router takes what is in there."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint("pk_outbox", type_="primary")
        outbox.create_primary_key("pk_outbox", ["organization_id", "version", "subject_id"])


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
