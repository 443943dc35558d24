"""The seed takes over the files of a release: all of them or none, and spares editors' work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from kb.cases import changes
from kb.cases.model import Question
from kb.editors import seed as seeding
from kb.editors import seed_files
from kb.editors.model import Revision
from tests.builders import a_case, a_finding, a_pitfall, a_question, a_study
from tests.conftest import KnowledgeBase
from tests.editors.seed_folders import edit, get, last_number, revisions, seed, write

Files = Callable[..., seed_files.SeedFiles]


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
    assert get(any_kb, "/v1/studies/onderzoek")["_status"] == 410
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


def test_reviews_that_hold_each_other_are_published(any_kb: KnowledgeBase, folder: Path) -> None:
    write(folder, "studies/eerst", a_study("eerst", title="Eerst", covers=["dan"]))
    write(folder, "studies/dan", a_study("dan", title="Dan", covers=["eerst"]))

    report = seed(any_kb, folder)

    assert report.left_alone == []
    assert get(any_kb, "/v1/studies/eerst")["covers"] == [{"id": "dan", "title": "Dan"}]
    assert get(any_kb, "/v1/studies/dan")["covers"] == [{"id": "eerst", "title": "Eerst"}]
    assert {"eerst", "dan"} <= {*seed(any_kb, folder).unchanged}


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
