"""The best candidates of the cluster in a better order, by what is kept beside each of them.

It is what `execute/order.py` does with the arrays of an index: the same formula over the vectors
and tags that came with the hits.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from math import log1p
from typing import Any, NamedTuple

import numpy as np

from kb.search.analysis.analyzer import Analyzer
from kb.search.execute.order import (
    CERTAIN_SHARE,
    FEEDBACK_DOCUMENTS,
    LEXICAL_UNIT,
    MIN_DOCUMENTS,
    TAG_WEIGHT,
    VECTOR_WEIGHT,
)
from kb.search.index.arrays import FloatArray
from kb.search.query.parse import ParsedQuery

TagCounts = Callable[[], Mapping[str, int]]  # how many documents of the types have each tag


class Candidate(NamedTuple):
    """One of the first documents by its words."""

    score: float
    tags: Sequence[str]
    vector: bytes

    @classmethod
    def of(cls, hit: dict[str, Any], score: float) -> Candidate:
        """What came with a hit."""
        fields = hit.get("fields", {})
        return cls(score, fields.get("tags", ()), b64decode(fields["vector"][0] + "=="))


def rerank(
    candidates: Sequence[Candidate],
    query: ParsedQuery,
    analyzer: Analyzer,
    tag_counts: TagCounts,
    num_docs: int,
) -> list[float]:
    """The scores by which these are to be ordered anew."""
    lexical = np.array([each.score for each in candidates], np.float32)
    if len(candidates) < 2 or not query.required:
        return list(lexical.tolist())
    combined = lexical * np.float32(1 / (LEXICAL_UNIT * len(query.required)))
    certainty = min(np.float32(1), combined.max() / np.float32(CERTAIN_SHARE))
    if "vectors" not in analyzer.without and len(candidates) >= MIN_DOCUMENTS:
        nearness = _deviations(candidates, query, analyzer)
        combined += certainty * np.float32(VECTOR_WEIGHT) * nearness
    if "tag feedback" not in analyzer.without:
        shared = _shared_tags(candidates, combined, tag_counts(), num_docs)
        combined += certainty * np.float32(TAG_WEIGHT) * shared
    above = np.float32(1) - min(np.float32(0), combined.min())  # what is no candidate stays below
    return list((combined + above + lexical.max()).tolist())


def _deviations(
    candidates: Sequence[Candidate], query: ParsedQuery, analyzer: Analyzer
) -> FloatArray:
    """How near each is to the query, in standard deviations."""
    typed = (each.input for each in query.clauses if not each.excluded)
    vector = analyzer.vector(typed).astype(np.float32)
    vectors = np.frombuffer(b"".join(each.vector for each in candidates), np.int8)
    nearness = vectors.reshape(len(candidates), -1).astype(np.float32) @ vector
    deviations: FloatArray = (nearness - nearness.mean()) / (nearness.std() or np.float32(1))
    return deviations


def _shared_tags(
    candidates: Sequence[Candidate], scores: FloatArray, counts: Mapping[str, int], num_docs: int
) -> FloatArray:
    """What each shares with the best ones, 1 for what shares most."""
    of_tags: dict[str, float] = {}
    for place in np.argsort(-scores, kind="stable")[:FEEDBACK_DOCUMENTS].tolist():
        for tag in candidates[place].tags:
            of_tags[tag] = of_tags.get(tag, 0.0) + max(0.0, float(scores[place]))
    weights = {tag: sum_ * log1p(num_docs / counts.get(tag, 1)) for tag, sum_ in of_tags.items()}
    shared = np.array([sum(weights.get(tag, 0.0) for tag in each.tags) for each in candidates])
    greatest = shared.max(initial=0)
    return (shared / greatest if greatest else shared).astype(np.float32)
