"""The index follows the numbered changes, and after any accident ends where the database is."""

from __future__ import annotations

import shutil
import tempfile
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.cases.aliases import Thing
from kb.cases.changes import last_number
from kb.database import now
from kb.editors import revisions, workflow
from kb.search import catch_up, consistency
from kb.search.analysis import analyzer
from kb.search.engine import IndexBatch, IndexState, SearchDocument, SearchUnavailable
from kb.search.follower import Follower
from kb.search.index import schema, segment_file
from kb.search.whoosh_engine import WhooshEngine
from kb.vocabulary.terms import schemes
from schemas.cases import CaseDocument
from tests.builders import a_case, a_finding, a_pitfall, a_question, a_study
from tests.conftest import KnowledgeBase, make, until
from tests.strategies import examples


class Step(Enum):
    """What may happen to a case."""

    PUBLISH = "publish"
    REWRITE = "rewrite"
    WITHDRAW = "withdraw"


def take(kb: KnowledgeBase, step: Step, case_id: str) -> None:
    """Take a step in the database alone; one that cannot be taken is no step."""
    pitfalls = [a_pitfall(case_id, "oud" if step is Step.PUBLISH else "nieuw")]
    with kb.database.transaction() as session:
        public = revisions.revision_in(session, Thing("case", case_id), "published")
        if step is not Step.WITHDRAW:
            case = CaseDocument().load(a_case(case_id, pitfalls=pitfalls))
            workflow.publish(
                session, workflow.save_draft(session, case, author="redactie", at=now()), at=now()
            )
        elif public:
            workflow.withdraw(
                session, Thing("case", case_id), reason="Verouderd.", at=now(), by="redactie"
            )


def drift(kb: KnowledgeBase) -> consistency.Drift:
    """How the index differs from the database."""
    return consistency.check(kb.database, kb.engine)


