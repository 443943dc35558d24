"""Texts of several kinds: a revision and a tombstone say of which kind, an alias may be of any."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OPEN = "state IN ('draft', 'submitted', 'returned')"
PUBLISHED = "state = 'published'"
KINDS = "'case', 'pitfall', 'finding'"
ALONE = "'case'"


def upgrade() -> None:
    op.add_column("revision", _kind())
    _index_revisions("kind", "slug")
    _make_tombstones(_kind())
    _check_aliases(f"{KINDS}, 'study', 'question'", f"{ALONE}, 'study', 'question'")


def downgrade() -> None:
    op.execute("DELETE FROM alias WHERE kind IN ('study', 'question')")
    _check_aliases(KINDS, ALONE)
    op.execute("DELETE FROM tombstone WHERE kind <> 'case'")
    _make_tombstones(None)
    op.execute("DELETE FROM revision WHERE kind <> 'case'")
    _index_revisions("slug")
    op.drop_column("revision", "kind")


def _kind() -> sa.Column[str]:
    return sa.Column("kind", sa.String(20), nullable=False, server_default=sa.text("'case'"))


def _index_revisions(*columns: str) -> None:
    """Of each thing one text is public, one is open, and a version has its own number."""
    for name in ("version", "published", "open"):
        op.drop_index(f"uq_revision_{name}", table_name="revision")
    op.create_index("uq_revision_version", "revision", [*columns, "version"], unique=True)
    for name, states in (("published", PUBLISHED), ("open", OPEN)):
        where = {"sqlite_where": sa.text(states), "postgresql_where": sa.text(states)}
        op.create_index(f"uq_revision_{name}", "revision", [*columns], unique=True, **where)


def _make_tombstones(kind: sa.Column[str] | None) -> None:
    """Make the table anew: a primary key cannot be changed in place everywhere."""
    names = [sa.column(name) for name in ("slug", "reason", "replaced_by")]
    moment = sa.column("withdrawn_at", sa.DateTime(timezone=True))
    table = sa.table("tombstone", *names, moment)
    rows = [dict(row) for row in op.get_bind().execute(sa.select(table)).mappings()]
    op.drop_table("tombstone")
    key = [kind] if kind is not None else []
    op.create_table(
        "tombstone",
        *key,
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint(*(each.name for each in key), "slug", name=op.f("pk_tombstone")),
    )
    op.bulk_insert(table, rows)


def _check_aliases(kinds: str, alone: str) -> None:
    target = f"target_kind = kind OR (kind NOT IN ({alone}) AND target_kind IN ('case', 'study'))"
    name = op.f("ck_alias_leads_to_its_like_or_its_owner")
    with op.batch_alter_table("alias") as aliases:
        aliases.drop_constraint(op.f("ck_alias_known_kind"), type_="check")
        aliases.drop_constraint(name, type_="check")
        aliases.create_check_constraint(op.f("ck_alias_known_kind"), f"kind IN ({kinds})")
        aliases.create_check_constraint(name, target)
