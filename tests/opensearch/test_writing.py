"""What several writers, and writers that die, leave in a cluster: never less, never older."""

from __future__ import annotations

import time
from typing import Any

import pytest

from kb.search.engine import EMPTY_INDEX, IndexBusy, SearchUnavailable
from kb.search.opensearch.batch import write_all
from kb.search.opensearch.mapping import FORMAT, STATE_ID, fields_of
from kb.search.opensearch_engine import OpenSearchEngine
from tests.conftest import until
from tests.search.engines import a_document, put, search, search_ids

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]


def indexes(engine: OpenSearchEngine) -> set[str]:
    """The indexes of documents that it has in the cluster."""
    names = engine.cluster.get(f"/{engine.alias}-*/_alias")
    return {name for name in names if not name.endswith("-leases")}


def write_unsaved(engine: OpenSearchEngine, *, change: int, title: str) -> None:
    """Do what a writer does that dies, or is held up, before it moves the change number."""
    newest = engine.snapshots.newest()
    assert newest is not None
    document = fields_of(a_document("a", title), engine.analyzer, [1, 1, 1, 1])
    write_all(engine.cluster, newest.index, [("case:a", document)], change << 20)


def test_without_an_index_there_is_no_answer(engine: OpenSearchEngine) -> None:
    with pytest.raises(SearchUnavailable):
        search(engine)

    assert engine.state() == EMPTY_INDEX
    put(engine, a_document("a"))
    assert search_ids(engine) == ["a"]


def test_another_process_sees_what_was_written(
    engine: OpenSearchEngine, another: OpenSearchEngine
) -> None:
    put(engine, a_document("a"))
    assert set(another.keys()) == {"case:a"}
    before = another.snapshot_id()

    put(engine, a_document("b"), change=2)

    until(lambda: another.snapshot_id() != before)
    assert (set(another.keys()), another.change()) == ({"case:a", "case:b"}, 2)


def test_a_second_writer_waits_and_then_says_that_it_is_busy(
    engine: OpenSearchEngine, another: OpenSearchEngine
) -> None:
    with engine.writing(), pytest.raises(IndexBusy), another.writing():
        pass

    put(another, a_document("a"))


def test_the_lease_of_a_writer_that_died_ends(engine: OpenSearchEngine) -> None:
    put(engine, a_document("a"))
    lease = {"holder": "gone", "until": time.time() - 1}
    engine.cluster.write("PUT", f"/{engine.alias}-leases/_doc/writer", lease)

    put(engine, a_document("b"), change=2)

    assert engine.state().change == 2


def test_a_writer_takes_back_what_it_could_not_let_go_of(engine: OpenSearchEngine) -> None:
    path = f"/{engine.alias}-leases/_doc/writer"
    with engine.writing() as batch:
        batch.put(a_document("a"))
        lease = engine.cluster.get(path)["_source"]
    engine.cluster.write("PUT", path, lease)

    put(engine, a_document("b"), change=2)

    assert engine.state().change == 2


def test_nobody_goes_back_to_an_older_state(engine: OpenSearchEngine) -> None:
    put(engine, a_document("a"))
    older = engine.snapshots.newest()
    put(engine, a_document("b"), change=2)
    newer = engine.snapshots.current()
    assert older is not None
    content = older.state._asdict() | {"commits": older.commits, "means": {}, "format": FORMAT}

    engine.cluster.write("PUT", f"/{newer.index}/_doc/{STATE_ID}", {"state": content})
    engine.snapshots.forget()

    assert engine.snapshots.current() == newer
    with pytest.raises(SearchUnavailable):
        engine.snapshots.confirmed()


def test_while_the_cluster_does_not_say_what_is_newest_the_last_state_does_for_a_while(
    engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, a_document("a"))
    last = engine.snapshots.current()
    monkeypatch.setattr(engine.cluster, "_urls", ("http://127.0.0.1:9",))  # where nobody answers
    engine.snapshots.forget()

    assert engine.snapshots.current() == last
    monkeypatch.setattr("kb.search.opensearch.snapshots.MAX_AGE_SECONDS", 0.0)
    with pytest.raises(SearchUnavailable):
        engine.snapshots.current()
    monkeypatch.undo()


