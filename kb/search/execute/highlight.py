"""The highlighter: why a document meets a query, by which words of which of its passages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from markupsafe import escape

from kb.search.analysis.analyzer import TOKEN, Analyzer
from kb.search.engine import Match, SearchDocument, Snippet
from kb.search.execute.excerpt import Span, excerpt, is_one_sentence
from kb.search.query.expand import Expansion, TermPositions, term_positions
from kb.search.query.parse import Clause, ParsedQuery

MAX_SNIPPETS = 3  # of one document
NOT_IN_SNIPPETS = {"title", "id"}  # fields that an item shows anyway
FIELD_OF_SCHEME = {  # the key of a document under which the terms of a scheme stand
    "strategies": "strategies",
    "target-groups": "targetGroups",
    "ingredients": "ingredients",
    "pitfall-categories": "pitfalls",
    "effect-domains": "findings",
    "id": "id",
}
OWN_FIELD_OF_SCHEME = {  # of other types than cases and studies, where it is another
    ("pitfall", "pitfall-categories"): "category",
    ("finding", "effect-domains"): "domain",
    ("question", "pitfall-categories"): "pitfallCategories",
    ("question", "effect-domains"): "effectDomains",
    ("ingredient", "ingredients"): "title",
}


class DocumentText(Protocol):
    """The passages of a document, numbered from 0, and where the terms of a query stand in them."""

    @property
    def type(self) -> str:
        """The type of the document."""

    @property
    def fields(self) -> Sequence[str]:
        """The key of the document that each passage stands under."""

    @property
    def positions(self) -> Mapping[int, TermPositions]:
        """By passage; those without any term are left out."""

    def text(self, passage: int) -> str:
        """A passage."""

    def span(self, passage: int, first: int, last: int) -> Span:
        """The characters of a passage from one of its words to another, both from 0."""

    def has_concept(self, concept: str) -> bool:
        """Whether the document is tagged with a term (scheme/id)."""


class AnalyzedText:
    """A document whose passages are analysed now, where no index has their words."""

    def __init__(self, document: SearchDocument, query: ParsedQuery, analyzer: Analyzer) -> None:
        self._document = document
        self.type = document.type
        self.fields = [passage.field for passage in document.passages]
        self.positions: dict[int, TermPositions] = {}
        for number, passage in enumerate(document.passages):
            terms = (analyzer.index_terms(word) for word in TOKEN.findall(passage.text))
            if positions := term_positions(terms, query.terms):
                self.positions[number] = positions

    def text(self, passage: int) -> str:
        """A passage."""
        return self._document.passages[passage].text

    def span(self, passage: int, first: int, last: int) -> Span:
        """The characters from one word to another."""
        words = list(TOKEN.finditer(self.text(passage)))
        return words[first].start(), words[last].end()

    def has_concept(self, concept: str) -> bool:
        """Whether it is tagged so."""
        return concept in self._document.concepts


def highlight(document: DocumentText, query: ParsedQuery) -> Match:
    """Which words of a document meet which clause, and the passages that show it best."""
    fields: dict[str, None] = {}
    met_words: dict[str, dict[str, None]] = {}  # by what was typed, each once, in order
    spans: dict[int, list[Span]] = {}  # by passage
    texts: dict[int, str] = {}  # of passages that meet anything
    met = _spans_by_clause(document, query)
    for number, clause in enumerate(query.clauses):
        if clause.excluded:
            continue
        words = met_words.setdefault(clause.input, {})
        for passage, (start, end) in met.get(number, ()):
            if passage not in texts:
                texts[passage] = document.text(passage)
            fields[document.fields[passage]] = None
            words[texts[passage][start:end].lower()] = None
            spans.setdefault(passage, []).append((start, end))
        for field, label in _tags(clause, document):
            fields[field] = None
            words[label] = None
    order = document.fields
    return {
        "fields": sorted(fields, key=lambda key: order.index(key) if key in order else len(order)),
        "words": [{"input": typed, "met": list(met)} for typed, met in met_words.items() if met],
        "snippets": _snippets(document, texts, spans),
    }


def _spans_by_clause(
    document: DocumentText, query: ParsedQuery
) -> dict[int, list[tuple[int, Span]]]:
    """The passages and characters that meet each clause, by its number, in their order."""
    met: dict[int, list[tuple[int, Span]]] = {}
    for passage in sorted(document.positions):
        positions = document.positions[passage]
        for number, expansion in query.expansions_of(tuple(positions)):
            if len(expansion.pairs()) > 1 and not expansion.is_met(document.positions.values()):
                continue
            for words in expansion.spans(positions):
                marked = _marked(document, passage, expansion, words)
                met.setdefault(number, []).extend((passage, span) for span in marked)
    return met


def _marked(
    document: DocumentText, passage: int, expansion: Expansion, words: tuple[int, int]
) -> list[Span]:
    """The characters from one word to another; of words in several sentences each by itself."""
    first, last = words
    start, end = document.span(passage, first, last)
    if first == last or is_one_sentence(document.text(passage)[start:end]):
        return [(start, end)]
    positions = (first, last) if expansion.kind == "near" else range(first, last + 1)
    return [document.span(passage, position, position) for position in positions]


def _tags(clause: Clause, document: DocumentText) -> Iterator[tuple[str, str]]:
    """The tags of the document that meet the clause: the field that has them, and their label."""
    for expansion in clause.expansions:
        if expansion.kind == "concept" and document.has_concept(expansion.concept):
            yield _field_of_tag(expansion, document.type), expansion.text.lower()


def _field_of_tag(expansion: Expansion, kind: str) -> str:
    scheme = expansion.concept.partition("/")[0]
    return OWN_FIELD_OF_SCHEME.get((kind, scheme), FIELD_OF_SCHEME[scheme])


def _snippets(
    document: DocumentText, texts: Mapping[int, str], spans: Mapping[int, list[Span]]
) -> list[Snippet]:
    """The passages with most marked words, as short texts, in the order of the document."""
    candidates = [
        (len(set(marked)), -passage, passage)
        for passage, marked in spans.items()
        if document.fields[passage] not in NOT_IN_SNIPPETS
    ]
    chosen = sorted(passage for *_, passage in sorted(candidates, reverse=True)[:MAX_SNIPPETS])
    return [
        _snippet(document.fields[passage], texts[passage], _merged(spans[passage]))
        for passage in chosen
    ]


def _merged(spans: list[Span]) -> list[Span]:
    """The same characters, in order, each once."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _snippet(field: str, text: str, spans: list[Span]) -> Snippet:
    """The part of a passage that shows most marked words; `ranges` count its characters."""
    start, end, before, after = excerpt(text, spans)
    shift = len(before) - start
    shown = f"{before}{text[start:end]}{after}"
    ranges = [
        [max(first, start) + shift, min(last, end) + shift]
        for first, last in spans
        if first < end and last > start
    ]
    return {
        "field": field,
        "html": marked_html(shown, ranges),
        "text": shown,
        "ranges": ranges,
    }


def marked_html(text: str, ranges: list[list[int]]) -> str:
    """The text, escaped, with `<mark>` around the ranges: ordered, apart, end excluded."""
    is_plain = len(escape(text)) == len(text)  # as most texts are: nothing in it is escaped
    escaped = str if is_plain else escape
    parts: list[str] = []
    at = 0
    for start, end in ranges:
        parts += (escaped(text[at:start]), "<mark>", escaped(text[start:end]), "</mark>")
        at = end
    parts.append(escaped(text[at:]))
    return "".join(parts)
