"""The terms of a release: mirrored, numbered, and not taken from who has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text

from kb.cases import changes
from kb.cases.model import Pitfall
from kb.database import now
from kb.editors import seed as seeding
from kb.editors import seed_files, workflow
from kb.vocabulary.model import Term as TermRow
from kb.vocabulary.terms import Scheme, Term, schemes
from schemas.cases import CaseDocument
from schemas.questions import QuestionDocument
from schemas.studies import StudyDocument
from tests.builders import a_case, a_pitfall, a_question, a_study
from tests.conftest import KnowledgeBase
from tests.editors.seed_folders import last_number


def with_terms(scheme: str, change: Callable[[dict[str, Term]], dict[str, Term]]) -> list[Scheme]:
    """The terms of this release, with one scheme changed."""
    return [
        replace(each, terms=change(dict(each.terms))) if each.id == scheme else each
        for each in schemes().values()
    ]


def take(
    kb: KnowledgeBase, terms: list[Scheme], *cases: dict[str, Any]
) -> tuple[seeding.SeedReport, list[tuple[str, str, str]]]:
    """Seed these; gives the report and the changes."""
    before = last_number(kb)
    loaded = [CaseDocument().load(case) for case in cases]
    report = seeding.seed(kb.database, seed_files.SeedFiles(terms, [], [], loaded))
    with kb.database.reading() as session:
        made = changes.changed_since(session, before, 100)
    return report, [(each.event, each.kind, each.slug) for each in made]


def term_row(kb: KnowledgeBase, key: str) -> TermRow | None:
    with kb.database.reading() as session:
        return session.get(TermRow, key)


def without(term_id: str) -> Callable[[dict[str, Term]], dict[str, Term]]:
    return lambda terms: {key: term for key, term in terms.items() if key != term_id}


def test_a_changed_term_is_mirrored_and_its_scheme_numbered(kb: KnowledgeBase) -> None:
    def change(terms: dict[str, Term]) -> dict[str, Term]:
        labels = {"nl": "Jonge mensen", "en": "Young people"}
        return terms | {"jongeren": replace(terms["jongeren"], labels=labels)}

    _, made = take(kb, with_terms("target-groups", change))
    row = term_row(kb, "target-groups/jongeren")

    assert row is not None
    assert row.label_nl == "Jonge mensen"
    assert made == [("updated", "vocabulary", "target-groups")]
    assert take(kb, with_terms("target-groups", change))[1] == []


def test_a_change_names_the_terms_that_changed(kb: KnowledgeBase) -> None:
    def change(terms: dict[str, Term]) -> dict[str, Term]:
        gone = {key: term for key, term in terms.items() if key != "buddy-systeem"}
        balans = replace(terms["balans-dragers-vragers"], definition="Anders gezegd.")
        return gone | {"balans-dragers-vragers": balans}

    take(kb, with_terms("ingredients", change))

    cursor = ""
    while (page := kb.client.get(f"/v1/changes?pageSize=1000{cursor}").json)["items"]:
        last, cursor = page["items"][-1], f"&cursor={page['nextCursor']}"
    values = {each["id"]: each["_links"]["self"]["href"] for each in last["terms"]}
    assert (last["type"], last["id"]) == ("vocabulary", "ingredients")
    assert {"balans-dragers-vragers", "buddy-systeem"} <= set(values)
    assert values["buddy-systeem"].endswith("/v1/ingredients/buddy-systeem")


def test_a_term_that_nothing_has_goes_with_its_file(kb: KnowledgeBase) -> None:
    _, made = take(kb, with_terms("phases", without("beheer")))

    assert term_row(kb, "phases/beheer") is None
    assert ("updated", "vocabulary", "phases") in made


def test_a_group_may_go_with_its_ingredients(any_kb: KnowledgeBase) -> None:
    group = next(iter(schemes()["ingredient-groups"].terms))
    terms = [
        replace(each, terms={
            key: term for key, term in each.terms.items()
            if key != group and term.broader != group
        })
        for each in schemes().values()
    ]  # fmt: skip

    take(any_kb, terms)

    assert term_row(any_kb, f"ingredient-groups/{group}") is None


def test_a_term_may_get_another_id_when_the_files_that_have_it_do(any_kb: KnowledgeBase) -> None:
    def as_before(terms: dict[str, Term]) -> dict[str, Term]:
        return terms | {"oud": replace(terms["jongeren"], id="oud", position=99)}

    take(any_kb, with_terms("target-groups", as_before))
    with any_kb.database.transaction() as session:
        draft = workflow.save_draft(
            session, CaseDocument().load(a_case("tuin")), author="seed", at=now()
        )
        workflow.publish(session, draft, at=now())
        session.execute(text("UPDATE case_target_group SET target_group = 'target-groups/oud'"))

    take(any_kb, list(schemes().values()), a_case("tuin", title="Anders"))

    assert term_row(any_kb, "target-groups/oud") is None


def test_a_term_in_use_does_not_go_and_its_users_are_named(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case("tuin", pitfalls=[a_pitfall("tuin")]), a_case("straat"))
    any_kb.take(
        studies=[a_study(pitfalls=[a_pitfall("onderzoek")])],
        questions=[a_question(pitfallCategories=["korte-adem"])],
    )
    before = last_number(any_kb)
    files = seed_files.SeedFiles(
        with_terms("pitfall-categories", without("korte-adem")),
        [StudyDocument().load(a_study(pitfalls=[a_pitfall("onderzoek")]))],
        [QuestionDocument().load(a_question(pitfallCategories=["korte-adem"]))],
        [],
    )

    with pytest.raises(seeding.TermsInUse) as refused:
        seeding.seed(any_kb.database, files)

    assert refused.value.used == {
        "pitfall-categories/korte-adem": ["onderzoek", "tuin", "wat-werkt"]
    }
    assert last_number(any_kb) == before
    with any_kb.database.reading() as session:
        assert len(session.scalars(select(Pitfall)).all()) == 2