def test_a_writer_goes_on_having_its_lease(
    engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.search.opensearch.lease.SECONDS", 0.0)
    monkeypatch.setattr("kb.search.opensearch.lease.RENEWAL_SECONDS", 0.05)
    path = f"/{engine.alias}-leases/_doc/writer"

    with engine.writing() as batch:
        batch.put(a_document("a"))
        before = engine.cluster.get(path)["_version"]
        until(lambda: engine.cluster.get(path)["_version"] > before)

    assert search_ids(engine) == ["a"]


def test_a_writer_that_was_taken_for_gone_changes_no_number(
    engine: OpenSearchEngine, another: OpenSearchEngine
) -> None:
    put(engine, a_document("a", "Tuin"), change=5)

    def be_overtaken() -> None:
        with engine.writing() as batch:
            batch.put(a_document("a", "Oud"))
            batch.change = 6
            engine.cluster.write("DELETE", f"/{engine.alias}-leases/_doc/writer")
            put(another, a_document("a", "Nieuw"), change=7)

    with pytest.raises(IndexBusy):
        be_overtaken()

    assert engine.state().change == 7
    assert search_ids(engine, "nieuw") == ["a"]


def test_an_older_copy_never_takes_the_place_of_a_newer_one(engine: OpenSearchEngine) -> None:
    put(engine, a_document("a", "Nieuw"), change=7)

    write_unsaved(engine, change=6, title="Oud")
    put(engine, a_document("b"), change=8)

    assert (search_ids(engine, "nieuw"), search_ids(engine, "oud")) == (["a"], [])


def test_what_was_removed_is_not_brought_back_by_an_older_copy(engine: OpenSearchEngine) -> None:
    put(engine, a_document("a"), change=5)
    with engine.writing() as batch:
        batch.remove("case:a")
        batch.change = 7

    write_unsaved(engine, change=6, title="Oud")
    put(engine, a_document("b"), change=8)

    assert set(engine.keys()) == {"case:b"}


def test_what_a_dead_writer_left_is_written_over(engine: OpenSearchEngine) -> None:
    put(engine, a_document("a", "Tuin"), change=5)

    write_unsaved(engine, change=6, title="Half")
    assert engine.state().change == 5
    put(engine, a_document("a", "Heel"), change=6)

    assert (search_ids(engine, "heel"), search_ids(engine, "half")) == (["a"], [])


def test_to_rebuild_goes_on_beside_the_old_index(
    engine: OpenSearchEngine, another: OpenSearchEngine
) -> None:
    for change in range(1, 4):
        with engine.writing(afresh=True) as batch:
            batch.put(a_document(f"a{change}"))
            batch.change = change
            if change > 1:
                assert search_ids(another) == [f"a{change - 1}"]
        until(lambda: another.snapshot_state() == engine.state())

    assert set(engine.keys()) == {"case:a3"}


def test_old_indexes_are_swept_when_nobody_can_be_reading_them(
    engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for change in (1, 2):
        with engine.writing(afresh=True) as batch:
            batch.put(a_document("a"))
            batch.change = change
    left_by_a_dead_writer = f"{engine.alias}-{'0' * 16}"
    others = {f"{engine.alias}-another", f"{engine.alias}-another-{'0' * 16}"}
    for name in (left_by_a_dead_writer, *others):
        engine.cluster.write("PUT", f"/{name}")
    before = indexes(engine)
    monkeypatch.setattr("kb.search.opensearch_engine.SWEEP_SECONDS", 0.0)

    engine.start_merging()
    assert indexes(engine) == before

    monkeypatch.setattr("kb.search.opensearch.writer.GRACE_SECONDS", 0.0)
    engine.start_merging()
    assert indexes(engine) == {engine.snapshots.current().index, *others}
    assert search_ids(engine) == ["a"]


def test_a_rebuild_that_does_not_hear_whether_its_index_is_live_leaves_it(
    engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, a_document("a"))
    write = engine.cluster.write

    def lose_the_answer(method: str, path: str, body: Any = None) -> Any:
        answer = write(method, path, body)
        if path == "/_aliases":
            raise SearchUnavailable("late")
        return answer

    monkeypatch.setattr(engine.cluster, "write", lose_the_answer)
    with pytest.raises(SearchUnavailable), engine.writing(afresh=True) as batch:
        batch.put(a_document("b"))
    monkeypatch.undo()

    assert search_ids(engine) == ["b"]


def test_a_rebuild_that_fails_leaves_nothing(engine: OpenSearchEngine) -> None:
    put(engine, a_document("a"))
    before = indexes(engine)

    with pytest.raises(RuntimeError), engine.writing(afresh=True) as batch:
        batch.put(a_document("b", "x", values={"scale": ("y" * 40_000,)}))  # no term is so long

    assert indexes(engine) == before
    assert search_ids(engine) == ["a"]


def test_documents_are_weighed_anew_when_they_have_become_longer(
    engine: OpenSearchEngine,
) -> None:
    put(engine, a_document("a", "Tuin", "Kort."))
    put(engine, *(a_document(f"b{n}", "Plein", "Een lange tekst. " * 50) for n in range(5)))
    short = engine.snapshots.current().means["case"]

    engine.start_merging()

    assert engine.snapshots.current().means["case"][3] > 10 * short[3]
    assert engine.state().change == 1
    assert search(engine).total == 6
    state = engine.snapshot_id()
    engine.start_merging()
    assert engine.snapshot_id() == state
