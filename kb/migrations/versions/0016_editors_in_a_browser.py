"""Sessions of editors who signed in with a token in a browser."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "editor_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"],
            ["token.id"],
            name=op.f("fk_editor_session_token_id_token"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editor_session")),
        sa.UniqueConstraint("hash", name=op.f("uq_editor_session_hash")),
    )
    for column in ("token_id", "expires_at"):
        op.create_index(op.f(f"ix_editor_session_{column}"), "editor_session", [column])


def downgrade() -> None:
    op.drop_table("editor_session")
