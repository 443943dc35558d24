"""Words by which editors know that people look for a thing."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("case_study", "study", "pitfall", "question")


def upgrade() -> None:
    for table in TABLES:
        terms = sa.Column("search_terms", sa.JSON(), server_default="[]", nullable=False)
        op.add_column(table, terms)
        with op.batch_alter_table(table) as columns:
            columns.alter_column("search_terms", server_default=None)


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "search_terms")
