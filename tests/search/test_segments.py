"""Segment files: written once beside a segment of Whoosh, opened aside, never read when harmed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from filelock import FileLock

from kb.search.analysis.analyzer import DUTCH
from kb.search.engine import IndexBusy, IndexState, SearchDocument, SearchRequest, SearchUnavailable
from kb.search.index.index_writer import IndexWriter
from kb.search.index.merge_policy import MERGE_FACTOR, URGENT_COUNT
from kb.search.index.schema import to_json
from kb.search.index.segment_writer import to_stored
from kb.search.index.snapshot import open_storage
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine
from tests.conftest import until
from tests.search.engines import a_document, put, search, search_ids
from tests.search.segments import arrays_of


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[WhooshEngine]:
    """An engine on an empty folder."""
    new = WhooshEngine(tmp_path / "index", lock_timeout=0.2)
    yield new
    new.close()


def test_only_new_segments_are_written_and_opened(engine: WhooshEngine, tmp_path: Path) -> None:
    put(engine, *(a_document(f"a{n}", "Tuin") for n in range(80)))
    before = arrays_of(tmp_path)

    put(engine, a_document("b", "Tuin"))

    assert before < arrays_of(tmp_path)
    assert len(search_ids(engine, "tuin", limit=100)) == 81


def test_documents_of_a_large_segment_are_replaced(engine: WhooshEngine) -> None:
    put(engine, *(a_document(f"a{n}", "Tuin") for n in range(90)))

    put(engine, *(a_document(f"a{n}", "Plein") for n in range(10)))

    assert search_ids(engine, "tuin", limit=100) == sorted(f"a{n}" for n in range(10, 90))
    assert search_ids(engine, "plein") == [f"a{n}" for n in range(10)]


def test_a_segment_that_is_mostly_deleted_is_written_again(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    many = [a_document(f"a{n}", "Tuin") for n in range(80)]
    put(engine, *many)
    before = arrays_of(tmp_path)

    put(engine, *many[:50])
    engine._merger.merge()

    assert not before & arrays_of(tmp_path)
    assert len(search_ids(engine, "tuin", limit=100)) == 80


def test_a_segment_that_is_wholly_deleted_goes_with_the_next_commit(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    put(engine, a_document("a", "Tuin"))
    before = arrays_of(tmp_path)

    put(engine, a_document("a", "Plein"))

    assert not before & arrays_of(tmp_path)


def test_small_segments_are_merged_some_at_a_time(engine: WhooshEngine, tmp_path: Path) -> None:
    counts = []
    for number in range(20):
        put(engine, a_document(f"a{number:02}", "Tuin"), a_document(f"b{number:02}", "Plein"))
        engine._merger.merge()
        counts.append(len(arrays_of(tmp_path)))

    assert max(counts) == MERGE_FACTOR - 1
    assert sum(after < before for before, after in pairwise(counts)) == 2
    assert len(search_ids(engine, "tuin", limit=100)) == 20


def test_a_writer_merges_what_nobody_has_merged(engine: WhooshEngine, tmp_path: Path) -> None:
    for number in range(URGENT_COUNT + 1):
        put(engine, a_document(f"a{number:02}", "Tuin"))

    assert len(arrays_of(tmp_path)) == 1
    assert len(search_ids(engine, "tuin", limit=100)) == URGENT_COUNT + 1


def test_segments_are_merged_in_the_background(engine: WhooshEngine, tmp_path: Path) -> None:
    for number in range(MERGE_FACTOR):
        put(engine, a_document(f"a{number}", "Tuin"), change=number)

    engine.start_merging()

    until(lambda: len(arrays_of(tmp_path)) == 1)
    assert engine.change() == MERGE_FACTOR - 1
    assert len(search_ids(engine, "tuin")) == MERGE_FACTOR


def test_merged_documents_are_as_they_were(engine: WhooshEngine) -> None:
    documents = [a_document(f"a{number}", f"Tuin {number}") for number in range(MERGE_FACTOR)]
    for each in documents:
        put(engine, each)
    whole = WhooshEngine(engine.folder.with_name("whole"))
    put(whole, *documents)

    engine._merger.merge()

    assert len(engine._snapshots.current().segments) == 1
    assert search(engine, "tuin") == search(whole, "tuin")


@pytest.mark.parametrize("is_interrupted", [False, True])
def test_what_was_written_during_a_merge_is_there_after_it(
    engine: WhooshEngine, tmp_path: Path, is_interrupted: bool
) -> None:
    for number in range(MERGE_FACTOR):
        put(engine, a_document(f"a{number}", "Tuin"), change=number)
    snapshot, merger = engine._snapshots.verified(), engine._merger
    addresses = merger._write_aside(snapshot, snapshot.listed)

    put(engine, a_document("a1", "Plein"), change=20)
    with engine.writing() as batch:
        batch.remove("case:a2")
        batch.change = 21
    if is_interrupted:  # another merger begins again
        merger.merge()
    else:
        merger._commit({each.segment_id() for each in snapshot.listed}, addresses)

    assert search_ids(engine, "plein") == ["a1"]
    assert search_ids(engine, "tuin") == ["a0", "a3", "a4", "a5", "a6", "a7"]
    assert (engine.change(), engine.counts()) == (21, {"case": 7})
    assert len(arrays_of(tmp_path)) < MERGE_FACTOR


def test_a_merge_of_segments_that_are_gone_leaves_no_document(engine: WhooshEngine) -> None:
    for number in range(MERGE_FACTOR):
        put(engine, a_document(f"a{number}", "Tuin"))
    snapshot, merger = engine._snapshots.verified(), engine._merger
    addresses = merger._write_aside(snapshot, snapshot.listed)

    with engine.writing(afresh=True) as batch:
        batch.put(a_document("b", "Plein"))
    merger._commit({each.segment_id() for each in snapshot.listed}, addresses)

    assert search_ids(engine) == ["b"]


def test_segments_are_merged_by_one_process_at_a_time(engine: WhooshEngine) -> None:
    other = WhooshEngine(engine.folder)
    put(engine, a_document("a", "Tuin"))

    with FileLock(engine._merger._aside.with_suffix(".lock")), pytest.raises(IndexBusy):
        other._merger.merge()
    other.close()


def test_a_large_batch_becomes_several_segments(engine: WhooshEngine, tmp_path: Path) -> None:
    documents = [a_document(f"a{number}", f"Tuin {number}") for number in range(7)]
    put(engine, a_document("b", "Plein"))
    write_segments_of(3, engine, documents)
    whole = WhooshEngine(tmp_path / "whole")
    put(whole, a_document("b", "Plein"), *documents)

    assert engine.change() == 9  # and it has looked for a newer commit
    assert len(arrays_of(tmp_path)) == 1 + 3
    assert search(engine, "tuin").hits == search(whole, "tuin").hits


def test_what_an_interrupted_writer_left_is_deleted(engine: WhooshEngine, tmp_path: Path) -> None:
    documents = [a_document(f"a{number}") for number in range(3)]
    put(engine, a_document("b", "Plein"))
    with pytest.raises(KeyboardInterrupt):
        write_segments_of(1, engine, documents, interrupted=True)
    assert len(arrays_of(tmp_path)) > 1

    put(engine, a_document("c", "Plein"))

    assert len(arrays_of(tmp_path)) == 2
    assert search_ids(engine) == ["b", "c"]


def write_segments_of(
    size: int, engine: WhooshEngine, documents: list[SearchDocument], *, interrupted: bool = False
) -> None:
    """Add documents in one commit of segments that are no larger."""
    index = open_storage(engine.folder).open_index()
    writer = IndexWriter(index, engine.analyzer, lock_timeout=1, segment_documents=size)
    try:
        for document in map(to_stored, documents):
            writer.add(document, to_json(document))
        if interrupted:
            raise KeyboardInterrupt
        writer.delete_documents(engine._snapshots.current().state_documents())
        writer.add_state(IndexState(9, engine.analyzer.fingerprint(), "n"))
        writer.commit(merge=False)
    finally:
        writer.release()


def test_harm_to_a_file_is_seen_by_who_has_it_open(engine: WhooshEngine, tmp_path: Path) -> None:
    put(engine, a_document("a", "Tuin"), change=7)
    for path in (tmp_path / "index").glob("*.arrays"):
        path.write_bytes(b"noise")

    assert search_ids(engine, "tuin") == ["a"]
    assert (engine.change(), engine.fingerprint()) == (7, DUTCH.fingerprint())
    until(lambda: arrays_are_whole(tmp_path))


def arrays_are_whole(folder: Path) -> bool:
    """Whether a new engine finds all segment files as they were written."""
    engine = WhooshEngine(folder / "index")
    try:
        return not engine.is_degraded()
    finally:
        engine.close()


@pytest.mark.parametrize("is_missing", [True, False])
def test_damaged_arrays_are_made_again_while_whoosh_answers(
    engine: WhooshEngine, tmp_path: Path, is_missing: bool
) -> None:
    put(engine, *(a_document(f"a{n:02}", "Tuin") for n in range(90)))
    put(engine, a_document("a00", "Plein"), change=7)
    engine.close()
    before = {path.name: path.read_bytes() for path in (tmp_path / "index").glob("*.arrays")}
    for name in before:
        (tmp_path / "index" / name).unlink()
        if not is_missing:
            (tmp_path / "index" / name).write_bytes(b"noise")

    result = search(engine, "tuin", limit=1)
    assert (result.degraded, result.total, result.state.change) == (True, 89, 7)
    until(lambda: not engine.is_degraded())

    assert search(engine, "tuin", limit=1).total == 89
    assert arrays_of(tmp_path) == before.keys()
    assert not (tmp_path / "index-damaged").exists()


def test_a_writer_makes_damaged_arrays_again_before_it_writes(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    put(engine, *(a_document(f"a{n:02}", "Tuin") for n in range(90)))
    engine.close()
    for path in (tmp_path / "index").glob("*.arrays"):
        path.unlink()

    put(engine, a_document("a00", "Plein"), change=7)

    assert not engine.is_degraded()
    assert search(engine, "tuin").total == 89
    assert engine.counts() == {"case": 90}
    assert not (tmp_path / "index-damaged").exists()


def test_arrays_and_whoosh_s_segment_damaged_together_are_no_index(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    put(engine, a_document("a", "Tuin"), change=7)
    engine.close()
    for path in (tmp_path / "index").glob("MAIN_*.*"):
        path.write_bytes(b"noise".ljust(path.stat().st_size))

    with pytest.raises(SearchUnavailable):
        search(engine, "tuin")
    assert (engine.change(), engine.fingerprint()) == (0, "")


def test_whoosh_s_own_files_are_checked_before_they_are_added_to(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    put(engine, a_document("a", "Tuin"), change=7)
    engine.close()
    for path in (tmp_path / "index").glob("*.seg"):
        path.write_bytes(b"noise".ljust(path.stat().st_size))

    with engine.writing() as batch:
        assert batch.change == 0  # everything is to be taken over again
    assert (tmp_path / "index-damaged").is_dir()


def test_a_word_that_only_deleted_documents_have_is_not_meant(engine: WhooshEngine) -> None:
    put(engine, a_document("a", "Gemengd"), *(a_document(f"b{n}") for n in range(9)))
    put(engine, a_document("a", "Anders"))

    assert engine.spelling_suggestion("gemengt") is None
    assert engine.search(SearchRequest(("case",), parse("gemengd"))).total == 0
