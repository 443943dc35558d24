"""The seed takes over the files of a release: all of them or none, and spares editors' work."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from kb.cases import changes
from kb.cases.model import Pitfall, Question
from kb.database import now
from kb.editors import seed as seeding
from kb.editors import seed_files, workflow
from kb.editors.model import Revision
from kb.vocabulary.model import Term as TermRow
from kb.vocabulary.terms import Scheme, Term, schemes
from schemas.cases import CaseDocument
from schemas.questions import QuestionDocument
from schemas.studies import StudyDocument
from tests.builders import a_case, a_finding, a_pitfall, a_question, a_study
from tests.conftest import KnowledgeBase

SEED = Path(str(resources.files("seed_data")))
Files = Callable[..., seed_files.SeedFiles]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A seed folder with two cases, a study and a question."""
    made = tmp_path / "seed"
    shutil.copytree(SEED / "terms", made / "terms")
    case = a_case("tuin", archetype="type", pitfalls=[a_pitfall("tuin")])
    for name, document in (
        ("cases/type", a_case("type", kind="archetype")),
        ("cases/tuin", case | {"findings": [a_finding("tuin")]}),
        ("studies/onderzoek", a_study()),
    ):
        write(made, name, document)
    write(made, "questions", [a_question(studies=["onderzoek"])])
    return made


def write(folder: Path, name: str, document: Any) -> None:
    path = folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    result = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    path.write_text(result, "utf-8")


def edit(folder: Path, name: str, **keys: Any) -> None:
    document = json.loads((folder / f"{name}.json").read_text("utf-8"))
    write(folder, name, document | keys)


def seed(kb: KnowledgeBase, folder: Path) -> seeding.SeedReport:
    return seeding.seed(kb.database, seed_files.read_folder(folder))


def last_number(kb: KnowledgeBase) -> int:
    with kb.database.reading() as session:
        return changes.last_number(session)


def revisions(kb: KnowledgeBase, slug: str) -> list[tuple[str, int | None, str]]:
    with kb.database.reading() as session:
        query = select(Revision).where(Revision.slug == slug).order_by(Revision.id)
        return [(each.state, each.version, each.author) for each in session.scalars(query)]


def get(kb: KnowledgeBase, path: str) -> Any:
    answer = kb.client.get(path)
    return answer.get_json() | {"_status": answer.status_code}


def errors_in(folder: Path) -> list[tuple[str, str, str, str | None]]:
    """What is wrong with a folder: file, pointer, code and suggestion."""
    with pytest.raises(seed_files.SeedErrors) as broken:
        seed_files.read_folder(folder)
    return sorted(
        (
            str(each.path.relative_to(folder)),
            each.pointer,
            each.mistake.code,
            each.mistake.suggestion,
        )
        for each in broken.value.errors
    )


def test_all_that_is_wrong_with_a_folder_is_reported_in_one_go(folder: Path) -> None:
    edit(
        folder,
        "cases/tuin",
        scale="buurtt",
        archetype="typ",
        place={"country": "NL", "province": "Noord Holland"},
        endYear=1999,
        unverified=["titel"],
    )
    edit(folder, "cases/type", kind="archetypee", titel="x")
    edit(folder, "studies/onderzoek", year=2099, sourceType=None, unverified=["jaar", "year"])
    write(folder, "cases/half", "{")
    write(folder, "cases/deel", a_case("deel", archetype="half"))
    write(folder, "questions", [a_question(theme="x"), a_question("b", studies=["onderzoekk"])])

    assert errors_in(folder) == [
        ("cases/half.json", "", "invalid-json", None),
        ("cases/tuin.json", "/archetype", "unknown-reference", "type"),
        ("cases/tuin.json", "/endYear", "inconsistent", None),
        ("cases/tuin.json", "/place/province", "bad-format", "Noord-Holland"),
        ("cases/tuin.json", "/scale", "not-in-vocabulary", "buurt"),
        ("cases/tuin.json", "/unverified/0", "bad-format", "title"),
        ("cases/type.json", "/kind", "not-in-vocabulary", "archetype"),
        ("cases/type.json", "/titel", "unknown-key", "title"),
        ("questions.json", "/0/theme", "not-in-vocabulary", None),
        ("questions.json", "/1/studies/0", "unknown-reference", "onderzoek"),
        ("studies/onderzoek.json", "/sourceType", "required", None),
        ("studies/onderzoek.json", "/unverified/0", "bad-format", None),
        ("studies/onderzoek.json", "/year", "out-of-range", None),
    ]


