"""BM25F: which documents meet a query, and how well, over postings in arrays.

A clause of the query is met in one of its expansions. An expansion w that stands in document d, in
fields f of weight v_f, has the frequency

    tf(w, d) = Σ_f v_f · occurrences(w, d, f) / (1 − b_f + b_f · length(d, f) / mean length(f))

and the score

    weight(w) · idf(w) · tf(w, d) · (k + 1) / (tf(w, d) + k),   idf = ln(1 + (N − n + ½) / (n + ½))

with n of the N documents of the index having w (BM25F: Robertson, Zaragoza & Taylor, "Simple BM25
extension to multiple weighted fields", CIKM 2004; mean lengths are per type, since a pitfall is
shorter than a case). Another name of a concept is never rarer than the word that was typed. A
clause scores as its best expansion, plus a share of the others (a disjunction max); a document as
the sum of its clauses, times the square root of the share of the required ones that it meets (by
their weights), plus what word pairs of the query score where they stand together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.index.arrays import FloatArray, IntArray, Mask, run_starts
from kb.search.index.fields import TEXT_FIELDS
from kb.search.index.index_reader import POSITION_BITS, IndexReader, field_of
from kb.search.query.expand import PROXIMITY_WINDOW, Expansion
from kb.search.query.parse import Clause, ParsedQuery, idf

K1 = 3.0  # k: how soon more occurrences add nothing
TIE_BREAKER = 0.5  # share of the scores of a clause's expansions beside the best one
TAG_FIELD = TEXT_FIELDS.index("labels")  # a tag counts as one word of this field
MAX_PAIR_POSITIONS = 250_000  # that are compared for the word pairs of a query
NO_POSITIONS: IntArray = np.empty(0, np.int64)
DENSE_ABOVE = 4  # postings of more than one in so many documents hold a score for every document


class ScoredPostings:
    """The documents that meet something, each with its score, always more than 0.

    Held as sorted ids with their scores, or, of many documents, as a score for every document of
    the index, which is quicker then.
    """

    def __init__(self, doc_ids: IntArray, scores: FloatArray, max_doc: int) -> None:
        """Ids ascend; `max_doc` is the number of all documents of the index."""
        self.doc_freq = len(doc_ids)
        self._is_dense = self.doc_freq * DENSE_ABOVE > max_doc
        self._doc_ids, self._scores = doc_ids.astype(np.int32), scores
        if self._is_dense:
            self._doc_ids, self._scores = np.empty(0, np.int32), np.zeros(max_doc, np.float32)
            self._scores[doc_ids] = scores

    @classmethod
    def from_dense(cls, scores: FloatArray) -> ScoredPostings:
        """Of a score for every document of the index, 0 for those that do not meet it."""
        is_met = scores > 0
        postings = cls(np.empty(0, np.int64), scores[:0], len(scores))
        postings.doc_freq = int(np.count_nonzero(is_met))
        postings._is_dense = postings.doc_freq * DENSE_ABOVE > len(scores)
        postings._scores = scores
        if not postings._is_dense:
            doc_ids = is_met.nonzero()[0]
            postings._doc_ids, postings._scores = doc_ids.astype(np.int32), scores[doc_ids]
        return postings

    @property
    def nbytes(self) -> int:
        """The size of the arrays in bytes."""
        return self._doc_ids.nbytes + self._scores.nbytes

    def mask(self, max_doc: int) -> Mask:
        """Which documents of the index meet it."""
        if self._is_dense:
            return self._scores > 0
        mask = np.zeros(max_doc, bool)
        mask[self._doc_ids] = True
        return mask

    def scores_of(self, doc_ids: IntArray) -> FloatArray:
        """The scores of these documents; 0 for those that do not meet it."""
        if self._is_dense:
            return self._scores[doc_ids]
        if not self.doc_freq:
            return np.zeros(len(doc_ids), np.float32)
        places = self._doc_ids.searchsorted(doc_ids.astype(np.int32))
        np.minimum(places, self.doc_freq - 1, out=places)
        return np.where(self._doc_ids[places] == doc_ids, self._scores[places], np.float32(0))

    def boosted(self, boost: np.float32) -> ScoredPostings:
        """The same documents, their scores times the boost."""
        postings = copy(self)
        postings._scores = self._scores * boost
        return postings

    def accumulate(self, best: FloatArray, total: FloatArray, boost: np.float32) -> None:
        """Raise the best and the total score of each document by its boosted score here."""
        scores = self._scores * boost
        if self._is_dense:
            np.maximum(best, scores, out=best)
            total += scores
        else:
            doc_ids = self._doc_ids.astype(np.int64)
            best[doc_ids] = np.maximum(best[doc_ids], scores)
            total[doc_ids] += scores


NO_POSTINGS = ScoredPostings(NO_POSITIONS, np.empty(0, np.float32), 1)


class Matches(NamedTuple):
    """The documents that meet a query, by ascending id; and what was dropped."""

    doc_ids: NDArray[np.int32]
    is_full: Mask  # which of them meet all required clauses
    coverage: FloatArray  # the share of the required clauses that each meets, by weight
    dropped: tuple[Clause, ...]  # required clauses that even the best do not meet
    unmet: tuple[Clause, ...]  # required clauses that no document of the index meets

    @property
    def nbytes(self) -> int:
        """The size of the arrays in bytes."""
        return self.doc_ids.nbytes + self.is_full.nbytes + self.coverage.nbytes


class Ranking(NamedTuple):
    """The documents that meet a query, with their scores."""

    matches: Matches
    scores: FloatArray

    @property
    def nbytes(self) -> int:
        """The size of the arrays in bytes."""
        return self.matches.nbytes + self.scores.nbytes


def match(index: IndexReader, query: ParsedQuery) -> Matches:
    """Find the documents that meet the query, for who only counts them: they are not scored."""

    def compute() -> Matches:
        return _match(index, query, [_docs_meeting(index, each) for each in query.clauses])

    return index.cached(("matches", query), compute)


def rank(index: IndexReader, query: ParsedQuery) -> Ranking:
    """Score the documents that meet the query; cached, as filters and pages ask it again."""
    return index.cached(query, lambda: _rank(index, query))


def _rank(index: IndexReader, query: ParsedQuery) -> Ranking:
    postings = [_score_clause(index, clause) for clause in query.clauses]
    matches = _match(index, query, [each.mask(index.max_doc) for each in postings])
    doc_ids = matches.doc_ids.astype(np.int64)
    scores = np.zeros(len(doc_ids), np.float32)
    for clause, each in zip(query.clauses, postings, strict=True):
        if not clause.excluded:
            scores += each.scores_of(doc_ids)
    scores *= matches.coverage
    for each in _score_word_pairs(index, query):
        scores += each.scores_of(doc_ids)
    return Ranking(matches, scores)


def _docs_meeting(index: IndexReader, clause: Clause) -> Mask:
    """The live documents that meet a clause, in whichever of its expansions."""
    any_of = [term for each in clause.expansions if len(each.terms) == 1 for term in each.terms[0]]
    mask = index.docs_with_any(any_of)
    for expansion in clause.expansions:
        if len(expansion.terms) != 1:
            mask |= _saturated_postings(index, expansion).mask(index.max_doc)
    mask &= index.live_docs
    return mask


def _match(index: IndexReader, query: ParsedQuery, meeting: Sequence[Mask]) -> Matches:
    """The documents that meet all required clauses; when they are few, also those that meet a part.

    `meeting` are the documents that meet each clause. `ParsedQuery.allows_partial` says when a part
    will do, `clause_weights` what each clause counts.
    """
    clauses = list(zip(query.clauses, meeting, strict=True))
    required = [docs for clause, docs in clauses if not clause.excluded and not clause.optional]
    allowed = index.live_docs.copy()
    for clause, docs in clauses:
        if clause.excluded:
            allowed &= ~docs
    full = np.logical_and.reduce([index.live_docs, *required])
    doc_freqs = [int(np.count_nonzero(docs)) for docs in required]
    unmet = tuple(each for each, n in zip(query.required, doc_freqs, strict=True) if not n)
    if not query.allows_partial(int(np.count_nonzero(full))):
        all_docs = np.flatnonzero(full & allowed).astype(np.int32)
        whole = np.ones(len(all_docs), np.float32)
        return Matches(all_docs, whole > 0, whole, (), unmet)
    weights = query.clause_weights(doc_freqs, index.num_docs)
    sums = _sums(index, query, required, weights)
    best = np.flatnonzero((sums == sums.max(initial=0)) & (sums > 0))
    met_by_best = [docs[best] for docs in required]
    most = int(np.sum(met_by_best, axis=0).max(initial=0))
    documents = [int(np.count_nonzero(each)) for each in met_by_best]
    doc_ids = np.flatnonzero((sums > 0) & allowed)
    coverage = np.sqrt(sums[doc_ids] / sum(weights)).astype(np.float32)
    dropped = query.dropped(documents, most)
    return Matches(doc_ids.astype(np.int32), full[doc_ids], coverage, dropped, unmet)


def _sums(
    index: IndexReader, query: ParsedQuery, required: Sequence[Mask], weights: Sequence[int]
) -> IntArray:
    """What the required clauses that each document meets weigh; 0 where one of them is a phrase.

    That is: where it does not meet the phrase, for which nothing makes up.
    """
    sums = np.zeros(index.max_doc, np.int64)
    for docs, weight in zip(required, weights, strict=True):
        sums += docs * np.int64(weight)
    for clause, docs in zip(query.required, required, strict=True):
        if clause.is_phrase:
            sums *= docs
    return sums


def _score_clause(index: IndexReader, clause: Clause) -> ScoredPostings:
    """What meets a clause in any expansion; none is taken for rarer than what was typed."""
    expansions = []
    max_idf = np.inf
    for expansion in clause.expansions:
        postings, boost = _score_expansion(index, expansion, max_idf)
        if postings.doc_freq:
            expansions.append((postings, boost))
            if expansion is clause.expansions[0]:
                max_idf = idf(postings.doc_freq, index.num_docs)
    return _disjunction_max(index, expansions)


def _score_expansion(
    index: IndexReader, expansion: Expansion, max_idf: float = np.inf
) -> tuple[ScoredPostings, np.float32]:
    """The saturated frequencies of an expansion, and the boost to score them with."""
    postings = _saturated_postings(index, expansion)
    boost = expansion.weight * min(idf(postings.doc_freq, index.num_docs), max_idf)
    return postings, np.float32(boost)


def tf_saturation(frequencies: FloatArray) -> FloatArray:
    """Tf · (k + 1) / (tf + k): 1 for a frequency of 1, and never more than k + 1."""
    return frequencies * np.float32(K1 + 1) / (frequencies + np.float32(K1))


def _disjunction_max(
    index: IndexReader, expansions: Sequence[tuple[ScoredPostings, np.float32]]
) -> ScoredPostings:
    """For each document the best of its scores, plus a share of the others."""
    if len(expansions) == 1:
        postings, boost = expansions[0]
        return postings.boosted(boost)
    best, total = np.zeros((2, index.max_doc), np.float32)
    for postings, boost in expansions:
        postings.accumulate(best, total, boost)
    total -= best
    total *= TIE_BREAKER
    best += total
    return ScoredPostings.from_dense(best)


def _saturated_postings(index: IndexReader, expansion: Expansion) -> ScoredPostings:
    """The live documents of an expansion; cached, as several clauses and queries share some."""
    if not all(index.has_any(terms) for terms in expansion.terms):
        return NO_POSTINGS
    key = expansion.kind, expansion.concept or expansion.terms
    return index.cached(key, lambda: _saturate(index, expansion))


def _saturate(index: IndexReader, expansion: Expansion) -> ScoredPostings:
    doc_ids, frequencies = _frequencies(index, expansion)
    if index.num_docs < index.max_doc:
        is_live = index.live_docs[doc_ids]
        doc_ids, frequencies = doc_ids[is_live], frequencies[is_live]
    return ScoredPostings(doc_ids, tf_saturation(frequencies), index.max_doc)


def _frequencies(index: IndexReader, expansion: Expansion) -> tuple[IntArray, FloatArray]:
    """The documents in which an expansion stands, deleted ones too, and tf(w, d) in each."""
    if expansion.kind == "concept":
        doc_ids = index.concept_postings(expansion.concept)
        return doc_ids, index.norms[doc_ids, TAG_FIELD]
    if term := expansion.only_term:
        doc_ids, counts = index.postings(term)
        norms = index.norms.take(doc_ids, axis=0)
        return doc_ids, np.einsum("ij,ij->i", counts, norms, dtype=np.float32)
    positions = _proximity_positions(index, expansion)
    weights = index.norms[positions >> POSITION_BITS, field_of(positions)]
    doc_ids = positions >> POSITION_BITS
    starts = run_starts(doc_ids)
    return doc_ids[starts], np.add.reduceat(weights, starts) if len(starts) else weights


def _proximity_positions(index: IndexReader, expansion: Expansion) -> IntArray:
    """The positions of the first (or rarest) word of an expansion where the others are with it."""
    has_all = index.live_docs.copy()
    for terms in expansion.terms:
        has_all &= index.docs_with_any(terms)
    if not has_all.any():
        return NO_POSITIONS
    groups = [_positions_of_any(index, terms, has_all) for terms in expansion.terms]
    if expansion.kind == "near":
        return _near_positions(index, groups)
    first, *others = sorted((group - step for step, group in enumerate(groups)), key=len)
    for other in others:
        if not len(other):
            return other
        places = np.minimum(np.searchsorted(other, first), len(other) - 1)
        first = first[other[places] == first]
    return first


def _near_positions(index: IndexReader, groups: Sequence[IntArray]) -> IntArray:
    """The positions of the first word that have the second near, where each word has its next."""
    near_first = groups[0]
    meets_all = np.ones(index.max_doc, bool)
    for number, (first, second) in enumerate(pairwise(groups)):
        if not len(second):
            return second
        nearest = np.searchsorted(second, first - PROXIMITY_WINDOW)
        np.minimum(nearest, len(second) - 1, out=nearest)
        near = first[np.abs(second[nearest] - first) <= PROXIMITY_WINDOW]
        meets_pair = np.zeros(index.max_doc, bool)
        meets_pair[near >> POSITION_BITS] = True
        meets_all &= meets_pair
        near_first = near if number == 0 else near_first
    is_met: Mask = meets_all[near_first >> POSITION_BITS]
    return near_first[is_met]


def _positions_of_any(index: IndexReader, terms: Sequence[str], docs: Mask) -> IntArray:
    """The positions of any of these terms in the documents of a mask, ascending, each once."""
    if len(terms) == 1:
        return index.positions(terms[0], docs)
    several = [positions for term in terms if len(positions := index.positions(term, docs))]
    if len(several) < 2:
        return several[0] if several else NO_POSITIONS
    positions = np.sort(np.concatenate(several), kind="stable")  # quick for runs that are sorted
    return positions[run_starts(positions)]


def _score_word_pairs(index: IndexReader, query: ParsedQuery) -> Iterator[ScoredPostings]:
    """What word pairs score where they stand together; not those of very frequent words."""
    budget = MAX_PAIR_POSITIONS
    for pair in query.word_pairs:
        budget -= sum(index.total_term_freq(term) for terms in pair.terms for term in terms)
        if budget < 0:
            return
        postings, boost = _score_expansion(index, pair)
        yield postings.boosted(boost)
