"""Editors who sign in at an identity provider: accounts, sign-ins under way, their sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "editor_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editor_account")),
    )
    op.create_index(
        "uq_editor_account_subject", "editor_account", ["issuer", "subject"], unique=True
    )
    op.create_table(
        "pending_sign_in",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=64), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_pending_sign_in")),
    )
    op.create_index(op.f("ix_pending_sign_in_expires_at"), "pending_sign_in", ["expires_at"])
    with op.batch_alter_table("editor_session") as batch:
        batch.alter_column("token_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("role", sa.String(length=20), nullable=True))
        batch.create_foreign_key(
            op.f("fk_editor_session_account_id_editor_account"),
            "editor_account",
            ["account_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch.create_check_constraint(
            op.f("ck_editor_session_one_way_in"), "(token_id IS NULL) <> (account_id IS NULL)"
        )
        batch.create_check_constraint(
            op.f("ck_editor_session_role_of_account"), "(account_id IS NULL) = (role IS NULL)"
        )
        batch.create_index(op.f("ix_editor_session_account_id"), ["account_id"])


def downgrade() -> None:
    op.execute("DELETE FROM editor_session WHERE token_id IS NULL")
    with op.batch_alter_table("editor_session") as batch:
        batch.drop_index(op.f("ix_editor_session_account_id"))
        batch.drop_constraint(op.f("ck_editor_session_role_of_account"), type_="check")
        batch.drop_constraint(op.f("ck_editor_session_one_way_in"), type_="check")
        batch.drop_constraint(
            op.f("fk_editor_session_account_id_editor_account"), type_="foreignkey"
        )
        batch.drop_column("role")
        batch.drop_column("account_id")
        batch.alter_column("token_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("pending_sign_in")
    op.drop_table("editor_account")
