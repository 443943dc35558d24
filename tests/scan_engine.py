"""The promise of `engine.py` kept by reading everything: slow and obviously right (for tests)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rapidfuzz.distance import OSA

from kb.kinds import KIND_NAMES, KindName
from kb.search.analysis.analyzer import DUTCH, fold, tokenize
from kb.search.document_table import TableOfDocuments
from kb.search.engine import (
    Hit,
    HitStream,
    IndexState,
    MoreLikeThis,
    SearchDocument,
    SearchRequest,
    SearchResult,
    SharedValues,
    SimilarHit,
    Suggestion,
)
from kb.search.execute.highlight import AnalyzedText, highlight
from kb.search.query.expand import term_positions
from kb.search.query.parse import Clause, ParsedQuery
from kb.vocabulary.terms import Language
from tests.scan_filters import facet, passes


class ScanBatch:
    """Changes to a copy, which takes the place of the original at the end."""

    def __init__(
        self, documents: dict[str, SearchDocument], before: IndexState, *, afresh: bool
    ) -> None:
        self.documents = documents
        self.before = before
        start = IndexState() if afresh else before
        self.change, self.nonce = start.change, start.nonce

    def put(self, document: SearchDocument) -> None:
        """Add a document, or take the place of the one with its key."""
        self.documents[document.key] = document

    def remove(self, key: str) -> None:
        """Take a document out."""
        self.documents.pop(key, None)

    def remove_owned(self, owner: str) -> None:
        """Take out the pitfalls and findings of a case or study."""
        for document in list(self.documents.values()):
            if document.type in {"pitfall", "finding"} and document.id.startswith(f"{owner}--"):
                del self.documents[document.key]


class ScanEngine:
    """All documents in a dictionary."""

    analyzer = DUTCH
    changes_per_batch = 100

    def __init__(self) -> None:
        self._documents: dict[str, SearchDocument] = {}
        self._state = IndexState()
        self._commits = 0

    def search(self, request: SearchRequest) -> SearchResult:
        """Read every document; match, filter, count, sort."""
        documents = [each for each in self._documents.values() if each.type in request.types]
        query = request.query or ParsedQuery()
        met = {document.key: _met_clauses(query, document) for document in documents}
        chosen, dropped = _matching(query, documents, met)
        matches = [each for each in chosen if not any(c.excluded for c in met[each.key])]
        scored = [(each, float(len(met[each.key]))) for each in matches if passes(each, request)]
        full = [each for each, _ in scored if met[each.key].issuperset(query.required)]
        ordered = _sorted(scored, request.sort or ("relevance",))
        if request.sort and request.sort[0] != "relevance":
            ordered.sort(key=lambda pair: pair[0] not in full)
        page = ordered[request.offset : request.offset + request.limit]
        return SearchResult(
            tuple(_hit(document, score, request) for document, score in page),
            len(scored),
            {key: facet(key, matches, request) for key in request.facets},
            total_full=len(full),
            matched_before_filters=len(matches),
            dropped=dropped,
            unmet=tuple(
                clause
                for clause in query.required
                if not any(clause in clauses for clauses in met.values())
            ),
            state=self._state,
        )

    def search_all(self, request: SearchRequest) -> HitStream:
        """The same, of one page with everything on it."""
        result = self.search(replace(request, offset=0, limit=len(self._documents), facets=()))
        return HitStream(result.total, iter(result.hits), result.state)

    def items(self, keys: Iterable[str], language: Language) -> dict[str, str]:
        """The items of these documents."""
        return {key: self._documents[key].items[language] for key in keys if key in self._documents}

    def table(self, kind: KindName) -> TableOfDocuments:
        """The documents of a type."""
        documents = [each for each in self._documents.values() if each.type == kind]
        return TableOfDocuments(documents, self.search_all)

    def more_like_this(self, request: MoreLikeThis) -> tuple[SimilarHit, ...]:
        """Compare with every case."""
        cases = {each.id: each for each in self._documents.values() if each.type == "case"}
        if request.id not in cases:
            return ()
        own = cases.pop(request.id)
        scored = []
        for other in cases.values():
            shared: dict[str, dict[str, int]] = {}  # by field: the weight of each value
            for field, importance in request.fields.items():
                for value in _compared(own, field) & _compared(other, field):
                    having = [
                        each for each in (own, *cases.values()) if value in _compared(each, field)
                    ]
                    number = 1 if field == "archetype" else len(having)
                    weight = round(1000 * importance * math.log(1 + (len(cases) + 1) / number))
                    shared.setdefault(field, {})[value] = max(1, weight)
            if shared.keys() - set(request.not_alone):
                scored.append((sum(map(_total, shared.values())), other.id, shared))
        return tuple(
            SimilarHit(
                id_,
                tuple(
                    SharedValues(
                        field, tuple(sorted(weights, key=lambda value: (-weights[value], value)))
                    )
                    for field, weights in sorted(shared.items(), key=lambda pair: -_total(pair[1]))
                ),
            )
            for _, id_, shared in sorted(scored, key=lambda each: (-each[0], each[1]))
        )[: request.limit]

    def spelling_suggestion(self, word: str) -> str | None:
        """Compare with every word of every document."""
        doc_freqs: Counter[str] = Counter()
        for document in self._documents.values():
            text = " ".join(passage.text for passage in document.passages)
            doc_freqs.update({token.form for token in DUTCH.tokens(text)})
        max_edits = 2 if len(word) >= 8 else 1
        near = [
            (edits, form[:1] != word[:1], -doc_freq, form)
            for form, doc_freq in doc_freqs.items()
            if len(form) > 3 and (edits := OSA.distance(word, form)) <= max_edits
        ]
        return min(near)[-1] if near else None

    def suggest(
        self, words: str, types: tuple[str, ...], limit: int, *, slips: bool = False
    ) -> list[Suggestion]:
        """Read every title, municipality and province."""
        typed = _folded_words(words)
        if sum(map(len, typed)) < 2:
            return []
        suggestions = {
            Suggestion(document.type, document.id, document.title)
            for document in self._documents.values()
            if document.type != "finding"
        } | {
            Suggestion(type_, place, place)
            for document in self._documents.values()
            if document.type == "case"
            for type_, field in {"place": "municipality", "province": "province"}.items()
            for place in document.values.get(field, ())
        }
        ranked = []
        for each in suggestions:
            own = _folded_words(each.text)
            has_all = all(any(_begins(word, prefix, slips) for word in own) for prefix in typed)
            if each.type in types and has_all:
                is_whole = " ".join(own).startswith(" ".join(typed))
                ranked.append((not is_whole, len(each.text), each))
        return [suggestion for _, _, suggestion in sorted(ranked)[:limit]]

    @contextmanager
    def writing(self, *, afresh: bool = False) -> Iterator[ScanBatch]:
        """Change a copy."""
        batch = ScanBatch({} if afresh else dict(self._documents), self._state, afresh=afresh)
        yield batch
        self._documents = batch.documents
        fingerprint = "" if afresh else self._state.fingerprint
        fingerprint = fingerprint or DUTCH.fingerprint()
        self._state = IndexState(batch.change, fingerprint, batch.nonce)
        self._commits += 1

    def claim(self) -> None:
        """Nobody else can see it."""

    def state(self) -> IndexState:
        """What it holds."""
        return self._state

    def snapshot_state(self) -> IndexState:
        """What it answers with: all that it holds."""
        return self._state

    def change(self) -> int:
        """The number of the last change."""
        return self._state.change

    def fingerprint(self) -> str:
        """Of the terms and the analysis."""
        return self._state.fingerprint

    def start_merging(self) -> None:
        """It leaves nothing to tidy."""

    def is_degraded(self, since: float = math.inf) -> bool:
        """It is always slow."""
        return False

    def snapshot_id(self) -> int:
        """How often it was written to."""
        return self._commits

    def counts(self) -> dict[str, int]:
        """How many documents of each type there are."""
        types = [document.type for document in self._documents.values()]
        return {name: types.count(name) for name in set(types)}

    def keys(self) -> Iterator[str]:
        """The keys of all documents."""
        return iter(list(self._documents))

    def close(self) -> None:
        """Nothing is held open."""


def _hit(document: SearchDocument, score: float, request: SearchRequest) -> Hit:
    """A document that matches, its texts analysed once more to show where."""
    match = None
    if request.query and request.highlight:
        match = highlight(AnalyzedText(document, request.query, DUTCH), request.query)
    item = document.items.get(request.language, "{}")
    return Hit(document.type, document.id, score, item, document.updated_at, match)


def _total(weights: Mapping[str, int]) -> int:
    return sum(weights.values())


def _compared(document: SearchDocument, field: str) -> set[str]:
    """The values by which a case is compared with others."""
    if field == "pitfallCategory":
        return {each.pitfallCategory for each in document.pitfalls}
    values = set(document.values.get(field, ()))
    return values or ({document.id} if field == "archetype" else set())


def _begins(word: str, prefix: str, slips: bool) -> bool:
    """Whether a word begins so; with slips, whether any beginning of a long one is near."""
    if slips and len(prefix) >= 5:
        return any(OSA.distance(prefix, word[:end]) <= 1 for end in range(len(word) + 1))
    return word.startswith(prefix)


def _folded_words(text: str) -> list[str]:
    return [fold(word) for word in tokenize(text)]


def _met_clauses(query: ParsedQuery, document: SearchDocument) -> set[Clause]:
    """The clauses that a document meets."""
    passages = [
        term_positions(map(DUTCH.index_terms, tokenize(passage.text)), query.terms)
        for passage in document.passages
    ]
    return {
        clause
        for clause in query.clauses
        if any(
            expansion.concept in document.concepts
            if expansion.kind == "concept"
            else expansion.is_met(passages)
            for expansion in clause.expansions
        )
    }


def _matching(
    query: ParsedQuery, documents: list[SearchDocument], met: Mapping[str, set[Clause]]
) -> tuple[list[SearchDocument], tuple[Clause, ...]]:
    """What meets all required clauses, or a part of them; and the clauses that the best do not."""
    required = query.required
    full = [each for each in documents if met[each.key].issuperset(required)]
    if not query.allows_partial(len(full)):
        return full, ()
    doc_freqs = [sum(clause in clauses for clauses in met.values()) for clause in required]
    weights = dict(zip(required, query.clause_weights(doc_freqs, len(documents)), strict=True))
    phrases = {clause for clause in required if clause.is_phrase}
    matches = [
        each
        for each in documents
        if met[each.key].intersection(required) and met[each.key].issuperset(phrases)
    ]

    def coverage(document: SearchDocument) -> int:
        return sum(weights.get(clause, 0) for clause in met[document.key])

    most = max(map(coverage, matches), default=0)
    best = [met[each.key] for each in matches if coverage(each) == most]
    clauses_met = max((len(clauses.intersection(required)) for clauses in best), default=0)
    return matches, query.dropped(
        [sum(clause in clauses for clauses in best) for clause in required], clauses_met
    )


def _sorted(
    scored: list[tuple[SearchDocument, float]], sort: tuple[str, ...]
) -> list[tuple[SearchDocument, float]]:
    """Sort by each key in turn, the least important first; what has no value comes last."""
    value: dict[str, Callable[[SearchDocument], Any]] = {
        "title": lambda document: " ".join(_folded_words(document.title)),
        "updatedAt": lambda document: document.updated_at,
        "startYear": lambda document: document.start_year,
        "population": lambda document: document.population,
        "socialRent": lambda document: document.social_rent,
        "year": lambda document: document.year,
        "lane": lambda document: document.lane_rank,
        "position": lambda document: document.position,
    }
    ordered = sorted(scored, key=lambda pair: (KIND_NAMES.index(pair[0].type), pair[0].id))
    for name in reversed(sort):
        if name == "relevance":
            ordered.sort(key=lambda pair: -pair[1])
            continue
        of = value[name.lstrip("-")]
        having = [pair for pair in ordered if of(pair[0]) is not None]
        having.sort(key=lambda pair: of(pair[0]), reverse=name.startswith("-"))
        ordered = having + [pair for pair in ordered if of(pair[0]) is None]
    return ordered