def test_a_trial_changes_nothing(any_kb: KnowledgeBase, folder: Path) -> None:
    files, before = seed_files.read_folder(folder), last_number(any_kb)

    tried = seeding.seed(any_kb.database, files, dry_run=True)

    assert last_number(any_kb) == before
    assert get(any_kb, "/v1/cases/tuin")["_status"] == 404
    assert seeding.seed(any_kb.database, files) == tried


def test_seeding_publishes_everything_in_the_files(any_kb: KnowledgeBase, folder: Path) -> None:
    report = seed(any_kb, folder)

    assert sorted(report.created) == ["onderzoek", "tuin", "type", "wat-werkt"]
    assert get(any_kb, "/v1/cases/tuin")["archetype"]["id"] == "type"
    assert get(any_kb, "/v1/questions/wat-werkt")["studies"][0]["id"] == "onderzoek"
    assert revisions(any_kb, "tuin") == [("published", 1, "seed")]


def test_seeding_again_changes_nothing(any_kb: KnowledgeBase, folder: Path) -> None:
    seed(any_kb, folder)
    before, earlier_errors = last_number(any_kb), get(any_kb, "/v1/cases/tuin")

    report = seed(any_kb, folder)

    assert sorted(report.unchanged) == ["onderzoek", "tuin", "type", "wat-werkt"]
    assert [report.created, report.updated, report.withdrawn, report.left_alone] == [[]] * 4
    assert last_number(any_kb) == before
    assert get(any_kb, "/v1/cases/tuin") == earlier_errors


def test_a_changed_file_becomes_the_next_version(any_kb: KnowledgeBase, folder: Path) -> None:
    seed(any_kb, folder)
    before = last_number(any_kb)
    edit(folder, "cases/tuin", title="Anders")
    edit(folder, "studies/onderzoek", pitfalls=[a_pitfall("onderzoek")])

    report = seed(any_kb, folder)

    assert sorted(report.updated) == ["onderzoek", "tuin"]
    case = get(any_kb, "/v1/cases/tuin")
    assert (case["version"], case["title"]) == (2, "Anders")
    assert get(any_kb, "/v1/studies/onderzoek")["pitfalls"][0]["id"] == "onderzoek--korte-adem"
    assert last_number(any_kb) == before + 2


def test_what_an_editor_has_published_is_left_alone_and_named(
    kb: KnowledgeBase, folder: Path
) -> None:
    seed(kb, folder)
    kb.publish(a_case("tuin", title="Van de redactie"))
    before = last_number(kb)
    edit(folder, "cases/tuin", title="Van het bestand")

    report = seed(kb, folder)

    assert report.left_alone == ["tuin"]
    assert get(kb, "/v1/cases/tuin")["title"] == "Van de redactie"
    assert last_number(kb) == before


def test_a_case_with_an_open_draft_is_left_alone(kb: KnowledgeBase, folder: Path) -> None:
    seed(kb, folder)
    kb.draft(a_case("tuin", title="Bezig"))
    edit(folder, "cases/tuin", title="Van het bestand")

    report = seed(kb, folder)

    assert report.left_alone == ["tuin"]
    assert get(kb, "/v1/cases/tuin")["title"] == "Tuin"
    assert [state for state, *_ in revisions(kb, "tuin")] == ["published", "draft"]


def test_an_editor_may_be_drafting_a_case_that_a_file_brings(
    kb: KnowledgeBase, folder: Path
) -> None:
    kb.draft(a_case("tuin", title="Bezig"))

    assert seed(kb, folder).left_alone == ["tuin"]
    assert get(kb, "/v1/cases/tuin")["_status"] == 404


