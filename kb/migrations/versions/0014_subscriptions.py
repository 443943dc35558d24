"""Lists that people follow by e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def followed() -> list[sa.Column]:
    return [
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("list_key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
    ]


def constraints(table: str, token: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "address_hash", "list_key", name=op.f(f"uq_{table}_address_hash_list_key")
        ),
        sa.UniqueConstraint(token, name=op.f(f"uq_{table}_{token}")),
    ]


def upgrade() -> None:
    op.create_table(
        "subscription_request",
        sa.Column("id", sa.Integer(), nullable=False),
        *followed(),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        *constraints("subscription_request", "token_hash"),
    )
    op.create_index(
        op.f("ix_subscription_request_began_at"), "subscription_request", ["began_at"], unique=False
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        *followed(),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_change", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        *constraints("subscription", "token"),
    )


def downgrade() -> None:
    op.drop_table("subscription")
    op.drop_index(op.f("ix_subscription_request_began_at"), table_name="subscription_request")
    op.drop_table("subscription_request")
