"""Images of cases; their files are in a folder beside the database."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "image",
        sa.Column("id", sa.String(50), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image")),
    )
    op.create_table(
        "case_image",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("image", sa.String(50), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(300), nullable=False),
        sa.Column("maker", sa.String(200), nullable=False),
        sa.Column("licence", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_study.id"],
            name=op.f("fk_case_image_case_id_case_study"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("case_id", "image", name=op.f("pk_case_image")),
    )
    op.create_index(op.f("ix_case_image_image"), "case_image", ["image"])


def downgrade() -> None:
    op.drop_table("case_image")
    op.drop_table("image")