def test_a_withdrawn_case_does_not_come_back(kb: KnowledgeBase, folder: Path) -> None:
    seed(kb, folder)
    kb.withdraw("tuin")
    edit(folder, "cases/tuin", title="Anders")

    report = seed(kb, folder)

    assert report.left_alone == ["tuin"]
    assert get(kb, "/v1/cases/tuin")["_status"] == 410


def test_a_case_whose_archetype_was_withdrawn_is_left_alone(
    kb: KnowledgeBase, folder: Path
) -> None:
    seed(kb, folder)
    kb.withdraw("type")
    assert seed(kb, folder).left_alone == ["type"]
    edit(folder, "cases/tuin", title="Anders")
    write(folder, "cases/straat", a_case("straat", archetype="type"))

    report = seed(kb, folder)

    assert sorted(report.left_alone) == ["straat", "tuin", "type"]
    assert get(kb, "/v1/cases/tuin")["title"] == "Tuin"


def test_a_study_or_question_without_a_file_is_withdrawn(
    any_kb: KnowledgeBase, folder: Path
) -> None:
    seed(any_kb, folder)
    before = last_number(any_kb)
    (folder / "studies/onderzoek.json").unlink()
    write(folder, "questions", [])

    report = seed(any_kb, folder)

    assert sorted(report.withdrawn) == ["onderzoek", "wat-werkt"]
    with any_kb.database.reading() as session:
        made = changes.changed_since(session, before, 10)
    assert sorted((each.event, each.kind, each.slug) for each in made) == [
        ("withdrawn", "question", "wat-werkt"),
        ("withdrawn", "study", "onderzoek"),
    ]
    any_kb.catch_up()
    assert get(any_kb, "/v1/studies/onderzoek")["_status"] == 404
    assert get(any_kb, "/v1/questions")["items"] == []
    assert not seed(any_kb, folder).withdrawn


def test_a_case_without_a_file_stays(kb: KnowledgeBase, folder: Path) -> None:
    seed(kb, folder)
    (folder / "cases/tuin.json").unlink()

    report = seed(kb, folder)

    assert report.withdrawn == []
    assert get(kb, "/v1/cases/tuin")["_status"] == 200


def test_questions_keep_the_order_of_their_file(kb: KnowledgeBase, folder: Path) -> None:
    requests = [a_question(name) for name in ("c", "a", "b")]
    write(folder, "questions", requests)
    seed(kb, folder)
    write(folder, "questions", requests[::-1])

    report = seed(kb, folder)

    assert sorted(report.updated) == ["b", "c"]
    with kb.database.reading() as session:
        rows = session.scalars(select(Question.slug).order_by(Question.position)).all()
    assert rows == ["b", "a", "c"]


def test_a_review_names_the_studies_that_it_holds(any_kb: KnowledgeBase, folder: Path) -> None:
    write(folder, "studies/overzicht", a_study("overzicht", covers=["verslag", "onderzoek"]))
    write(folder, "studies/verslag", a_study("verslag"))
    seed(any_kb, folder)
    whole = get(any_kb, "/v1/studies/overzicht")["covers"]
    edit(folder, "studies/overzicht", covers=["onderzoek"])
    (folder / "studies/verslag.json").unlink()

    seed(any_kb, folder)

    assert [each["id"] for each in whole] == ["verslag", "onderzoek"]
    assert get(any_kb, "/v1/studies/overzicht")["covers"] == [
        {"id": "onderzoek", "title": "Onderzoek"}
    ]
    assert "overzicht" in seed(any_kb, folder).unchanged


def test_a_review_holds_no_unknown_study_and_not_itself(folder: Path) -> None:
    write(folder, "studies/overzicht", a_study("overzicht", covers=["onderzoekk", "overzicht"]))

    assert errors_in(folder) == [
        ("studies/overzicht.json", "/covers/0", "unknown-reference", "onderzoek"),
        ("studies/overzicht.json", "/covers/1", "unknown-reference", None),
    ]


