"""How often readers reject the remarks of a rule."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_rejection",
        sa.Column("rule", sa.String(80), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_plan_rejection_was_rejected")),
        sa.PrimaryKeyConstraint("rule", "rule_version", "about", name=op.f("pk_plan_rejection")),
    )


def downgrade() -> None:
    op.drop_table("plan_rejection")
