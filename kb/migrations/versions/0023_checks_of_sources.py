"""What the addresses in published texts answered, and what editors checked against a source."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

STATES = "'gone', 'failing', 'redirected', 'refused', 'ok'"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "link_check",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("checked_at", moment, nullable=False),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("retry_at", moment, nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_link_check_known_state")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_link_check")),
    )
    op.create_table(
        "verification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=True),
        sa.Column("source_title", sa.String(length=500), nullable=True),
        sa.Column("reference", sa.String(length=500), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("editor", sa.String(length=200), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.CheckConstraint(
            "source_title IS NOT NULL OR reference IS NOT NULL",
            name=op.f("ck_verification_has_a_source"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    op.create_index(op.f("ix_verification_kind_slug"), "verification", ["kind", "slug"])


def downgrade() -> None:
    op.drop_table("verification")
    op.drop_table("link_check")
