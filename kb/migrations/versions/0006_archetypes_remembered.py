"""The archetype that a case names, remembered while it is away; ids that things had before."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MADE_FROM = {"pitfalls": ("pitfall", "title"), "findings": ("finding", "claim")}
Document = dict[str, Any]
Text = tuple[str, str, Document]  # of which case, the state of the revision, and its document
STEPS = "'saved', 'submitted', 'returned', 'discarded', 'published', 'withdrawn', 'erased'"
case_study = sa.table(
    "case_study",
    *(sa.column(name) for name in ("id", "slug", "kind", "archetype_id", "archetype_slug")),
)
alias = sa.table("alias", *(sa.column(name) for name in ("kind", "slug", "target_kind", "target")))
change = sa.table(
    "change",
    *(sa.column(name) for name in ("number", "event", "kind", "slug")),
    sa.column("changed_at", sa.DateTime(timezone=True)),
)
counter = sa.table("change_counter", sa.column("last"))


def upgrade() -> None:
    op.add_column("case_study", sa.Column("archetype_slug", sa.String(80), nullable=True))
    op.create_index(op.f("ix_case_study_archetype_slug"), "case_study", ["archetype_slug"])
    op.create_table(
        "alias",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("slug", sa.String(length=170), nullable=False),
        sa.Column("target_kind", sa.String(length=20), nullable=False),
        sa.Column("target", sa.String(length=170), nullable=False),
        sa.CheckConstraint(
            "kind IN ('case', 'pitfall', 'finding')", name=op.f("ck_alias_known_kind")
        ),
        sa.CheckConstraint(
            "target_kind = kind OR (kind <> 'case' AND target_kind IN ('case', 'study'))",
            name=op.f("ck_alias_leads_to_its_like_or_its_owner"),
        ),
        sa.PrimaryKeyConstraint("kind", "slug", name=op.f("pk_alias")),
    )
    op.create_index(op.f("ix_alias_target"), "alias", ["target"])
    _check_anew(f"{STEPS}, 'renamed'")
    connection = op.get_bind()
    for slug, public, earlier in _texts(connection):
        if named := public.get("archetype"):
            row = case_study.update().where(case_study.c.slug == slug)
            connection.execute(row.values(archetype_slug=named))
        if former := list(_former_ids(slug, public, earlier)):
            connection.execute(alias.insert(), former)
    _bring_back(connection)


def downgrade() -> None:
    op.execute("DELETE FROM revision_step WHERE what = 'renamed'")
    _check_anew(STEPS)
    op.drop_index(op.f("ix_alias_target"), table_name="alias")
    op.drop_table("alias")
    op.drop_index(op.f("ix_case_study_archetype_slug"), table_name="case_study")
    op.drop_column("case_study", "archetype_slug")


def _check_anew(steps: str) -> None:
    name = op.f("ck_revision_step_known_step")
    with op.batch_alter_table("revision_step") as revision_steps:
        revision_steps.drop_constraint(name, type_="check")
        revision_steps.create_check_constraint(name, f"what IN ({steps})")


def _texts(connection: sa.Connection) -> Iterator[tuple[str, Document, list[Document]]]:
    """Each public case: its text, and the ones that it had before."""
    texts = sa.table(
        "revision",
        *(sa.column(name) for name in ("slug", "state", "version")),
        sa.column("document", sa.JSON()),
    )
    public = sa.select(texts.c.slug, texts.c.document).where(texts.c.state == "published")
    for slug, document in connection.execute(public).all():
        before = sa.select(texts.c.document).where(
            texts.c.slug == slug, texts.c.state.in_(("superseded", "withdrawn"))
        )
        earlier = connection.scalars(before.order_by(texts.c.version.desc())).all()
        yield slug, document, list(earlier)


def _former_ids(slug: str, public: Document, earlier: list[Document]) -> Iterator[dict[str, str]]:
    """Ids of pitfalls and findings that are no more, and what answers for each."""
    for key, (kind, name) in MADE_FROM.items():
        items = public.get(key, ())
        same = {each[name]: each["id"] for each in items}
        met = {each["id"] for each in items}
        for document in earlier:
            for each in document.get(key, ()):
                if each["id"] not in met:
                    met.add(each["id"])
                    new = same.get(each[name])
                    target = {"target_kind": kind if new else "case", "target": new or slug}
                    yield {"kind": kind, "slug": each["id"], **target}


def _bring_back(connection: sa.Connection) -> None:
    """Show the archetypes that came back, and number the change of each case that lost its own."""
    root = case_study.alias()
    lost = sa.select(case_study.c.id, case_study.c.slug, root.c.id)
    lost = lost.join(root, root.c.slug == case_study.c.archetype_slug)
    lost = lost.where(case_study.c.archetype_id.is_(None), root.c.kind == "kinds/archetype")
    for number, slug, root_id in connection.execute(lost.order_by(case_study.c.slug)).all():
        row = case_study.update().where(case_study.c.id == number)
        connection.execute(row.values(archetype_id=root_id))
        taken = counter.update().values(last=counter.c.last + 1).returning(counter.c.last)
        told = {"number": connection.scalar(taken), "event": "updated", "kind": "case"}
        connection.execute(
            change.insert().values(**told, slug=slug, changed_at=sa.func.current_timestamp())
        )
