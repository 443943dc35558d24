"""The timeline of a case: what happened when."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    events = sa.Column("events", sa.JSON(), server_default="[]", nullable=False)
    op.add_column("case_study", events)
    with op.batch_alter_table("case_study") as cases:
        cases.alter_column("events", server_default=None)


def downgrade() -> None:
    op.drop_column("case_study", "events")