@examples(12)
@given(
    st.lists(
        st.tuples(st.sampled_from(("a", "b", "c")), st.sampled_from(Step), st.booleans()),
        max_size=7,
    )
)
def test_catching_up_ends_where_the_database_is(steps: list[tuple[str, Step, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kb = make(Path(folder))
        for case_id, step, index_now in steps:
            take(kb, step, case_id)
            if index_now:
                kb.catch_up()
        kb.catch_up()

        assert not drift(kb)
        kb.close()


def test_every_kind_of_thing_is_indexed(kb: KnowledgeBase) -> None:
    kb.take(
        cases=[a_case("tuin", pitfalls=[a_pitfall("tuin")], findings=[a_finding("tuin")])],
        studies=[a_study("rapport", pitfalls=[a_pitfall("rapport")])],
        questions=[a_question("waarom", studies=["rapport"])],
    )

    counts = kb.engine.counts()

    assert counts.pop("ingredient") == len(schemes()["ingredients"].terms)
    assert counts == {"case": 1, "pitfall": 2, "finding": 1, "study": 1, "question": 1}


def test_catching_up_with_nothing_new_writes_nothing(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    files = sorted((path.name, path.stat().st_mtime_ns) for path in index_of(kb).iterdir())

    kb.catch_up()

    assert files == sorted((path.name, path.stat().st_mtime_ns) for path in index_of(kb).iterdir())


def index_of(kb: KnowledgeBase) -> Path:
    """The folder of its index."""
    folder: Path = kb.app.extensions["kb"].settings.index_dir
    return folder


def test_an_index_of_another_analysis_is_made_afresh(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    with kb.engine.writing() as batch:
        batch.put(SearchDocument("case", "verzonnen", "Verzonnen"))
    version = analyzer.ANALYSIS_VERSION
    try:
        analyzer.ANALYSIS_VERSION = version + 1  # as the next release would have it
        kb.catch_up()
        assert not drift(kb)
    finally:
        analyzer.ANALYSIS_VERSION = version


def test_arrays_of_another_format_are_made_again_of_what_whoosh_holds(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as former:
        former.setattr(segment_file, "MAGIC", b"kb-segment-0\n")  # as an earlier release had it
        take(kb, Step.PUBLISH, "tuin")
        catch_up.rebuild(kb.database, kb.engine)
        before = kb.engine.state()
    kb.engine.close()

    assert kb.engine.state() == before
    until(lambda: not kb.engine.is_degraded())
    assert not drift(kb)


def test_an_index_of_another_schema_is_made_afresh(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as former:
        former.setattr(schema, "KEYWORD_FIELDS", (*schema.KEYWORD_FIELDS, "former"))
        former.setattr(segment_file, "MAGIC", b"kb-segment-0\n")
        take(kb, Step.PUBLISH, "tuin")
        catch_up.rebuild(kb.database, kb.engine)
        assert not drift(kb)
    kb.engine.close()

    assert kb.engine.state() == IndexState()
    kb.catch_up()
    assert not drift(kb)


def test_an_index_ahead_of_a_restored_database_is_made_afresh(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    kb.publish(a_case("tuin"))
    kb.database.dispose()
    saved = tmp_path / "saved.sqlite3"
    shutil.copy(tmp_path / "kb.sqlite3", saved)
    kb.publish(a_case("plein"))
    kb.database.dispose()
    for name in ("kb.sqlite3-wal", "kb.sqlite3-shm"):
        (tmp_path / name).unlink(missing_ok=True)

    shutil.copy(saved, tmp_path / "kb.sqlite3")
    kb.catch_up()

    assert {"case:plein"}.isdisjoint(kb.engine.keys())
    assert not drift(kb)


def test_check_tells_which_documents_differ(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"), a_case("plein"))
    with kb.engine.writing() as batch:
        batch.remove("case:tuin")
        batch.put(SearchDocument("case", "verzonnen", "Verzonnen"))

    assert drift(kb) == consistency.Drift(("case:tuin",), ("case:verzonnen",), 0)


def test_rebuilding_tells_how_far_it_is(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"), a_case("plein"))
    reports: list[tuple[int, int]] = []

    catch_up.rebuild(kb.database, kb.engine, lambda done, total: reports.append((done, total)))

    assert reports == [(1, 2), (2, 2)]


@pytest.mark.parametrize("harm", ["gone", "emptied", "noise"])
def test_a_damaged_index_answers_503_and_heals_by_itself(kb: KnowledgeBase, harm: str) -> None:
    kb.publish(a_case("tuin"))
    kb.engine.close()
    for path in index_of(kb).iterdir():
        if harm == "emptied":
            path.write_bytes(b"")
        elif harm == "noise":
            path.write_bytes(b"\x07noise" * 40)
    if harm == "gone":
        shutil.rmtree(index_of(kb))

    while_harmed = kb.client.get("/v1/cases")
    single = kb.client.get("/v1/cases/tuin")
    kb.catch_up()

    assert while_harmed.status_code == 503
    assert while_harmed.headers["Retry-After"] == "5"
    assert single.status_code == 200
    assert kb.client.get("/v1/cases").json["page"]["totalItems"] == 1


def test_a_process_follows_what_another_one_publishes(kb: KnowledgeBase, tmp_path: Path) -> None:
    follower = Follower(kb.database, kb.engine, poll_seconds=0.05)
    follower.start()
    take(kb, Step.PUBLISH, "tuin")

    reader = WhooshEngine(index_of(kb))
    until(lambda: reader.counts().get("case") == 1)
    follower.stop()
    follower.join()
    reader.close()


def test_a_crash_halfway_leaves_the_index_as_it_was(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    with kb.database.reading() as session:
        before = last_number(session)
    take(kb, Step.PUBLISH, "plein")

    def crash() -> None:
        with kb.engine.writing() as batch:
            half: IndexBatch = batch
            half.put(SearchDocument("case", "plein", "Plein"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()

    assert kb.engine.change() == before
    kb.catch_up()
    assert not drift(kb)


def test_nothing_is_ever_silently_empty(tmp_path: Path) -> None:
    with pytest.raises(SearchUnavailable):
        WhooshEngine(tmp_path / "nowhere").counts()
