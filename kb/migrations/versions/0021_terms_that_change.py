"""Terms are changed and deprecated by editors; the last change of a vocabulary is found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
OF_VOCABULARY = sa.text("kind = 'vocabulary'")


def upgrade() -> None:
    with op.batch_alter_table("term") as batch:
        batch.add_column(sa.Column("deprecated_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("replaced_by", sa.String(length=120), nullable=True))
        batch.create_foreign_key(op.f("fk_term_replaced_by_term"), "term", ["replaced_by"], ["key"])
    op.create_index(
        "ix_change_vocabulary",
        "change",
        ["number"],
        sqlite_where=OF_VOCABULARY,
        postgresql_where=OF_VOCABULARY,
    )


def downgrade() -> None:
    op.drop_index("ix_change_vocabulary", "change")
    with op.batch_alter_table("term") as batch:
        batch.drop_constraint(op.f("fk_term_replaced_by_term"), type_="foreignkey")
        batch.drop_column("replaced_by")
        batch.drop_column("deprecated_at")
