"""Files that wait to be imported, and the dry runs of them, are kept for an hour."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    op.create_index(op.f("ix_import_file_owner"), "import_file", ["owner"])
    op.create_index(op.f("ix_import_file_expires_at"), "import_file", ["expires_at"])
    with op.batch_alter_table("import") as batch:
        batch.add_column(sa.Column("file_id", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_import_expires_at"), "import", ["expires_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_import_expires_at"), "import")
    with op.batch_alter_table("import") as batch:
        batch.drop_column("expires_at")
        batch.drop_column("file_id")
    op.drop_table("import_file")
