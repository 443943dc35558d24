"""What arrays hold is the same however they were made, and however it is counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis.analyzer import DUTCH
from kb.search.engine import SearchDocument
from kb.search.execute.filters_and_facets import DocumentFacetCounter, ValueFacetCounter
from kb.search.index.segment_maker import make_segment_file
from kb.search.index.segment_reader import SegmentReader
from kb.search.index.segment_writer import SegmentWriter, to_stored
from kb.search.index.snapshot import open_storage
from kb.search.whoosh_engine import WhooshEngine
from tests.search.engines import a_document, put, search_ids
from tests.search.test_engines_agree import documents
from tests.strategies import examples


@given(documents)
@examples(20)
def test_arrays_that_are_made_again_are_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, these: list[SearchDocument]
) -> None:
    folder = tmp_path_factory.mktemp("again") / "index"
    engine = WhooshEngine(folder)
    put(engine, *these)
    [segment] = engine._snapshots.current().listed
    [path] = folder.glob("*.arrays")
    before = path.read_bytes()
    path.unlink()

    make_segment_file(open_storage(folder), segment, DUTCH)

    assert path.read_bytes() == before
    engine.close()


def arrays_of_cases(these: list[SearchDocument], **options: int) -> dict[str, Any]:
    """What is written of these documents."""
    writer = SegmentWriter(DUTCH, **options)
    for number, document in enumerate(these):
        writer.add(number, to_stored(document))
    return writer.arrays()


@given(documents)
def test_it_is_the_same_however_much_is_sorted_at_a_time(these: list[SearchDocument]) -> None:
    at_once, in_pairs = arrays_of_cases(these), arrays_of_cases(these, run_documents=2)

    assert at_once.keys() == in_pairs.keys()
    for name, array in at_once.items():
        assert array.tobytes() == in_pairs[name].tobytes(), name


@given(documents, st.data())
def test_facets_are_the_same_in_whichever_way_they_are_counted(
    these: list[SearchDocument], data: st.DataObject
) -> None:
    reader = SegmentReader(
        "case", {f"case.{name}": a for name, a in arrays_of_cases(these).items()}
    )
    some = data.draw(st.sets(st.sampled_from(range(len(these)))) if these else st.just(set()))
    chosen = np.array(sorted(some), np.int64)
    mask = np.isin(np.arange(reader.max_doc), chosen)

    few, many = DocumentFacetCounter(reader, chosen), ValueFacetCounter(reader, chosen)

    for key, postings in reader.doc_values.postings.items():
        counts, missing = few.counts(key)
        assert many.counts(key) == (counts, missing)
        assert counts == {
            value: len(some & set(postings.doc_ids_with(value).tolist()))
            for value in postings.ordinals
            if some & set(postings.doc_ids_with(value).tolist())
        }
        by_bits, by_sums = (postings.counts(mask, max_bitset_values=n) for n in (2**20, -1))
        assert (by_bits[0].tolist(), by_bits[1]) == (by_sums[0].tolist(), by_sums[1])


@given(st.lists(st.sampled_from(["Tuin", "Plein", "De tuin aan het plein", "Zee"]), max_size=9))
@examples(20)
def test_titles_of_several_segments_are_sorted_together(
    tmp_path_factory: pytest.TempPathFactory, titles: list[str]
) -> None:
    engine = WhooshEngine(tmp_path_factory.mktemp("index") / "index")
    put(engine, *(a_document(f"x{n}", "Midden") for n in range(70)))
    for number, title in enumerate(titles):
        put(engine, a_document(f"a{number}", title))

    hits = search_ids(engine, sort=("title",), limit=100)

    all_titles = {f"a{n}": title for n, title in enumerate(titles)} | {
        f"x{n}": "Midden" for n in range(70)
    }
    assert hits == sorted(all_titles, key=lambda each: (all_titles[each].lower(), each))
    engine.close()
