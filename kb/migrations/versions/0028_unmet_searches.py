"""What several people looked for on one day and did not find."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unmet_search",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("askers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "words", name=op.f("pk_unmet_search")),
    )
    op.create_table(
        "unmet_search_asker",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("asker", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("day", "words", "asker", name=op.f("pk_unmet_search_asker")),
    )
    op.create_table(
        "unmet_search_salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_unmet_search_salt")),
    )


def downgrade() -> None:
    for table in ("unmet_search_salt", "unmet_search_asker", "unmet_search"):
        op.drop_table(table)