def test_a_case_of_before_a_key_came_is_unchanged_and_may_get_it(
    any_kb: KnowledgeBase, folder: Path
) -> None:
    seed(any_kb, folder)
    with any_kb.database.reading() as session:
        saved = session.scalars(select(Revision).where(Revision.slug == "tuin")).one().document
    finding = a_finding("tuin", ingredients=["buddy-systeem"], programme="samen-tuinieren")
    edit(folder, "cases/tuin", programme="tuinen", findings=[finding])

    report = seed(any_kb, folder)

    assert "programme" not in saved
    assert {"ingredients", "programme"}.isdisjoint(saved["findings"][0])
    assert report.updated == ["tuin"]
    first, second = (get(any_kb, f"/v1/cases/tuin/versions/{number}") for number in (1, 2))
    assert (first["programme"], second["programme"]) == (None, "tuinen")
    assert first["findings"][0]["ingredients"] == []
    assert get(any_kb, "/v1/cases/tuin")["findings"][0]["programme"] == "samen-tuinieren"
    item = get(any_kb, f"/v1/findings/{finding['id']}")
    assert item["ingredients"] == [{"id": "buddy-systeem", "label": "Buddy's en maatjes"}]


def test_progress_is_reported_case_by_case(kb: KnowledgeBase, folder: Path) -> None:
    heard: list[tuple[int, int]] = []

    seeding.seed(kb.database, seed_files.read_folder(folder), lambda *value: heard.append(value))

    assert heard == [(1, 2), (2, 2)]


