"""Indexes that begin with a term, by which cases that share it are found."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TERMS = {
    "case_ingredient": "ingredient",
    "case_strategy": "strategy",
    "case_target_group": "target_group",
    "pitfall": "category",
}


def upgrade() -> None:
    for table, term in TERMS.items():
        op.create_index(op.f(f"ix_{table}_{term}_case_id"), table, [term, "case_id"])
    op.create_index(op.f("ix_case_study_scale"), "case_study", ["scale"])


def downgrade() -> None:
    op.drop_index(op.f("ix_case_study_scale"), table_name="case_study")
    for table, term in TERMS.items():
        op.drop_index(op.f(f"ix_{table}_{term}_case_id"), table_name=table)
