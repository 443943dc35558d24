"""Words → which documents meet them, and how well: BM25F over postings held in arrays.

A clause of the query is met in one of its expansions. An expansion w that stands in document d, in
fields f of weight v_f, counts there

    tf(w, d) = Σ_f v_f · occurrences(w, d, f) / (1 − b_f + b_f · length(d, f) / mean length(f))

and is worth

    weight(w) · idf(w) · tf(w, d) · (k + 1) / (tf(w, d) + k),   idf = ln(1 + (N − n + ½) / (n + ½))

with n of the N documents in the list having w (BM25F: Robertson, Zaragoza & Taylor, "Simple BM25
extension to multiple weighted fields", CIKM 2004; mean lengths are per type, since a pitfall is
shorter than a case). Another name of a concept is never rarer than the word that was typed. A
clause is worth its best expansion, plus a little of the others; a document the sum of its clauses,
times the share of the required ones that it meets, and a little more where neighbours of the
query stand together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.index.index_reader import POSITION_BITS, IndexReader, field_of
from kb.search.index.segment_file import FloatArray, IntArray
from kb.search.index.segment_reader import Mask
from kb.search.query.expand import PROXIMITY_WINDOW, Expansion
from kb.search.query.parse import MIN_FULL_MATCHES, Clause, ParsedQuery

SATURATION = 2.0  # k: how soon more of the same adds nothing
OTHERS = 0.3  # of the expansions of a clause that are not its best one
CONCEPT_FIELD = 1  # a tag counts as a word among the labels
PAIRED = 250_000  # places that are compared for the neighbours of a query, at most
MANY = 4  # more than one in so many documents: then a value for each of them is quicker


class Worth:
    """What something is worth in each document that meets it, always more than 0."""

    def __init__(self, documents: IntArray, scores: FloatArray, size: int) -> None:
        """Documents ascend; `size` is how many there are in all."""
        self.count = len(documents)
        self._everywhere = self.count * MANY > size
        self._documents, self._scores = documents.astype(np.int32), scores
        if self._everywhere:
            self._documents, self._scores = np.empty(0, np.int32), np.zeros(size, np.float32)
            self._scores[documents] = scores

    @classmethod
    def of_all(cls, scores: FloatArray) -> Worth:
        """Given for every document; 0 where it is not met."""
        having = scores > 0
        worth = cls(np.empty(0, np.int64), scores[:0], len(scores))
        worth.count = int(np.count_nonzero(having))
        worth._everywhere = worth.count * MANY > len(scores)
        worth._scores = scores
        if not worth._everywhere:
            documents = having.nonzero()[0]
            worth._documents, worth._scores = documents.astype(np.int32), scores[documents]
        return worth

    @property
    def nbytes(self) -> int:
        """Of the arrays."""
        return self._documents.nbytes + self._scores.nbytes

    @property
    def documents(self) -> IntArray:
        """The documents that meet it, ascending."""
        if self._everywhere:
            return (self._scores > 0).nonzero()[0]
        return self._documents.astype(np.int64)

    def of(self, documents: IntArray) -> FloatArray:
        """What it is worth in these documents; 0 where it is not met."""
        if self._everywhere:
            return self._scores[documents]
        if not self.count:
            return np.zeros(len(documents), np.float32)
        places = self._documents.searchsorted(documents.astype(np.int32))
        np.minimum(places, self.count - 1, out=places)
        return np.where(self._documents[places] == documents, self._scores[places], np.float32(0))

    def count_in(self, having: NDArray[np.uint8]) -> None:
        """Count one more for each document that meets it."""
        if self._everywhere:
            having += self._scores > 0
        else:
            having[self._documents] += 1

    def times(self, factor: np.float32) -> Worth:
        """So many times this."""
        scaled = copy(self)
        scaled._scores = self._scores * factor
        return scaled

    def add_to(self, best: FloatArray, together: FloatArray, factor: np.float32) -> None:
        """Raise the best worth of each document, and the sum of all."""
        scores = self._scores * factor
        if self._everywhere:
            np.maximum(best, scores, out=best)
            together += scores
        else:
            documents = self._documents.astype(np.int64)
            best[documents] = np.maximum(best[documents], scores)
            together[documents] += scores


class Ranked(NamedTuple):
    """The documents that meet a query, ascending, with their scores; and what was left out."""

    documents: NDArray[np.int32]
    scores: FloatArray
    dropped: tuple[Clause, ...]  # clauses that were left out, as too few documents met all
    unmet: tuple[Clause, ...]  # required clauses that nothing in the list meets

    @property
    def nbytes(self) -> int:
        """Of the arrays."""
        return self.documents.nbytes + self.scores.nbytes


def rank(index: IndexReader, query: ParsedQuery) -> Ranked:
    """The documents that meet the query; kept, since who filters or turns a page asks it again."""
    return index.cached(query, lambda: _rank(index, query))


def _rank(index: IndexReader, query: ParsedQuery) -> Ranked:
    """Score what meets the query.

    When too few documents meet all required clauses, fewer are required
    (`ParsedQuery.minimum_should_match`), and those that the fewest documents then meet are dropped.
    """
    worth = [(clause, _clause(index, clause)) for clause in query.clauses]
    required = [(c, found) for c, found in worth if not c.excluded and not c.optional]
    met = [found for _, found in required]
    unmet = tuple(clause for clause, found in required if not found.count)
    dropped: tuple[Clause, ...] = ()
    share: FloatArray | float = 1.0
    found = _meeting_all(met) if met else np.flatnonzero(index.live_docs)
    if met and not (len(found) and (len(met) < 3 or len(found) >= MIN_FULL_MATCHES)):
        having = np.zeros(index.max_doc, np.uint8)
        for each in met:
            each.count_in(having)
        several = np.bincount(having).tolist()
        enough = query.minimum_should_match(
            {n: count for n, count in enumerate(several) if n and count}
        )
        found = np.flatnonzero(having >= enough)
        shares = [int(np.count_nonzero(each.of(found))) for each in met]
        dropped = query.least_met(shares, len(met) - enough)
        share = (having[found] / len(met)).astype(np.float32)
    for clause, each in worth:
        if clause.excluded:
            left = each.of(found) == 0
            found, share = found[left], share[left] if isinstance(share, np.ndarray) else share
    scores = np.zeros(len(found), np.float32)
    for clause, each in worth:
        if not clause.excluded:
            scores += each.of(found)
    scores *= share
    for pair in _pairs(index, query):
        scores += pair.of(found)
    return Ranked(found.astype(np.int32), scores, dropped, unmet)


def _meeting_all(met: Sequence[Worth]) -> IntArray:
    """The documents that meet each of these, ascending; the rarest are looked at first."""
    first, *others = sorted(met, key=lambda worth: worth.count)
    found = first.documents
    for other in others:
        found = found[other.of(found) > 0]
    return found


def _clause(index: IndexReader, clause: Clause) -> Worth:
    """What a clause is worth in each document that meets it."""
    return _best_of(index, list(_expansions(index, clause)))


def _expansions(index: IndexReader, clause: Clause) -> Iterator[tuple[Worth, np.float32]]:
    """What each expansion of a clause is worth, and how many times."""
    ceiling = np.inf
    for expansion in clause.expansions:
        worth, factor = _expansion(index, expansion, ceiling)
        if expansion is clause.expansions[0] and worth.count:
            ceiling = _rarity(worth.count, index.num_docs)
        if worth.count:
            yield worth, factor


def _expansion(
    index: IndexReader, expansion: Expansion, ceiling: float = np.inf
) -> tuple[Worth, np.float32]:
    worth = _saturated(index, expansion)
    rarity = min(_rarity(worth.count, index.num_docs), ceiling)
    return worth, np.float32(expansion.weight * rarity)


def _rarity(documents: int, total: int) -> float:
    """idf: more for what fewer documents have."""
    return float(np.log1p((total - documents + 0.5) / (documents + 0.5)))


def _best_of(index: IndexReader, several: Sequence[tuple[Worth, np.float32]]) -> Worth:
    """For each document its best worth, plus a little of the others."""
    if len(several) == 1:
        worth, factor = several[0]
        return worth.times(factor)
    best, together = np.zeros((2, index.max_doc), np.float32)
    for worth, factor in several:
        worth.add_to(best, together, factor)
    together -= best
    together *= OTHERS
    best += together
    return Worth.of_all(best)


def _saturated(index: IndexReader, expansion: Expansion) -> Worth:
    """What is in the living documents of an expansion: tf · (k + 1) / (tf + k).

    That of a single word or tag is kept: many queries have it.
    """
    is_one = len(expansion.terms) == 1 and len(expansion.terms[0]) == 1
    if is_one or expansion.kind == "concept":
        name = expansion.concept or expansion.terms[0][0]
        return index.cached(
            (expansion.kind, name), lambda: _worth_of(index, *_frequencies(index, expansion))
        )
    return _worth_of(index, *_frequencies(index, expansion))


def _worth_of(index: IndexReader, documents: IntArray, counts: FloatArray) -> Worth:
    if index.num_docs < index.max_doc:
        living = index.live_docs[documents]
        documents, counts = documents[living], counts[living]
    scores = counts * np.float32(SATURATION + 1) / (counts + np.float32(SATURATION))
    return Worth(documents, scores, index.max_doc)


def _frequencies(index: IndexReader, expansion: Expansion) -> tuple[IntArray, FloatArray]:
    """The documents in which an expansion stands, and tf(w, d) in each."""
    if expansion.kind == "concept":
        documents = index.concept_postings(expansion.concept)
        return documents, index.norms[documents, CONCEPT_FIELD]
    if len(expansion.terms) == 1 and len(expansion.terms[0]) == 1:
        documents, counts = index.postings(expansion.terms[0][0])
        norms = index.norms.take(documents, axis=0)
        return documents, np.einsum("ij,ij->i", counts, norms, dtype=np.float32)
    together = _together(index, expansion)
    weights = index.norms[together >> POSITION_BITS, field_of(together)]
    documents = together >> POSITION_BITS
    start = np.flatnonzero(np.diff(documents, prepend=-1))
    return documents[start], np.add.reduceat(weights, start) if len(start) else weights


def _together(index: IndexReader, expansion: Expansion) -> IntArray:
    """Where the first word of an expansion stands with all its others."""
    inside = index.live_docs.copy()
    for terms in expansion.terms:
        having = np.zeros(index.max_doc, bool)
        for term in terms:
            having[index.postings(term)[0]] = True
        inside &= having
    groups = [_any_of(index, terms, inside) for terms in expansion.terms]
    if expansion.kind == "near":
        first = groups[0]
        for other in groups[1:]:
            if not len(other):
                return other
            next_one = np.searchsorted(other, first - PROXIMITY_WINDOW)
            np.minimum(next_one, len(other) - 1, out=next_one)
            first = first[np.abs(other[next_one] - first) <= PROXIMITY_WINDOW]
        return first
    first, *others = sorted((keys - step for step, keys in enumerate(groups)), key=len)
    for other in others:
        if not len(other):
            return other
        places = np.minimum(np.searchsorted(other, first), len(other) - 1)
        first = first[other[places] == first]
    return first


def _any_of(index: IndexReader, terms: Sequence[str], inside: Mask) -> IntArray:
    """Where any of these terms stands."""
    if len(terms) == 1:
        return index.positions(terms[0], inside)
    found = [keys for term in terms if len(keys := index.positions(term, inside))]
    if len(found) < 2:
        return found[0] if found else np.empty(0, np.int64)
    keys = np.sort(np.concatenate(found), kind="stable")  # quick for runs that are sorted
    return keys[np.flatnonzero(np.diff(keys, prepend=-1))]


def _pairs(index: IndexReader, query: ParsedQuery) -> Iterator[Worth]:
    """What neighbours are worth that stand together; of words that stand everywhere, none."""
    left = PAIRED
    for pair in query.word_pairs:
        left -= sum(index.total_term_freq(term) for terms in pair.terms for term in terms)
        if left < 0:
            return
        yield _best_of(index, [_expansion(index, pair)])
