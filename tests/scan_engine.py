"""The promise of `engine.py` kept by reading everything: slow and obviously right (for tests)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rapidfuzz.distance import OSA

from kb.search.analysis.analyzer import DUTCH, TOKEN, fold, tokenize
from kb.search.engine import (
    TYPES,
    FacetCounts,
    FindingFacts,
    Hit,
    IndexState,
    PitfallFacts,
    SearchDocument,
    SearchRequest,
    SearchResult,
    Suggestion,
)
from kb.search.query.expand import term_positions
from kb.search.query.parse import Clause, ParsedQuery


class ScanBatch:
    """Changes to a copy, which takes the place of the original at the end."""

    def __init__(
        self, documents: dict[str, SearchDocument], before: IndexState, *, afresh: bool
    ) -> None:
        self.documents = documents
        self.before = before
        begun = IndexState() if afresh else before
        self.change, self.mark = begun.change, begun.mark

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

    def __init__(self) -> None:
        self._documents: dict[str, SearchDocument] = {}
        self._state = IndexState()
        self._written = 0

    def search(self, request: SearchRequest) -> SearchResult:
        """Read every document; keep, count, sort."""
        listed = [each for each in self._documents.values() if each.type in request.types]
        query = request.query or ParsedQuery()
        met = {document.key: _met(query, document) for document in listed}
        has = [len(met[each.key].intersection(query.required)) for each in listed]
        needed = query.minimum_should_match(Counter(number for number in has if number))
        enough = [each for each, number in zip(listed, has, strict=True) if number >= needed]
        found = [each for each in enough if not any(clause.excluded for clause in met[each.key])]
        kept = [(each, float(len(met[each.key]))) for each in found if _meets(each, request)]
        ordered = _ordered(kept, request.sort or ("relevance",))
        page = ordered[request.offset : request.offset + request.limit]
        return SearchResult(
            tuple(Hit(document.type, document.id, score) for document, score in page),
            len(kept),
            {key: _facet(key, found, request) for key in request.facets},
            matched_before_filters=len(found),
            dropped=query.least_met(
                [sum(clause in met[each.key] for each in enough) for clause in query.required],
                len(query.required) - needed,
            ),
            unmet=tuple(
                each for each in query.required if not any(each in some for some in met.values())
            ),
            state=self._state,
        )

    def spelling_suggestion(self, word: str) -> str | None:
        """Compare with every word of every document."""
        forms: dict[str, int] = {}
        for document in self._documents.values():
            texts = " ".join(passage.text for passage in document.passages)
            for form in {token.form for token in DUTCH.tokens(texts)}:
                forms[form] = forms.get(form, 0) + 1
        near = [
            (OSA.distance(word, form), form[:1] != word[:1], -count, form)
            for form, count in forms.items()
            if len(form) > 3
        ]
        near = [each for each in near if each[0] <= (2 if len(word) >= 8 else 1)]
        return min(near)[-1] if near else None

    def suggest(self, words: str, types: tuple[str, ...], limit: int) -> list[Suggestion]:
        """Read every title and municipality."""
        typed = _words(words)
        if sum(map(len, typed)) < 2:
            return []
        known = {
            Suggestion(document.type, document.id, document.title)
            for document in self._documents.values()
        } | {
            Suggestion("place", place, place)
            for document in self._documents.values()
            if document.type == "case"
            for place in document.values.get("municipality", ())
        }
        found = [
            (not " ".join(_words(one.text)).startswith(" ".join(typed)), len(one.text), one)
            for one in known
            if one.type in types
            and one.type in {"case", "ingredient", "pitfall", "place"}
            and all(any(have.startswith(word) for have in _words(one.text)) for word in typed)
        ]
        return [one for _, _, one in sorted(found)[:limit]]

    @contextmanager
    def writing(self, *, afresh: bool = False) -> Iterator[ScanBatch]:
        """Change a copy."""
        batch = ScanBatch({} if afresh else dict(self._documents), self._state, afresh=afresh)
        yield batch
        self._documents = batch.documents
        made_with = "" if afresh else self._state.fingerprint
        made_with = made_with or DUTCH.fingerprint()
        self._state = IndexState(batch.change, made_with, batch.mark)
        self._written += 1

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

    def snapshot_id(self) -> int:
        """How often it was written to."""
        return self._written

    def counts(self) -> dict[str, int]:
        """How many documents of each type there are."""
        types = [document.type for document in self._documents.values()]
        return {name: types.count(name) for name in set(types)}

    def keys(self) -> set[str]:
        """The keys of all documents."""
        return set(self._documents)

    def close(self) -> None:
        """Nothing is held open."""


def _words(text: str) -> list[str]:
    return [fold(found.group()) for found in TOKEN.finditer(text)]


def _met(query: ParsedQuery, document: SearchDocument) -> set[Clause]:
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
            else any(any(expansion.spans(passage)) for passage in passages)
            for expansion in clause.expansions
        )
    }


def _meets(document: SearchDocument, request: SearchRequest, skip: str | None = None) -> bool:
    filters = {key: chosen for key, chosen in request.filters.items() if key != skip}
    year = document.year if document.type != "study" else None
    if request.first_year is not None and (year is None or year < request.first_year):
        return False
    if request.last_year is not None and (year is None or year > request.last_year):
        return False
    for key, chosen in filters.items():
        if key in FindingFacts._fields or key in PitfallFacts._fields:
            continue
        needed = all if key == "ingredient" and request.all_ingredients else any
        if not needed(value in _values(document, key) for value in chosen):
            return False
    return _one_meets(document.findings, FindingFacts._fields, filters) and _one_meets(
        document.pitfalls, PitfallFacts._fields, filters
    )


def _one_meets(
    rows: Sequence[Any], keys: tuple[str, ...], filters: Mapping[str, tuple[str, ...]]
) -> bool:
    """Whether one and the same row meets all filters on `keys`; true when there are none."""
    asked = {key: chosen for key, chosen in filters.items() if key in keys}
    return not asked or any(
        all(getattr(row, key) in chosen for key, chosen in asked.items()) for row in rows
    )


def _values(document: SearchDocument, key: str) -> tuple[str, ...]:
    return (document.type,) if key == "type" else document.values.get(key, ())


def _facet(key: str, found: list[SearchDocument], request: SearchRequest) -> FacetCounts:
    own = key == "ingredient" and request.all_ingredients
    base = [each for each in found if _meets(each, request, None if own else key)]
    counts: dict[str, int] = {}
    missing = 0
    for document in base:
        rows: Sequence[Any] = document.pitfalls
        if key in FindingFacts._fields:
            rows = document.findings
        if key in FindingFacts._fields or key in PitfallFacts._fields:
            others = {name: chosen for name, chosen in request.filters.items() if name != key}
            values = {getattr(row, key) for row in rows if _one_meets([row], row._fields, others)}
            missing += not rows
        else:
            values = set(_values(document, key))
            missing += not values
        for value in values:
            counts[value] = counts.get(value, 0) + 1
    return FacetCounts(counts, missing)


def _ordered(
    kept: list[tuple[SearchDocument, float]], sort: tuple[str, ...]
) -> list[tuple[SearchDocument, float]]:
    """Sort by each key in turn, the least important first; what has no value comes last."""
    value: dict[str, Callable[[SearchDocument], Any]] = {
        "title": lambda document: " ".join(_words(document.title)),
        "updatedAt": lambda document: document.updated_at,
        "startYear": lambda document: document.year if document.type != "study" else None,
        "year": lambda document: document.year if document.type == "study" else None,
        "position": lambda document: document.position,
    }
    ordered = sorted(kept, key=lambda pair: (TYPES.index(pair[0].type), pair[0].id))
    for name in reversed(sort):
        if name == "relevance":
            ordered.sort(key=lambda pair: -pair[1])
            continue
        of = value[name.lstrip("-")]
        having = [pair for pair in ordered if of(pair[0]) is not None]
        having.sort(key=lambda pair: of(pair[0]), reverse=name.startswith("-"))
        ordered = having + [pair for pair in ordered if of(pair[0]) is None]
    return ordered
