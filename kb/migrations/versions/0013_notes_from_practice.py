"""Notes from practice: what was sent in, what was decided of it, and what is public."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "practice_note",
        sa.Column("slug", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about_kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=170), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('experience', 'question')", name=op.f("ck_practice_note_known_kind")
        ),
        sa.CheckConstraint(
            "about_kind IN ('case', 'pitfall', 'ingredient', 'study')",
            name=op.f("ck_practice_note_known_subject"),
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_practice_note")),
    )
    op.create_index(
        op.f("ix_practice_note_about_about_kind"), "practice_note", ["about", "about_kind"]
    )
    op.create_table(
        "submitted_note",
        sa.Column("slug", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about_kind", sa.String(length=20), nullable=True),
        sa.Column("about", sa.String(length=170), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("organisation", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", sa.String(length=80), nullable=True),
        sa.Column("etag", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "kind IN ('experience', 'question', 'nomination')",
            name=op.f("ck_submitted_note_known_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('new', 'approved', 'rejected', 'drafted')",
            name=op.f("ck_submitted_note_known_state"),
        ),
        sa.CheckConstraint(
            "about_kind IN ('case', 'pitfall', 'ingredient')",
            name=op.f("ck_submitted_note_known_subject"),
        ),
        sa.CheckConstraint(
            "(about_kind IS NULL) = (about IS NULL)",
            name=op.f("ck_submitted_note_names_its_subject"),
        ),
        sa.CheckConstraint(
            "(kind = 'nomination') = (about IS NULL)",
            name=op.f("ck_submitted_note_is_about_something"),
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_submitted_note")),
    )
    op.create_index(
        op.f("ix_submitted_note_state_received_at"), "submitted_note", ["state", "received_at"]
    )
    op.create_table(
        "note_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=16), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('approve', 'reject', 'answer', 'draft')",
            name=op.f("ck_note_decision_known_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["note"],
            ["submitted_note.slug"],
            name=op.f("fk_note_decision_note_submitted_note"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_decision")),
    )
    op.create_index(op.f("ix_note_decision_note"), "note_decision", ["note"])


def downgrade() -> None:
    op.drop_table("note_decision")
    op.drop_table("submitted_note")
    op.drop_table("practice_note")
