"""codes, references of other systems, and numbers of held times."""

import sqlalchemy as sa
from alembic import op

from nowserving.store import types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "codes",
        sa.Column("organization_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", types.Id(), nullable=True),
        sa.Column("archived", types.Flag(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_codes")),
        sa.UniqueConstraint(
            "organization_id", "kind", "code", name=op.f("uq_codes_organization_id_kind_code")
        ),
        sa.UniqueConstraint(
            "organization_id", "kind", "number", name=op.f("uq_codes_organization_id_kind_number")
        ),
    )
    op.add_column("units", sa.Column("ext_ref", sa.Text(), server_default="", nullable=False))
    op.add_column("units", sa.Column("type_id", types.Id(), nullable=True))
    op.add_column(
        "units", sa.Column("wait_target", sa.Integer(), server_default="15", nullable=False)
    )
    op.add_column("case_details", sa.Column("reference_key", sa.Text(), nullable=True))
    op.create_index(
        "ix_case_details_reference",
        "case_details",
        ["organization_id", "reference_key", "case_id"],
        unique=False,
        postgresql_where=sa.text("reference_key is not null"),
        sqlite_where=sa.text("reference_key is not null"),
    )
    op.add_column("holds", sa.Column("number", sa.Integer(), nullable=True))
    op.create_index(
        "uq_holds_number",
        "holds",
        ["organization_id", "number"],
        unique=True,
        postgresql_where=sa.text("number is not null"),
        sqlite_where=sa.text("number is not null"),
    )


def downgrade() -> None:
    """There is no way back: a backup is (docs/operating.md)."""
    raise NotImplementedError("restore a backup instead")
