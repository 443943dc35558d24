"""What the addresses in published texts answered when they were checked."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None

STATES = "'gone', 'failing', 'redirected', 'refused', 'ok'"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "link_check",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("checked_at", moment, nullable=False),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("retry_at", moment, nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_link_check_known_state")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_link_check")),
    )


def downgrade() -> None:
    op.drop_table("link_check")
