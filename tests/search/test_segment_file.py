"""A file of arrays gives back what was written, or says that it is damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.search.index import segment_file
from kb.search.index.arrays import StringTable, string_arrays, string_ordinals
from kb.search.index.segment_file import CorruptIndex

STATUS = Path("/proc/self/status")
ARRAYS: dict[str, NDArray[Any]] = {
    "numbers": np.arange(5, dtype=np.int32),
    "pairs": np.ones((3, 2), np.float64),
    "none": np.empty((0, 4), np.uint16),
}


@pytest.mark.parametrize("mmap_bytes", [0, 2**25])
def test_arrays_come_back_as_they_were(mmap_bytes: int, tmp_path: Path) -> None:
    segment_file.write(tmp_path / "a", ARRAYS, {"what": "numbers"})

    arrays, notes = segment_file.read(tmp_path / "a", mmap_bytes=mmap_bytes)

    assert notes == {"what": "numbers"}
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert np.array_equal(arrays[name], array)
        assert not array.size or not arrays[name].flags.writeable


@given(st.integers(min_value=0), st.integers(1, 255), st.sampled_from([0, 2**25]))
def test_a_file_with_one_other_byte_is_damaged(
    tmp_path_factory: pytest.TempPathFactory, at: int, other: int, mmap_bytes: int
) -> None:
    path = tmp_path_factory.mktemp("arrays") / "a"
    segment_file.write(path, ARRAYS, {})
    written = bytearray(path.read_bytes())
    written[at % len(written)] ^= other
    path.write_bytes(written)

    with pytest.raises(CorruptIndex):
        segment_file.read(path, mmap_bytes=mmap_bytes)


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux tells which pages are in memory")
def test_a_large_file_takes_memory_only_where_it_is_looked_at(tmp_path: Path) -> None:
    segment_file.write(tmp_path / "a", {"numbers": np.zeros(2**23)}, {})
    before = _bytes_of_files()

    arrays, _ = segment_file.read(tmp_path / "a")

    assert _bytes_of_files() - before < arrays["numbers"].nbytes / 4


def _bytes_of_files() -> int:
    """How much of mapped files is in the memory of this process."""
    [line] = (line for line in STATUS.read_text().splitlines() if line.startswith("RssFile:"))
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("left", [0, 3, 100])
def test_a_file_that_was_cut_off_is_damaged(left: int, tmp_path: Path) -> None:
    segment_file.write(tmp_path / "a", ARRAYS, {})
    (tmp_path / "a").write_bytes((tmp_path / "a").read_bytes()[:left])

    with pytest.raises(CorruptIndex):
        segment_file.read(tmp_path / "a")


def test_a_file_that_is_not_there_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(CorruptIndex):
        segment_file.read(tmp_path / "a")


@given(st.lists(st.text(max_size=5)), st.text(max_size=3))
def test_texts_come_in_the_order_of_the_alphabet(texts: list[str], text: str) -> None:
    table = StringTable(string_arrays("texts", texts), "texts")
    in_order = [table[place] for place in table.order.tolist()]

    low, high = table.prefix_range(text)

    assert [table[place] for place in range(len(table))] == texts
    assert in_order == sorted(texts, key=str.encode)
    assert in_order[low:high] == [each for each in in_order if each.startswith(text)]
    index = table.find(text)
    assert (index is not None) == (text in texts)
    assert index is None or table[index] == text


@given(st.lists(st.text(max_size=3)))
def test_a_rank_tells_the_place_in_the_alphabet(texts: list[str]) -> None:
    table = StringTable(string_arrays("texts", texts), "texts")
    alphabet = sorted(set(texts), key=str.encode)

    assert [alphabet[rank] for rank in string_ordinals(table)] == texts