BROKEN_FILES: list[tuple[str, str, Any, list[tuple[str, str, str, str | None]]]] = [
    ("bad JSON", "cases/tuin", "{", [("cases/tuin.json", "", "invalid-json", None)]),
    ("an empty file", "cases/tuin", "", [("cases/tuin.json", "", "invalid-json", None)]),
    ("null", "cases/tuin", "null", [("cases/tuin.json", "", "wrong-type", None)]),
    ("a list", "cases/tuin", [], [("cases/tuin.json", "", "wrong-type", None)]),
    ("NaN", "cases/tuin", '{"id": NaN}', [("cases/tuin.json", "", "invalid-json", None)]),
    ("a key twice", "cases/tuin", '{"id": "tuin", "id": "tuin"}',
     [("cases/tuin.json", "", "invalid-json", None)]),
    ("deep nesting", "cases/tuin", "[" * 100_000, [("cases/tuin.json", "", "invalid-json", None)]),
    ("an unknown key", "cases/tuin", a_case("tuin", titel="x"),
     [("cases/tuin.json", "/titel", "unknown-key", "title")]),
    ("an unknown term", "cases/tuin", a_case("tuin", strategies=["sloop-nieuwbuow"]),
     [("cases/tuin.json", "/strategies/0", "not-in-vocabulary", "sloop-nieuwbouw")]),
    ("a wrong type", "cases/tuin", a_case("tuin", startYear="2016"),
     [("cases/tuin.json", "/startYear", "wrong-type", None)]),
    ("missing pieces", "cases/tuin", a_case("tuin", scale=None, sources=[]),
     [("cases/tuin.json", "/scale", "required", None),
      ("cases/tuin.json", "/sources", "too-short", None)]),
    ("another name", "cases/tuin", a_case("straat"),
     [("cases/tuin.json", "/id", "inconsistent", None)]),
    ("an unknown archetype", "cases/tuin", a_case("tuin", archetype="typ"),
     [("cases/tuin.json", "/archetype", "unknown-reference", "type")]),
    ("a local project as archetype", "cases/straat", a_case("straat", archetype="tuin"),
     [("cases/straat.json", "/archetype", "unknown-reference", None)]),
    ("the id of a study", "cases/onderzoek", a_case("onderzoek"),
     [("studies/onderzoek.json", "/id", "duplicate", None)]),
    ("a study's mistake", "studies/onderzoek", a_study(sourceType=None, pitfalls=[{"id": "x"}]),
     [("studies/onderzoek.json", "/pitfalls/0/category", "required", None),
      ("studies/onderzoek.json", "/pitfalls/0/description", "required", None),
      ("studies/onderzoek.json", "/pitfalls/0/id", "inconsistent", None),
      ("studies/onderzoek.json", "/pitfalls/0/phase", "required", None),
      ("studies/onderzoek.json", "/pitfalls/0/title", "required", None),
      ("studies/onderzoek.json", "/sourceType", "required", None)]),
    ("an unknown study", "questions", [a_question(studies=["onderzoek", "onderzoe"])],
     [("questions.json", "/0/studies/1", "unknown-reference", "onderzoek")]),
    ("a question twice", "questions", [a_question(), a_question()],
     [("questions.json", "/1/id", "duplicate", None)]),
    ("a null question", "questions", [a_question(), None],
     [("questions.json", "/1", "wrong-type", None)]),
    ("no list of questions", "questions", {}, [("questions.json", "", "wrong-type", None)]),
    ("null for questions", "questions", "null", [("questions.json", "", "wrong-type", None)]),
    ("null for terms", "terms/kinds", "null", [("terms/kinds.json", "", "wrong-type", None)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "document", "expected"),
    [(name, document, expected) for _, name, document, expected in BROKEN_FILES],
    ids=[title for title, *_ in BROKEN_FILES],
)
def test_a_broken_file_is_reported_precisely(
    folder: Path, name: str, document: Any, expected: list[Any]
) -> None:
    write(folder, name, document)

    assert errors_in(folder) == expected


def test_everything_wrong_with_several_files_is_reported_at_once(folder: Path) -> None:
    write(folder, "cases/tuin", a_case("tuin", titel="x", startYear="2016"))
    write(folder, "cases/type", "{")
    write(folder, "studies/onderzoek", a_study(summary=None))
    (folder / "questions.json").unlink()
    (folder / "terms/phases.json").unlink()

    assert errors_in(folder) == [
        ("cases/tuin.json", "/startYear", "wrong-type", None),
        ("cases/tuin.json", "/titel", "unknown-key", "title"),
        ("cases/type.json", "", "invalid-json", None),
        ("questions.json", "", "required", None),
        ("studies/onderzoek.json", "/summary", "null", None),
        ("terms/phases.json", "", "required", None),
    ]


def test_a_file_that_is_not_utf8_is_reported(folder: Path) -> None:
    (folder / "cases/tuin.json").write_bytes(b'{"id": "caf\xe9"}')

    assert errors_in(folder) == [("cases/tuin.json", "", "invalid-json", None)]


def test_broken_terms_are_reported(folder: Path) -> None:
    scheme = json.loads((folder / "terms/ingredients.json").read_text("utf-8"))
    scheme["terms"][1]["id"] = scheme["terms"][0]["id"]
    scheme["terms"][2]["broader"] = "menging-en-schal"
    scheme["terms"][3]["labels"].pop("en")
    write(folder, "terms/ingredients", scheme)

    assert errors_in(folder) == [
        ("terms/ingredients.json", "/terms/1/id", "duplicate", None),
        ("terms/ingredients.json", "/terms/2/broader", "unknown-reference", "menging-en-schaal"),
        ("terms/ingredients.json", "/terms/3/labels/en", "required", None),
    ]


def test_a_term_is_grouped_only_by_the_scheme_that_is_for_it(folder: Path) -> None:
    levels = json.loads((folder / "terms/evidence-levels.json").read_text("utf-8"))
    levels["terms"][0]["broader"] = "ontmoeting"  # a group of ingredients
    phases = json.loads((folder / "terms/phases.json").read_text("utf-8"))
    phases["terms"][0]["broader"] = "ontmoeting"  # phases have no groups
    write(folder, "terms/evidence-levels", levels)
    write(folder, "terms/phases", phases)

    assert sorted(errors_in(folder)) == [
        ("terms/evidence-levels.json", "/terms/0/broader", "unknown-reference", None),
        ("terms/phases.json", "/terms/0/broader", "unknown-reference", None),
    ]


def test_when_something_goes_wrong_halfway_nothing_is_taken_over(
    any_kb: KnowledgeBase, folder: Path
) -> None:
    before = last_number(any_kb)

    def fail(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seeding.seed(any_kb.database, seed_files.read_folder(folder), fail)

    assert last_number(any_kb) == before
    assert get(any_kb, "/v1/cases/type")["_status"] == 404
    assert get(any_kb, "/v1/studies/onderzoek")["_status"] == 404


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
