"""A batch knows how many things of its selection it leaves as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("batch") as batch:
        batch.add_column(sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("batch") as batch:
        batch.alter_column("unchanged", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("batch") as batch:
        batch.drop_column("unchanged")
