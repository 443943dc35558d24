"""What evidence rests on: credited ingredients, programmes, and the studies that a review holds."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("case_study", "study", "finding"):
        op.add_column(table, sa.Column("programme", sa.String(80), nullable=True))
    op.add_column(
        "finding", sa.Column("ingredients", sa.JSON(), server_default="[]", nullable=False)
    )
    with op.batch_alter_table("finding") as findings:
        findings.alter_column("ingredients", server_default=None)
    op.create_table(
        "study_cover",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["study.id"],
            name=op.f("fk_study_cover_review_id_study"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["study_id"],
            ["study.id"],
            name=op.f("fk_study_cover_study_id_study"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("review_id", "study_id", name=op.f("pk_study_cover")),
    )


def downgrade() -> None:
    op.drop_table("study_cover")
    op.drop_column("finding", "ingredients")
    for table in ("finding", "study", "case_study"):
        op.drop_column(table, "programme")
