"""Words → which documents meet them, and how well: BM25F over postings held in arrays.

A clause of the query is met in one of its wordings. A wording w that stands in document d, in
fields f of weight v_f, counts there

    tf(w, d) = Σ_f v_f · occurrences(w, d, f) / (1 − b_f + b_f · length(d, f) / mean length(f))

and is worth

    weight(w) · idf(w) · tf(w, d) · (k + 1) / (tf(w, d) + k),   idf = ln(1 + (N − n + ½) / (n + ½))

with n of the N documents in the list having w (BM25F: Robertson, Zaragoza & Taylor, "Simple BM25
extension to multiple weighted fields", CIKM 2004; mean lengths are per type, since a pitfall is
shorter than a case). Another name of a concept is never rarer than the word that was typed. A
clause is worth its best wording, plus a little of the others; a document the sum of its clauses,
times the share of the required ones that it meets, and a little more where neighbours of the
query stand together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.query import WINDOW, Clause, Query, Wording

FIELDS = ("title", "labels", "details", "body")
FIELD_WEIGHT = np.array([5.0, 3.5, 2.0, 1.0])
LENGTH_SHARE = np.array([0.3, 0.4, 0.6, 0.75])  # b: how much a long field counts against a word
SATURATION = 2.0  # k: how soon more of the same adds nothing
OTHERS = 0.3  # of the wordings of a clause that are not its best one
GAP = 100  # positions between two passages, so that nothing runs from one into the next
SPAN = 1 << 20  # positions in a field of a document, at most
CONCEPT_FIELD = 1  # a tag counts as a word among the labels

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]
NONE = np.zeros(0, dtype=np.int64)


class Worth(NamedTuple):
    """Documents, ascending, and what something is worth in each."""

    documents: Numbers
    scores: Reals


class Ranked(NamedTuple):
    """The documents that meet a query, ascending, with their scores; and what was left out."""

    documents: Numbers
    scores: Reals
    dropped: tuple[Clause, ...]  # clauses that were left out, as too few documents met all
    unmet: tuple[Clause, ...]  # required clauses that nothing in the list meets


class Ranking:
    """The words of all documents of an index."""

    def __init__(
        self,
        lengths: NDArray[np.int64],
        types: NDArray[np.str_],
        occurrences: Callable[[str], Numbers],
        tagged: Callable[[str], Numbers],
    ) -> None:
        """`lengths` has a row per document and a column per field.

        `occurrences` gives, for a term, `(document · 4 + field) · SPAN + position`, ascending;
        `tagged` the documents with a concept, ascending.
        """
        self._occurrences = occurrences
        self._tagged = tagged
        share = np.ones(lengths.shape)
        for name in np.unique(types):
            of_type = types == name
            mean = np.maximum(lengths[of_type].mean(axis=0), 1.0)
            share[of_type] = lengths[of_type] / mean
        self._norms = FIELD_WEIGHT / (1 - LENGTH_SHARE + LENGTH_SHARE * share)

    def rank(self, query: Query, listed: NDArray[np.bool_]) -> Ranked:
        """The documents of a list that meet the query.

        When too few documents meet all required clauses (`Query.enough`), fewer are asked of
        each; those that the fewest documents then meet are told as dropped.
        """
        total = max(int(listed.sum()), 1)
        worth = {clause: self._clause(clause, listed, total) for clause in query.clauses}
        required = query.required
        met = [worth[clause].documents for clause in required]
        unmet = tuple(c for c, documents in zip(required, met, strict=True) if not len(documents))
        dropped: tuple[Clause, ...] = ()
        if required:
            documents, counts = np.unique(np.concatenate(met), return_counts=True)
            enough = query.enough(counts.tolist())
            found = documents[counts >= enough]
            shares = [int(np.isin(found, each, assume_unique=True).sum()) for each in met]
            dropped = query.missing(shares, len(required) - enough)
        else:
            found = np.flatnonzero(listed)
        for clause in query.clauses:
            if clause.excluded:
                found = np.setdiff1d(found, worth[clause].documents)
        scores = np.zeros(len(found))
        for clause in query.clauses:
            if not clause.excluded:
                scores += _looked_up(worth[clause], found)
        if required:
            scores *= _share_met(met, found, len(required))
        for pair in query.pairs:
            scores += _looked_up(self._wording(pair, listed, total), found)
        return Ranked(found, scores, dropped, unmet)

    def _clause(self, clause: Clause, listed: NDArray[np.bool_], total: int) -> Worth:
        """What a clause is worth in each document of the list that meets it."""
        best: list[Worth] = []
        ceiling = np.inf
        for wording in clause.wordings:
            worth = self._wording(wording, listed, total, ceiling)
            if wording is clause.wordings[0] and len(worth.documents):
                ceiling = _rarity(len(worth.documents), total)
            best.append(worth)
        return _best_of(best)

    def _wording(
        self, wording: Wording, listed: NDArray[np.bool_], total: int, ceiling: float = np.inf
    ) -> Worth:
        """What a wording is worth in each document of the list that it stands in."""
        documents, counts = self._counts(wording)
        inside = listed[documents]
        documents, counts = documents[inside], counts[inside]
        rarity = min(_rarity(len(documents), total), ceiling)
        saturated = counts * (SATURATION + 1) / (counts + SATURATION)
        return Worth(documents, wording.weight * rarity * saturated)

    def _counts(self, wording: Wording) -> tuple[Numbers, Reals]:
        """The documents in which a wording stands, and tf(w, d) in each."""
        if wording.kind == "concept":
            documents = self._tagged(wording.concept)
            return documents, self._norms[documents, CONCEPT_FIELD]
        groups = [self._any_of(terms) for terms in wording.terms]
        first = groups[0]
        for step, other in enumerate(groups[1:], start=1):
            low, high = (step, step) if wording.kind == "phrase" else (-WINDOW, WINDOW)
            reach = np.searchsorted(other, first + high, "right")
            first = first[reach > np.searchsorted(other, first + low, "left")]
        slots = first // SPAN
        weights = self._norms[slots // 4, slots % 4]
        documents, start = np.unique(slots // 4, return_index=True)
        if not len(documents):
            return NONE, np.zeros(0)
        return documents, np.add.reduceat(weights, start)

    def _any_of(self, terms: Sequence[str]) -> Numbers:
        """Where any of these terms stands."""
        if len(terms) == 1:
            return self._occurrences(terms[0])
        return np.unique(np.concatenate([self._occurrences(term) for term in terms]))


def _rarity(documents: int, total: int) -> float:
    """idf: more for what fewer documents have."""
    return float(np.log1p((total - documents + 0.5) / (documents + 0.5)))


def _best_of(several: Sequence[Worth]) -> Worth:
    """For each document its best worth, plus a little of the others."""
    if not several:
        return Worth(NONE, np.zeros(0))
    documents = np.concatenate([worth.documents for worth in several])
    scores = np.concatenate([worth.scores for worth in several])
    order = np.argsort(documents, kind="stable")
    documents, start = np.unique(documents[order], return_index=True)
    best = np.maximum.reduceat(scores[order], start)
    return Worth(documents, best + OTHERS * (np.add.reduceat(scores[order], start) - best))


def _share_met(met: Sequence[Numbers], documents: Numbers, required: int) -> Reals:
    """The share of the required clauses that each of these documents meets."""
    counts = np.zeros(len(documents))
    for each in met:
        counts += np.isin(documents, each, assume_unique=True)
    return counts / required


def _looked_up(worth: Worth, documents: Numbers) -> Reals:
    """What something is worth in these documents; 0 where it is not met."""
    if not len(worth.documents):
        return np.zeros(len(documents))
    places = np.minimum(np.searchsorted(worth.documents, documents), len(worth.documents) - 1)
    return np.where(worth.documents[places] == documents, worth.scores[places], 0.0)
