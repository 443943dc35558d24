"""The highlighter: why a document meets a query, by which words of which of its passages.

Of a passage it shows whole sentences where they fit; else it begins and ends at a clause, or at
least at a word, with an ellipsis.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from markupsafe import escape

from kb.search.analysis.analyzer import TOKEN, Analyzer
from kb.search.engine import Match, SearchDocument, Snippet
from kb.search.query.expand import Expansion, TermPositions, term_positions
from kb.search.query.parse import Clause, ParsedQuery

MAX_SNIPPETS = 3  # of one document
NOT_IN_SNIPPETS = {"title", "id", "searchTerms"}  # what an item shows anyway, and what none shows
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
EXCERPT_LENGTH = 220  # characters
LEAD_LENGTH = 110  # before the first marked word, at most
MIN_LENGTH = 80  # of whole sentences; shorter ones are followed by a part of the next
ABBREVIATIONS = frozenset(
    "bijv bv ca resp nl incl excl max min nr nrs blz p pp art afb fig tab vgl vs jl mln mld "
    "dr drs mr ir ing prof st mevr dhr dir red e.d i.e e.g d.w.z dwz m.b.t o.a m.n t.a.v t.o.v "
    "i.v.m i.p.v n.a.v o.b.v t.b.v m.u.v evt zgn zg aug sept okt nov dec jan feb febr".split()
)
SENTENCE_END = re.compile(  # and the white space after it
    r"""[.!?…]+["'”’)\]]*[^\S\n]+(?=["'“”‘’(\[]*[A-Z\u00c0-\u00de0-9])|\n\s*"""
)
LAST_WORD = re.compile(r"[^\s\"“”‘(]*$")
LONGEST_ABBREVIATION = 10  # letters and dots, and what stands before them
CLAUSE_START = re.compile(r"(?:[,;:]|\s[-–—])\s+")
WORD_START = re.compile(r"\s+")
MARGIN = 8  # characters after a sentence that show that it ended
TRAILING = " \t\n,;:-–—"  # what an ellipsis takes the place of
Span = tuple[int, int]  # characters of a text, end excluded


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


class Excerpt(NamedTuple):
    """Characters of a text, end excluded, and what stands for those that are left out."""

    start: int
    end: int
    before: str
    after: str


def excerpt(text: str, spans: Sequence[Span]) -> Excerpt:
    """The part of a text with most of these marked spans: ordered, apart, at least one."""
    if len(text) <= EXCERPT_LENGTH:
        return Excerpt(0, len(text), "", "")
    first = _best(text, spans)
    start, is_begun = _start(text, first)
    end, is_ended = _end(text, start, first)
    return Excerpt(start, end, "" if is_begun else "… ", "" if is_ended else " …")


def is_one_sentence(text: str) -> bool:
    """Whether no sentence ends within a text."""
    return next(_sentence_starts(text), None) is None


def first_sentences(text: str) -> str:
    """The first sentence of a text, and those after it while that says little."""
    for place in _sentence_starts(text):
        if place >= MIN_LENGTH:
            return text[:place].rstrip()
    return text


def _sentence_starts(text: str, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Where a sentence begins after another; an abbreviation or initial ends none."""
    for match in SENTENCE_END.finditer(text, start, len(text) if end is None else end):
        before = text[max(0, match.start() - LONGEST_ABBREVIATION) : match.start()]
        if match[0][0] != "." or not _is_abbreviation(before):
            yield match.end()


def _is_abbreviation(before: str) -> bool:
    """Whether a full stop after this text is that of an abbreviation or initial."""
    words = LAST_WORD.search(before)
    word = words[0] if words else ""
    return word.lower() in ABBREVIATIONS or (len(word) == 1 and word.isalpha())


def _best(text: str, spans: Sequence[Span]) -> Span:
    """The marked span after which most other words are marked as well, near enough to be shown."""

    def count(place: int) -> int:
        limit = spans[place][0] + EXCERPT_LENGTH - LEAD_LENGTH
        return len({text[a:b].lower() for a, b in spans[place:] if b <= limit})

    return spans[max(range(len(spans)), key=lambda place: (count(place), -place))]


def _start(text: str, first: Span) -> tuple[int, bool]:
    """Where to begin, and whether that is where a sentence does."""
    earliest = max(0, first[0] - LEAD_LENGTH)
    sentences = list(_sentence_starts(text, max(0, earliest - LEAD_LENGTH), first[0]))
    within = [place for place in sentences if earliest <= place <= first[0]]
    if within or not earliest:
        return (within[-1] if within else 0), True
    for boundary in (CLAUSE_START, WORD_START):
        places = [match.end() for match in boundary.finditer(text, earliest, first[0])]
        if places:
            return places[0], False
    return first[0], False


def _end(text: str, start: int, first: Span) -> tuple[int, bool]:
    """Where to end, and whether that is where a sentence does."""
    limit = max(start + EXCERPT_LENGTH, first[1])
    if limit >= len(text):
        return len(text), True
    least = max(first[1], start + MIN_LENGTH)
    sentences = [
        len(text[:place].rstrip()) for place in _sentence_starts(text, first[0], limit + MARGIN)
    ]
    if within := [place for place in sentences if least <= place <= limit]:
        return within[-1], True
    for boundary, lowest in ((CLAUSE_START, least), (WORD_START, first[1])):
        places = [match.start() for match in boundary.finditer(text, first[1], limit + 1)]
        if within := [place for place in places if lowest <= place <= limit]:
            return len(text[: within[-1]].rstrip(TRAILING)), False
    return first[1], False


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
