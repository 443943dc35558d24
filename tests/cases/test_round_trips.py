"""What goes in comes out: documents, files and what readers get."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.cases import queries
from kb.cases.model import Case
from kb.database import Database, now
from kb.editors import export, seed, seed_files, workflow
from kb.migrations import steps
from schemas.cases import CaseDocument, as_document, publication_errors
from schemas.questions import QuestionDocument
from schemas.studies import StudyDocument
from tests import strategies
from tests.builders import a_case, a_finding, a_pitfall
from tests.cases.mistakes import mistakes_of
from tests.conftest import KnowledgeBase, make
from tests.strategies import examples

SEED = Path(str(resources.files("seed_data")))


def as_file(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def write_folder(folder: Path, documents: dict[str, Any]) -> None:
    shutil.copytree(SEED / "terms", folder / "terms")
    for name in ("cases", "studies"):
        (folder / name).mkdir()
        for document in documents[name]:
            (folder / name / f"{document['id']}.json").write_text(as_file(document), "utf-8")
    (folder / "questions.json").write_text(as_file(documents["questions"]), "utf-8")


def publish_unindexed(kb: KnowledgeBase, document: dict[str, Any]) -> None:
    """Hypothesis makes `random` repeat itself, and Whoosh names its files by it."""
    with kb.database.transaction() as session:
        draft = workflow.save_draft(session, CaseDocument().load(document), author="a", at=now())
        workflow.publish(session, draft, at=now())


def read_bytes(folder: Path) -> dict[str, bytes]:
    """The files that seeding reads, and no others."""
    paths = [folder / "questions.json", *folder.glob("*/*.json")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(paths)}


@examples(15)
@given(strategies.cases())
def test_a_whole_case_loads_and_tells_the_same_document(document: dict[str, Any]) -> None:
    loaded = CaseDocument().load(document)

    assert as_document(loaded) == document
    assert CaseDocument().load(as_document(loaded)) == loaded
    assert list(publication_errors(loaded)) == []


@examples(12)
@given(strategies.studies(), strategies.questions("vraag", ("onderzoek",)))
def test_a_whole_study_or_question_loads_and_tells_the_same_document(
    study: dict[str, Any], question: dict[str, Any]
) -> None:
    assert as_document(StudyDocument().load(study), StudyDocument) == study
    assert as_document(QuestionDocument().load(question), QuestionDocument) == question


@examples(8)
@given(strategies.knowledge())
def test_seed_then_export_gives_the_same_files(documents: dict[str, Any]) -> None:
    for document in (*documents["cases"], *documents["studies"], *documents["questions"]):
        document["updatedAt"] = "2020-05-04T10:00:00Z"
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        write_folder(home / "seed", documents)
        database = Database(f"sqlite:///{home / 'kb.sqlite3'}")
        steps.upgrade(database)

        seed.seed(database, seed_files.read_folder(home / "seed"))
        export.export(database, home / "export")
        database.dispose()

        assert read_bytes(home / "export") == read_bytes(home / "seed")


def test_the_first_cases_are_exported_as_the_files_they_came_from(
    seeded: KnowledgeBase, tmp_path: Path
) -> None:
    export.export(seeded.database, tmp_path)

    assert read_bytes(tmp_path) == read_bytes(SEED)


@pytest.mark.postgresql
def test_wild_texts_come_back_whole_from_postgresql(postgres_url: str, tmp_path: Path) -> None:
    kb = make(tmp_path, postgres_url)
    try:

        @examples(10)
        @given(strategies.cases(id="tuin"))
        def check(document: dict[str, Any]) -> None:
            publish_unindexed(kb, document)
            with kb.database.reading() as session:
                assert as_document(queries.one(session, Case, "tuin")) == document

        check()
    finally:
        kb.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    made = make(tmp_path_factory.mktemp("shared"))
    made.publish(a_case(id="type", kind="archetype"))
    yield made
    made.close()


@examples(15)
@given(
    document=strategies.cases(id="tuin", archetypes=("type",)),
    language=st.sampled_from(["nl", "en"]),
)
def test_what_a_reader_gets_can_be_sent_back_and_is_the_same_case(
    shared: KnowledgeBase, document: dict[str, Any], language: str
) -> None:
    publish_unindexed(shared, document)

    answer = shared.client.get(f"/v1/cases/tuin?lang={language}")

    assert answer.status_code == 200
    assert as_document(CaseDocument().load(answer.get_json())) == document


def test_a_reader_gets_terms_with_labels_and_references_with_titles(kb: KnowledgeBase) -> None:
    kb.publish(a_case(id="type", kind="archetype", title="Een type"))
    kb.publish(
        a_case(
            id="tuin",
            archetype="type",
            pitfalls=[a_pitfall("tuin")],
            findings=[a_finding("tuin")],
            parties=[{"name": "Portaal", "role": "woningcorporatie"}],
        )
    )

    body = kb.client.get("/v1/cases/tuin").json

    assert body["archetype"] == {"id": "type", "title": "Een type"}
    assert body["kind"] == {"id": "praktijk", "label": "Lokaal uitgevoerd project"}
    assert body["ingredients"] == [
        {"id": "buddy-systeem", "label": "Buddy's en maatjes", "how": "Buren helpen elkaar."}
    ]
    assert body["findings"][0]["source"] == {"id": "bron-1", "title": "Verslag van de buurt"}
    assert body["parties"][0]["role"]["id"] == "woningcorporatie"
    assert set(body["pitfalls"][0]["phase"]) == {"id", "label"}


PLACE_KEYS = (
    *("country", "province", "municipality", "neighbourhood"),
    *("urbanity", "population", "socialRent", "figuresYear"),  # read only
)


def test_missing_single_values_are_null_and_missing_lists_empty(kb: KnowledgeBase) -> None:
    document = a_case(id="tuin")
    del document["place"], document["startYear"]
    kb.publish(document)

    body = kb.client.get("/v1/cases/tuin").json

    assert body["startYear"] is None
    assert body["archetype"] is None
    assert body["collaboration"] is None
    assert body["pitfalls"] == body["findings"] == body["parties"] == body["unverified"] == []
    assert body["place"] == dict.fromkeys(PLACE_KEYS)


def test_labels_follow_the_language(kb: KnowledgeBase) -> None:
    kb.publish(a_case(id="tuin"))

    dutch = kb.client.get("/v1/cases/tuin").json
    english = kb.client.get("/v1/cases/tuin?lang=en").json

    assert dutch["kind"]["label"] == "Lokaal uitgevoerd project"
    assert english["kind"]["label"] == "Local project"
    assert dutch["ingredients"][0]["label"] != english["ingredients"][0]["label"]


def test_another_type_is_read_only_and_the_version_is_ours_to_tell() -> None:
    assert mistakes_of(a_case(type="case", version=12, publishedAt="x", _links=3)) == []
    assert mistakes_of(a_case(type="study", title=" ")) == [
        ("/title", "empty", None),
        ("/type", "read-only", None),
    ]
