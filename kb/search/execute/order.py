"""The order of hits: the best candidates by meaning and shared tags too, then what a list wants.

Words alone do not know that a landlord lets houses. Of the candidates that BM25F puts first

    score = lexical / (6 · clauses) + s · (0.12 · z + 0.2 · tags)

where z is how near the vector of a document is to that of the query, in standard deviations over
the candidates, and `tags` is what a document shares with the best five: the sum over its tags of
the scores of those of them that have the tag, times ln(1 + N / n), as a share of the greatest sum.
Where words say little, the others may not decide: s is 1, or twice the best lexical term when that
is below 0.5. The figures come from judged queries (docs/relevance.md). What is no candidate stays
below.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.kinds import CASE
from kb.search.analysis.analyzer import Analyzer
from kb.search.index.arrays import FloatArray, IntArray, Mask, ranges
from kb.search.index.index_reader import IndexReader
from kb.search.index.segment_reader import LeafReader
from kb.search.query.parse import ParsedQuery

CANDIDATES = 200
LEXICAL_UNIT = 6.0  # of a clause: about what a good match scores
CERTAIN_SHARE = 0.5  # of a lexical score: with less, the rest counts for less
VECTOR_WEIGHT = 0.12
TAG_WEIGHT = 0.2
FEEDBACK_DOCUMENTS = 5
MIN_DOCUMENTS = 3  # of which a deviation says something
OWN_TAGS = ("pitfallCategory", "effectDomain")  # what else a pitfall has, is of its case
CASE_TAGS = (*OWN_TAGS, "strategy", "ingredient", "targetGroup")
LAST = np.uint64(2**32 - 1)  # the sort key of a document without the value


def rerank(
    index: IndexReader,
    query: ParsedQuery,
    analyzer: Analyzer,
    doc_ids: IntArray,
    scores: FloatArray,
) -> FloatArray:
    """Scores of the same documents, the candidates of which are ordered anew."""
    if len(doc_ids) < 2 or not query.required:
        return scores
    unit = np.float32(1 / (LEXICAL_UNIT * len(query.required)))
    chosen = np.arange(len(doc_ids))
    if len(doc_ids) > CANDIDATES:
        chosen = np.argpartition(-scores, CANDIDATES)[:CANDIDATES]
        chosen.sort()
    candidates = doc_ids[chosen]
    combined = scores[chosen] * unit
    certainty = min(np.float32(1), combined.max() / np.float32(CERTAIN_SHARE))
    if "vectors" not in analyzer.without and len(candidates) >= MIN_DOCUMENTS:
        nearness = _deviations(index, query, analyzer, candidates)
        combined += certainty * np.float32(VECTOR_WEIGHT) * nearness
    if "tag feedback" not in analyzer.without:
        shared = _shared_tags(index, candidates, combined)
        combined += certainty * np.float32(TAG_WEIGHT) * shared
    others = scores * unit
    others[chosen] = 0
    others[chosen] = combined + max(0.0, float(others.max() - combined.min())) + unit
    return others


def _deviations(
    index: IndexReader, query: ParsedQuery, analyzer: Analyzer, doc_ids: IntArray
) -> FloatArray:
    """How near each document is to the query, in standard deviations."""
    typed = (each.input for each in query.clauses if not each.excluded)
    vector = analyzer.vector(typed).astype(np.float32)
    nearness = index.vectors_of(doc_ids).astype(np.float32) @ vector
    deviation = nearness.std()
    deviations: FloatArray = (nearness - nearness.mean()) / (deviation or np.float32(1))
    return deviations


class _Tags(NamedTuple):
    """The tags of some documents."""

    rows: IntArray  # the place of a document among them, ascending
    tags: IntArray  # of a document in that place
    weights: FloatArray  # by tag: more for what fewer documents have


def _shared_tags(index: IndexReader, doc_ids: IntArray, scores: FloatArray) -> FloatArray:
    """What each document shares with the best ones, 1 for what shares most."""
    tags = _tags_of(index, doc_ids)
    best = np.argsort(-scores, kind="stable")[:FEEDBACK_DOCUMENTS]
    share = np.zeros(len(doc_ids))
    share[best] = np.maximum(scores[best], 0)
    of_tags = np.bincount(tags.tags, share[tags.rows], len(tags.weights)) * tags.weights
    shared = np.bincount(tags.rows, of_tags[tags.tags], len(doc_ids))
    greatest = shared.max(initial=0)
    return (shared / greatest if greatest else shared).astype(np.float32)


def _tags_of(index: IndexReader, doc_ids: IntArray) -> _Tags:
    """The tags of these documents, which ascend."""
    numbers = index.cached("tag numbers", lambda: _TagNumbers(index))
    rows, tags = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    bounds = np.searchsorted(doc_ids, [leaf.doc_base for leaf in index.leaves]).tolist()
    for leaf, of_ordinals, low, high in zip(
        index.leaves, numbers.by_leaf, bounds, [*bounds[1:], len(doc_ids)], strict=True
    ):
        doc_values = leaf.reader.doc_values
        own = doc_ids[low:high] - leaf.doc_base
        starts = doc_values.starts[own]
        counts = doc_values.starts[own + 1] - starts
        of_values = of_ordinals[doc_values.global_ordinals[ranges(starts, counts)]]
        is_tag = of_values >= 0
        rows.append(np.arange(low, high).repeat(counts)[is_tag])
        tags.append(of_values[is_tag])
    return _Tags(np.concatenate(rows), np.concatenate(tags), numbers.weights)


class _TagNumbers:
    """The tags of an index, numbered over its segments."""

    def __init__(self, index: IndexReader) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._doc_freqs: list[int] = []
        self.by_leaf = [self._number(leaf) for leaf in index.leaves]  # by global ordinal; or -1
        doc_freqs = np.maximum(np.array(self._doc_freqs), 1)
        self.weights: FloatArray = np.log1p(index.num_docs / doc_freqs).astype(np.float32)

    def _number(self, leaf: LeafReader) -> IntArray:
        doc_values = leaf.reader.doc_values
        of_ordinals = np.full(doc_values.bounds[-1, -1], -1)
        for field in CASE_TAGS if leaf.reader.type == CASE.name else OWN_TAGS:
            if field not in doc_values.postings:
                continue
            postings = doc_values.postings[field]
            first = int(doc_values.bounds[doc_values.field_rows[field], 0])
            for value, doc_freq in zip(postings.ordinals, postings.doc_freqs.tolist(), strict=True):
                number = self._numbers.setdefault((field, value), len(self._numbers))
                self._doc_freqs += [0] * (number == len(self._doc_freqs))
                self._doc_freqs[number] += doc_freq
                of_ordinals[first + postings.ordinals[value]] = number
        return of_ordinals

    @property
    def nbytes(self) -> int:
        """The size of the arrays in bytes."""
        return self.weights.nbytes + sum(each.nbytes for each in self.by_leaf)


def sort_hits(
    index: IndexReader,
    doc_ids: IntArray,
    scores: FloatArray,
    is_full: Mask,
    sort: Sequence[str],
    limit: int,
) -> IntArray:
    """The first `limit` of these documents; equals by type and id, what has no value last.

    `sort` names keys as a `SearchRequest` does, the first one first; but those that meet the whole
    query (`is_full`) come before the others, unless relevance is to say so.
    """
    if not limit:
        return doc_ids[:0]
    keys = [_sort_key(index, doc_ids, scores, name) for name in sort]
    if sort[0] != "relevance" and not is_full.all():
        keys.insert(0, (~is_full).astype(np.uint64))
    ids = index.id_ordinals[doc_ids].astype(np.uint64)
    if len(keys) > 1:
        return doc_ids[np.lexsort([ids, *reversed(keys)])[:limit]]
    key = keys[0] << np.uint64(32) | ids
    if limit < len(doc_ids):
        best = np.argpartition(key, limit)[:limit]
        return doc_ids[best[np.argsort(key[best])]]
    return doc_ids[np.argsort(key)]


def _sort_key(
    index: IndexReader, doc_ids: IntArray, scores: FloatArray, name: str
) -> NDArray[np.uint64]:
    """Numbers below 2³², of which the least comes first."""
    if name == "relevance":  # the bits of a positive float ascend with it
        return LAST - scores.view(np.uint32).astype(np.uint64)
    ordinals, has_value = index.ordinals(name.lstrip("-"))
    key = ordinals[doc_ids].astype(np.uint64)
    if name.startswith("-"):
        key = LAST - np.uint64(1) - key
    key[~has_value[doc_ids]] = LAST
    return key
