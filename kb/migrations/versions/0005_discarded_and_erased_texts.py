"""Drafts that were discarded, texts that were erased, and which text was made current again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OPEN = "'draft', 'submitted', 'returned'"
PUBLIC = "'published', 'superseded', 'withdrawn'"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("revision", sa.Column("discarded_at", moment, nullable=True))
    op.add_column("revision", sa.Column("erased_at", moment, nullable=True))
    op.add_column("revision", sa.Column("erased_because", sa.Text(), nullable=True))
    op.add_column("revision_step", sa.Column("restored_from", sa.Integer(), nullable=True))
    _check_anew(
        f"{OPEN}, 'discarded'",
        "'saved', 'submitted', 'returned', 'discarded', 'published', 'withdrawn', 'erased'",
    )


def downgrade() -> None:
    op.execute(
        "DELETE FROM revision_step WHERE what = 'erased' OR revision_id IN "
        "(SELECT id FROM revision WHERE state = 'discarded')"
    )
    op.execute("DELETE FROM revision WHERE state = 'discarded'")
    _check_anew(OPEN, "'saved', 'submitted', 'returned', 'published', 'withdrawn'")
    op.drop_column("revision_step", "restored_from")
    for name in ("erased_because", "erased_at", "discarded_at"):
        op.drop_column("revision", name)


def _check_anew(unnumbered: str, steps: str) -> None:
    """Which states a revision may have, which of them have no version, and which steps exist."""
    state, numbered = (
        op.f(f"ck_revision_{name}") for name in ("known_state", "numbered_when_published")
    )
    with op.batch_alter_table("revision") as revisions:
        revisions.drop_constraint(state, type_="check")
        revisions.drop_constraint(numbered, type_="check")
        revisions.create_check_constraint(state, f"state IN ({unnumbered}, {PUBLIC})")
        revisions.create_check_constraint(
            numbered, f"(version IS NULL) = (state IN ({unnumbered}))"
        )
    step = op.f("ck_revision_step_known_step")
    with op.batch_alter_table("revision_step") as revision_steps:
        revision_steps.drop_constraint(step, type_="check")
        revision_steps.create_check_constraint(step, f"what IN ({steps})")
