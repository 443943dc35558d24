"""Previews of drafts, comments on drafts, and submissions that were taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STEPS = (
    "'saved', 'submitted', 'returned', 'discarded', 'published', 'withdrawn', 'erased', 'renamed'"
)


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "draft_preview",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        _of_revision("draft_preview"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_preview")),
        sa.UniqueConstraint("hash", name=op.f("uq_draft_preview_hash")),
    )
    op.create_index(op.f("ix_draft_preview_revision_id"), "draft_preview", ["revision_id"])
    op.create_table(
        "draft_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("pointer", sa.String(length=300), nullable=False),
        sa.Column("item", sa.String(length=170), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("resolved_at", moment, nullable=True),
        sa.Column("resolved_by", sa.String(length=200), nullable=True),
        _of_revision("draft_comment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_comment")),
    )
    op.create_index(op.f("ix_draft_comment_revision_id"), "draft_comment", ["revision_id"])
    _check_anew(f"{STEPS}, 'retracted'")


def downgrade() -> None:
    op.execute("DELETE FROM revision_step WHERE what = 'retracted'")
    _check_anew(STEPS)
    op.drop_table("draft_comment")
    op.drop_table("draft_preview")


def _of_revision(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["revision_id"],
        ["revision.id"],
        name=op.f(f"fk_{table}_revision_id_revision"),
        ondelete="CASCADE",
    )


def _check_anew(steps: str) -> None:
    """Which steps exist."""
    name = op.f("ck_revision_step_known_step")
    with op.batch_alter_table("revision_step") as revision_steps:
        revision_steps.drop_constraint(name, type_="check")
        revision_steps.create_check_constraint(name, f"what IN ({steps})")
