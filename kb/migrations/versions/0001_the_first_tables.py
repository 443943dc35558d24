"""The first tables: terms, cases, studies, questions, revisions and numbered changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "event IN ('created', 'updated', 'withdrawn')", name=op.f("ck_change_known_event")
        ),
        sa.CheckConstraint(
            "kind IN ('case', 'study', 'question', 'vocabulary')", name=op.f("ck_change_known_kind")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_change")),
    )
    op.create_table(
        "change_counter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_change_counter_is_alone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_counter")),
    )
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(version IS NULL) = (state IN ('draft', 'submitted', 'returned'))",
            name=op.f("ck_revision_numbered_when_published"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'published', 'superseded', 'withdrawn')",
            name=op.f("ck_revision_known_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
    )
    op.create_index(
        "uq_revision_open",
        "revision",
        ["slug"],
        unique=True,
        sqlite_where=sa.text("state IN ('draft', 'submitted', 'returned')"),
        postgresql_where=sa.text("state IN ('draft', 'submitted', 'returned')"),
    )
    op.create_index(
        "uq_revision_published",
        "revision",
        ["slug"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_index("uq_revision_version", "revision", ["slug", "version"], unique=True)
    op.create_table(
        "term",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("label_nl", sa.String(length=200), nullable=False),
        sa.Column("label_en", sa.String(length=200), nullable=False),
        sa.Column("definition", sa.String(length=2000), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("broader", sa.String(length=120), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["broader"], ["term.key"], name=op.f("fk_term_broader_term")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_term")),
    )
    op.create_index(op.f("ix_term_scheme"), "term", ["scheme"], unique=False)
    op.create_table(
        "tombstone",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_tombstone")),
    )
    op.create_table(
        "case_study",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(120), nullable=False),
        sa.Column("archetype_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("approach", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("collaboration", sa.Text(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("province", sa.String(length=200), nullable=True),
        sa.Column("municipality", sa.String(length=200), nullable=True),
        sa.Column("neighbourhood", sa.String(length=200), nullable=True),
        sa.Column("start_year", sa.Integer(), nullable=True),
        sa.Column("end_year", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(120), nullable=False),
        sa.Column("scale", sa.String(120), nullable=False),
        sa.Column("dwellings", sa.Integer(), nullable=True),
        sa.Column("unverified", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("substr(kind, 1, 6) = 'kinds/'", name=op.f("ck_case_study_kind_scheme")),
        sa.CheckConstraint(
            "substr(scale, 1, 7) = 'scales/'", name=op.f("ck_case_study_scale_scheme")
        ),
        sa.CheckConstraint(
            "substr(status, 1, 9) = 'statuses/'", name=op.f("ck_case_study_status_scheme")
        ),
        sa.CheckConstraint("dwellings > 0", name=op.f("ck_case_study_has_dwellings")),
        sa.CheckConstraint("end_year >= start_year", name=op.f("ck_case_study_ends_after_start")),
        sa.CheckConstraint("version > 0", name=op.f("ck_case_study_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["archetype_id"],
            ["case_study.id"],
            name=op.f("fk_case_study_archetype_id_case_study"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["kind"], ["term.key"], name=op.f("fk_case_study_kind_term")),
        sa.ForeignKeyConstraint(["scale"], ["term.key"], name=op.f("fk_case_study_scale_term")),
        sa.ForeignKeyConstraint(["status"], ["term.key"], name=op.f("fk_case_study_status_term")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_study")),
        sa.UniqueConstraint("slug", name=op.f("uq_case_study_slug")),
    )
    op.create_index(
        op.f("ix_case_study_archetype_id"), "case_study", ["archetype_id"], unique=False
    )
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("theme", sa.String(120), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "substr(theme, 1, 7) = 'themes/'", name=op.f("ck_question_theme_scheme")
        ),
        sa.ForeignKeyConstraint(["theme"], ["term.key"], name=op.f("fk_question_theme_term")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("slug", name=op.f("uq_question_slug")),
    )
    op.create_table(
        "study",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("publisher", sa.String(length=200), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("source_type", sa.String(120), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("unverified", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "substr(source_type, 1, 13) = 'source-types/'", name=op.f("ck_study_source_type_scheme")
        ),
        sa.ForeignKeyConstraint(
            ["source_type"], ["term.key"], name=op.f("fk_study_source_type_term")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        sa.UniqueConstraint("slug", name=op.f("uq_study_slug")),
    )
    op.create_table(
        "case_ingredient",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("ingredient", sa.String(120), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "substr(ingredient, 1, 12) = 'ingredients/'",
            name=op.f("ck_case_ingredient_ingredient_scheme"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_study.id"],
            name=op.f("fk_case_ingredient_case_id_case_study"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ingredient"], ["term.key"], name=op.f("fk_case_ingredient_ingredient_term")
        ),
        sa.PrimaryKeyConstraint("case_id", "ingredient", name=op.f("pk_case_ingredient")),
    )
    op.create_table(
        "case_strategy",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("strategy", sa.String(120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "substr(strategy, 1, 11) = 'strategies/'", name=op.f("ck_case_strategy_strategy_scheme")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_study.id"],
            name=op.f("fk_case_strategy_case_id_case_study"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["strategy"], ["term.key"], name=op.f("fk_case_strategy_strategy_term")
        ),
        sa.PrimaryKeyConstraint("case_id", "strategy", name=op.f("pk_case_strategy")),
    )
    op.create_table(
        "case_target_group",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("target_group", sa.String(120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "substr(target_group, 1, 14) = 'target-groups/'",
            name=op.f("ck_case_target_group_target_group_scheme"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_study.id"],
            name=op.f("fk_case_target_group_case_id_case_study"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["target_group"], ["term.key"], name=op.f("fk_case_target_group_target_group_term")
        ),
        sa.PrimaryKeyConstraint("case_id", "target_group", name=op.f("pk_case_target_group")),
    )
    op.create_table(
        "party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(120), nullable=False),
        sa.CheckConstraint(
            "substr(role, 1, 12) = 'party-roles/'", name=op.f("ck_party_role_scheme")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_study.id"],
            name=op.f("fk_party_case_id_case_study"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["role"], ["term.key"], name=op.f("fk_party_role_term")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
    )
    op.create_index(op.f("ix_party_case_id"), "party", ["case_id"], unique=False)
    op.create_table(
        "pitfall",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=170), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("study_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(120), nullable=False),
        sa.Column("phase", sa.String(120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("avoidance", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "substr(category, 1, 19) = 'pitfall-categories/'",
            name=op.f("ck_pitfall_category_scheme"),
        ),
        sa.CheckConstraint("substr(phase, 1, 7) = 'phases/'", name=op.f("ck_pitfall_phase_scheme")),
        sa.CheckConstraint(
            "(case_id IS NULL) <> (study_id IS NULL)", name=op.f("ck_pitfall_has_one_owner")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_study.id"],
            name=op.f("fk_pitfall_case_id_case_study"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["category"], ["term.key"], name=op.f("fk_pitfall_category_term")),
        sa.ForeignKeyConstraint(["phase"], ["term.key"], name=op.f("fk_pitfall_phase_term")),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_pitfall_study_id_study"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pitfall")),
        sa.UniqueConstraint("slug", name=op.f("uq_pitfall_slug")),
    )
    op.create_index(op.f("ix_pitfall_case_id"), "pitfall", ["case_id"], unique=False)
    op.create_index(op.f("ix_pitfall_study_id"), "pitfall", ["study_id"], unique=False)
    op.create_table(
        "question_study",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
            name=op.f("fk_question_study_question_id_question"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_question_study_study_id_study")
        ),
        sa.PrimaryKeyConstraint("question_id", "study_id", name=op.f("pk_question_study")),
    )
    op.create_table(
        "question_term",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["term.key"], name=op.f("fk_question_term_key_term")),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
            name=op.f("fk_question_term_question_id_question"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("question_id", "key", name=op.f("pk_question_term")),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("publisher", sa.String(length=200), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("source_type", sa.String(120), nullable=False),
        sa.CheckConstraint(
            "substr(source_type, 1, 13) = 'source-types/'",
            name=op.f("ck_source_source_type_scheme"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_study.id"],
            name=op.f("fk_source_case_id_case_study"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_type"], ["term.key"], name=op.f("fk_source_source_type_term")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("case_id", "slug", name=op.f("uq_source_case_id_slug")),
        sa.UniqueConstraint("id", "case_id", name=op.f("uq_source_id_case_id")),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=170), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("study_id", sa.Integer(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("domain", sa.String(120), nullable=False),
        sa.Column("level", sa.String(120), nullable=False),
        sa.Column("direction", sa.String(120), nullable=False),
        sa.Column("evidence", sa.String(120), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "substr(direction, 1, 18) = 'effect-directions/'",
            name=op.f("ck_finding_direction_scheme"),
        ),
        sa.CheckConstraint(
            "substr(domain, 1, 15) = 'effect-domains/'", name=op.f("ck_finding_domain_scheme")
        ),
        sa.CheckConstraint(
            "substr(evidence, 1, 16) = 'evidence-levels/'", name=op.f("ck_finding_evidence_scheme")
        ),
        sa.CheckConstraint(
            "substr(level, 1, 14) = 'effect-levels/'", name=op.f("ck_finding_level_scheme")
        ),
        sa.CheckConstraint(
            "(case_id IS NULL) <> (study_id IS NULL)", name=op.f("ck_finding_has_one_owner")
        ),
        sa.CheckConstraint(
            "(case_id IS NULL) = (source_id IS NULL)", name=op.f("ck_finding_has_a_source")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_study.id"],
            name=op.f("fk_finding_case_id_case_study"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["direction"], ["term.key"], name=op.f("fk_finding_direction_term")
        ),
        sa.ForeignKeyConstraint(["domain"], ["term.key"], name=op.f("fk_finding_domain_term")),
        sa.ForeignKeyConstraint(["evidence"], ["term.key"], name=op.f("fk_finding_evidence_term")),
        sa.ForeignKeyConstraint(["level"], ["term.key"], name=op.f("fk_finding_level_term")),
        sa.ForeignKeyConstraint(
            ["source_id", "case_id"],
            ["source.id", "source.case_id"],
            name=op.f("fk_finding_source_id_case_id_source"),
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_finding_study_id_study"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("slug", name=op.f("uq_finding_slug")),
    )
    op.create_index(op.f("ix_finding_case_id"), "finding", ["case_id"], unique=False)
    op.create_index(op.f("ix_finding_study_id"), "finding", ["study_id"], unique=False)
    op.execute("INSERT INTO change_counter (id, last) VALUES (1, 0)")


def downgrade() -> None:
    op.drop_index(op.f("ix_finding_study_id"), table_name="finding")
    op.drop_index(op.f("ix_finding_case_id"), table_name="finding")
    op.drop_table("finding")
    op.drop_table("source")
    op.drop_table("question_term")
    op.drop_table("question_study")
    op.drop_index(op.f("ix_pitfall_study_id"), table_name="pitfall")
    op.drop_index(op.f("ix_pitfall_case_id"), table_name="pitfall")
    op.drop_table("pitfall")
    op.drop_index(op.f("ix_party_case_id"), table_name="party")
    op.drop_table("party")
    op.drop_table("case_target_group")
    op.drop_table("case_strategy")
    op.drop_table("case_ingredient")
    op.drop_table("study")
    op.drop_table("question")
    op.drop_index(op.f("ix_case_study_archetype_id"), table_name="case_study")
    op.drop_table("case_study")
    op.drop_table("tombstone")
    op.drop_index(op.f("ix_term_scheme"), table_name="term")
    op.drop_table("term")
    op.drop_index("uq_revision_version", table_name="revision")
    op.drop_index(
        "uq_revision_published",
        table_name="revision",
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.drop_index(
        "uq_revision_open",
        table_name="revision",
        sqlite_where=sa.text("state IN ('draft', 'submitted', 'returned')"),
        postgresql_where=sa.text("state IN ('draft', 'submitted', 'returned')"),
    )
    op.drop_table("revision")
    op.drop_table("change_counter")
    op.drop_table("change")
