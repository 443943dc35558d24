"""The snapshot before answers while the next is opened, and a damaged one is not searched."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from kb.search.engine import SearchUnavailable
from kb.search.whoosh_engine import WhooshEngine
from tests.conftest import until
from tests.search.engines import a_document, put, search, search_ids
from tests.search.segments import arrays_of


def test_the_snapshot_before_answers_while_the_next_is_opened(tmp_path: Path) -> None:
    writer, reader = (WhooshEngine(tmp_path / "index") for _ in range(2))
    put(writer, a_document("a", "Tuin"))
    assert search_ids(reader, "tuin") == ["a"]
    put(writer, a_document("b", "Tuin"))

    with reader._snapshots._opening:  # another thread is opening it, and takes long
        assert search_ids(reader, "tuin") == ["a"]

    until(lambda: search_ids(reader, "tuin") == ["a", "b"])
    reader.close()
    writer.close()


def test_a_newer_snapshot_that_is_damaged_is_not_searched(tmp_path: Path) -> None:
    writer, reader = (WhooshEngine(tmp_path / "index") for _ in range(2))
    put(writer, a_document("a", "Tuin"))
    assert search_ids(reader, "tuin") == ["a"]
    before = arrays_of(tmp_path)
    put(writer, a_document("b", "Tuin"))
    for name in arrays_of(tmp_path) - before:
        (tmp_path / "index" / name).write_bytes(b"noise")

    for _ in range(3):
        assert search_ids(reader, "tuin") == ["a"]
    assert not reader.is_degraded()
    reader.close()
    writer.close()


def test_an_index_that_is_written_to_is_not_taken_for_damaged(tmp_path: Path) -> None:
    writer = WhooshEngine(tmp_path / "index")
    put(writer, a_document("a", "Tuin"), change=1)
    numbers: list[int] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            reader = WhooshEngine(tmp_path / "index")
            numbers.append(reader.change())
            reader.close()

    readers = [threading.Thread(target=look) for _ in range(2)]
    for each in readers:
        each.start()
    for number in range(2, 40):
        put(writer, a_document("a", f"Tuin {number}"), change=number)
    ended.set()
    for each in readers:
        each.join()
    writer.close()

    assert min(numbers) > 0


def test_an_id_that_lives_twice_is_damage(tmp_path: Path) -> None:
    """Two indexes in one table of contents, as a lost deletion would leave them."""
    for name in ("one", "two"):
        engine = WhooshEngine(tmp_path / name)
        put(engine, *(a_document(f"a{n}", f"Tuin {name}") for n in range(70)))
        engine.close()
    whole = WhooshEngine(tmp_path / "one")
    one, two = (next((tmp_path / name).glob("*.arrays")).with_suffix("") for name in ("one", "two"))
    put(whole, a_document("b"))
    others = [path for path in (tmp_path / "one").glob("*.arrays") if path.stem != one.name]
    for ending in (".seg", ".arrays"):
        shutil.copy(two.with_suffix(ending), others[0].with_suffix(ending))
    whole.close()

    with pytest.raises(SearchUnavailable):
        search(whole)
