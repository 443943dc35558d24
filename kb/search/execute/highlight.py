"""The highlighter: why a document meets a query, by which words of which of its passages.

Of a passage it shows whole sentences where they fit; else it begins and ends at a clause, or at
least at a word, with an ellipsis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from markupsafe import escape

from kb.search.analysis.analyzer import TOKEN, Analyzer
from kb.search.engine import Match, SearchDocument, Snippet
from kb.search.query.expand import Expansion, TermPositions, term_positions
from kb.search.query.parse import Clause, ParsedQuery

MAX_SNIPPETS = 3  # of one document
UNSEEN = frozenset({"searchTerms"})  # fields that nobody reads: they explain what nothing else does
NOT_IN_SNIPPETS = {"title", "id", *UNSEEN}  # what an item shows anyway, and what none shows
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
SENTENCE_END = re.compile(  # and the white space after it; quicker with all first signs together
    r"""[.!?…\n](?:(?<=\n)\s*|(?<!\n)[.!?…]*["'”’)\]]*[^\S\n]+(?=["'“”‘’(\[]*[A-Z\u00c0-\u00de0-9]))"""
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
    """Which words of a document meet which clause, and the passages that show it best.

    Passages that nobody reads are looked at for clauses that nothing else meets.
    """
    words: list[dict[str, None]] = [{} for _ in query.clauses]  # each once, in order
    spans: dict[int, set[Span]] = {}  # by passage
    texts: dict[int, str] = {}  # of passages that meet anything
    fields: dict[str, None] = {}
    unseen: list[int] = []
    for passage in sorted(document.positions):
        if document.fields[passage] in UNSEEN:
            unseen.append(passage)
        elif marked := _spans_by_clause(document, passage, query):
            text = texts[passage] = document.text(passage)
            fields[document.fields[passage]] = None
            spans[passage] = {span for _, span in marked}
            for number, (start, end) in marked:
                words[number][text[start:end].lower()] = None
    for number, clause in enumerate(query.clauses):
        if not clause.excluded:
            for field, label in _tags(clause, document):
                fields[field] = None
                words[number][label] = None
    unmet = {number for number, met in enumerate(words) if not met}
    for passage in unseen if unmet else ():
        for number, (start, end) in _spans_by_clause(document, passage, query):
            if number in unmet:
                fields[document.fields[passage]] = None
                words[number][document.text(passage)[start:end].lower()] = None
    met_words: dict[str, dict[str, None]] = {}  # by what was typed
    for clause, met in zip(query.clauses, words, strict=True):
        met_words.setdefault(clause.input, {}).update(met)
    in_order = dict.fromkeys((*document.fields, *fields)) if len(fields) > 1 else fields
    return {
        "fields": [field for field in in_order if field in fields],
        "words": [{"input": typed, "met": list(met)} for typed, met in met_words.items() if met],
        "snippets": _snippets(document, texts, spans),
    }


def _spans_by_clause(
    document: DocumentText, passage: int, query: ParsedQuery
) -> Iterable[tuple[int, Span]]:
    """The characters of a passage that meet clauses, after the number of the clause; each once."""
    positions = document.positions[passage]
    marked: dict[tuple[int, Span], None] = {}
    for number, term, expansion in query.marks_of(tuple(positions)):
        if term:
            for word in positions[term]:
                marked[number, document.span(passage, word, word)] = None
        elif _is_met(document, expansion):
            for words in expansion.spans(positions):
                for span in _marked(document, passage, expansion, words):
                    marked[number, span] = None
    return marked


def _is_met(document: DocumentText, expansion: Expansion) -> bool:
    """Whether a document meets an expansion that some of its passages may not meet by themselves.

    Any other one is met where it stands.
    """
    is_whole = expansion.kind != "near" or len(expansion.terms) < 3
    return is_whole or expansion.is_met(document.positions.values())


def _marked(
    document: DocumentText, passage: int, expansion: Expansion, words: tuple[int, int]
) -> list[Span]:
    """The characters from one word to another; of words in several sentences each by itself."""
    first, last = words
    start, end = document.span(passage, first, last)
    if first == last:
        return [(start, end)]
    text = document.text(passage)
    if is_one_sentence(text[start:end]):
        is_open = text.count("(", start, end) > text.count(")", start, end)
        return [(start, end + (is_open and text[end : end + 1] == ")"))]
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
    document: DocumentText, texts: Mapping[int, str], spans: Mapping[int, set[Span]]
) -> list[Snippet]:
    """The passages with most marked words, as short texts, in the order of the document."""
    candidates = [
        (len(marked), -passage, passage)
        for passage, marked in spans.items()
        if document.fields[passage] not in NOT_IN_SNIPPETS
    ]
    chosen = sorted(passage for *_, passage in sorted(candidates, reverse=True)[:MAX_SNIPPETS])
    return [
        _snippet(document.fields[passage], texts[passage], _merged(spans[passage]))
        for passage in chosen
    ]


def _merged(spans: Iterable[Span]) -> list[Span]:
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


def _sentence_starts(text: str) -> Iterator[int]:
    """Where a sentence begins after another."""
    return (match.end() for match in SENTENCE_END.finditer(text) if _ends_sentence(text, match))


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    """Whether a sentence ends where `SENTENCE_END` says; an abbreviation or initial ends none."""
    end = match.start()
    return text[end] != "." or not _is_abbreviation(text[max(0, end - LONGEST_ABBREVIATION) : end])


def _is_abbreviation(before: str) -> bool:
    """Whether a full stop after this text is that of an abbreviation or initial."""
    word = before[before.rfind(" ") + 1 :]
    if not word.isalnum():
        words = LAST_WORD.search(word)
        word = words[0] if words else ""
    return word.lower() in ABBREVIATIONS or (len(word) == 1 and word.isalpha())


def _best(text: str, spans: Sequence[Span]) -> Span:
    """The marked span after which most other words are marked as well, near enough to be shown."""
    best, most = spans[0], 0
    words = [text[start:end].lower() for start, end in spans] if len(spans) > 1 else []
    for place in range(len(words)):
        limit = spans[place][0] + EXCERPT_LENGTH - LEAD_LENGTH
        count = len({words[i] for i in range(place, len(spans)) if spans[i][1] <= limit})
        if count > most:
            best, most = spans[place], count
    return best


def _start(text: str, first: Span) -> tuple[int, bool]:
    """Where to begin, and whether that is where a sentence does."""
    earliest = max(0, first[0] - LEAD_LENGTH)
    for match in _from_last(SENTENCE_END, text, max(0, earliest - LEAD_LENGTH), first[0]):
        if match.end() < earliest:
            break
        if _ends_sentence(text, match):
            return match.end(), True
    if not earliest:
        return 0, True
    for boundary in (CLAUSE_START, WORD_START):
        if boundary_match := boundary.search(text, earliest, first[0]):
            return boundary_match.end(), False
    return first[0], False


def _end(text: str, start: int, first: Span) -> tuple[int, bool]:
    """Where to end, and whether that is where a sentence does."""
    limit = max(start + EXCERPT_LENGTH, first[1])
    if limit >= len(text):
        return len(text), True
    least = max(first[1], start + MIN_LENGTH)
    for match in _from_last(SENTENCE_END, text, first[0], limit + MARGIN):
        place = len(text[: match.end()].rstrip())
        if place < least:
            break
        if place <= limit and _ends_sentence(text, match):
            return place, True
    for boundary, lowest in ((CLAUSE_START, least), (WORD_START, first[1])):
        for match in _from_last(boundary, text, first[1], limit + 1):
            if lowest <= match.start() <= limit:
                return len(text[: match.start()].rstrip(TRAILING)), False
    return first[1], False


def _from_last(
    pattern: re.Pattern[str], text: str, start: int, end: int
) -> Iterator[re.Match[str]]:
    """The matches of a pattern between two characters, the last one first."""
    return reversed(list(pattern.finditer(text, start, end)))


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
