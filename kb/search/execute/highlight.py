"""The highlighter: why a document meets a query, by which words of which of its passages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from markupsafe import escape

from kb.search.analysis.analyzer import DUTCH, TOKEN, Analyzer
from kb.search.documents import FIELD_OF_SCHEME
from kb.search.engine import Passage, SearchDocument
from kb.search.query.expand import Expansion, term_positions
from kb.search.query.parse import Clause, ParsedQuery

MAX_SNIPPETS = 3  # of one document
SNIPPET_LENGTH = 220  # characters
NOT_IN_SNIPPETS = {"title", "id"}  # fields that an item shows anyway
Span = tuple[int, int]  # characters of a text, end excluded


class AnalyzedPassage(NamedTuple):
    """A passage, the positions of the query's terms in it, and the characters of its words."""

    passage: Passage
    positions: dict[str, list[int]]  # by term, from 0
    words: list[Span]  # by position; empty when no term of the query stands in it


@dataclass
class Match:
    """How a document meets the query, as `schemas.match.Match` dumps it."""

    fields_: list[str] = field(default_factory=list)
    words: list[dict[str, Any]] = field(default_factory=list)
    snippets: list[dict[str, Any]] = field(default_factory=list)


def highlight(document: SearchDocument, query: ParsedQuery, analyzer: Analyzer = DUTCH) -> Match:
    """Find the words of the query in a document again, to show where they are."""
    passages = [_analyze(passage, query, analyzer) for passage in document.passages]
    matching = [(number, each) for number, each in enumerate(passages) if each.positions]
    fields: dict[str, None] = {}
    met_words: dict[str, dict[str, None]] = {}  # by what was typed, each once, in order
    spans: dict[int, list[Span]] = {}  # by number of the passage
    for clause in query.clauses:
        if clause.excluded:
            continue
        words = met_words.setdefault(clause.input, {})
        for number, each in matching:
            for start, end in _spans(clause, each):
                fields[each.passage.field] = None
                words[each.passage.text[start:end].lower()] = None
                spans.setdefault(number, []).append((start, end))
        for field_name, label in _tags(clause, document):
            fields[field_name] = None
            words[label] = None
    order = list(dict.fromkeys(passage.field for passage in document.passages))
    return Match(
        sorted(fields, key=lambda name: order.index(name) if name in order else len(order)),
        [{"input": typed, "met": list(words)} for typed, words in met_words.items() if words],
        _snippets(document.passages, spans),
    )


def _analyze(passage: Passage, query: ParsedQuery, analyzer: Analyzer) -> AnalyzedPassage:
    """Only of a passage that has a term of the query are the words located."""
    if query.terms.isdisjoint(analyzer.text_index_terms(passage.text)):
        return AnalyzedPassage(passage, {}, [])
    words = list(TOKEN.finditer(passage.text))
    terms = (analyzer.index_terms(word.group()) for word in words)
    return AnalyzedPassage(
        passage, term_positions(terms, query.terms), [word.span() for word in words]
    )


def _spans(clause: Clause, analyzed: AnalyzedPassage) -> Iterator[Span]:
    """The characters of a passage that meet the clause in one of its expansions."""
    for expansion in clause.expansions:
        for first, last in expansion.spans(analyzed.positions):
            yield analyzed.words[first][0], analyzed.words[last][1]


def _tags(clause: Clause, document: SearchDocument) -> Iterator[tuple[str, str]]:
    """The tags of the document that meet the clause: the field that has them, and their label."""
    for expansion in clause.expansions:
        if expansion.kind == "concept" and expansion.concept in document.concepts:
            yield _field_of_tag(expansion, document), expansion.text.lower()


def _field_of_tag(expansion: Expansion, document: SearchDocument) -> str:
    scheme = expansion.concept.partition("/")[0]
    own = {
        ("pitfall", "pitfall-categories"): "category",
        ("finding", "effect-domains"): "domain",
        ("question", "pitfall-categories"): "pitfallCategories",
        ("question", "effect-domains"): "effectDomains",
        ("ingredient", "ingredients"): "title",
    }
    return own.get((document.type, scheme), FIELD_OF_SCHEME[scheme])


def _snippets(passages: Sequence[Passage], spans: Mapping[int, list[Span]]) -> list[dict[str, Any]]:
    """The passages with most marked words, as short texts, in the order of the document."""
    candidates = [
        (len(set(marked)), -number, number)
        for number, marked in spans.items()
        if passages[number].field not in NOT_IN_SNIPPETS
    ]
    chosen = sorted(number for *_, number in sorted(candidates, reverse=True)[:MAX_SNIPPETS])
    return [_snippet(passages[number], _merged(spans[number])) for number in chosen]


def _merged(spans: list[Span]) -> list[Span]:
    """The same characters, in order, each once."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _snippet(passage: Passage, spans: list[Span]) -> dict[str, Any]:
    """A window on the passage around the first marked word; `ranges` count its characters."""
    text, first = passage.text, spans[0]
    start = max(0, first[0] - SNIPPET_LENGTH // 3)
    if start:
        start = text.find(" ", start, first[0]) + 1 or first[0]
    end = min(len(text), max(start + SNIPPET_LENGTH, first[1]))
    if end < len(text):
        end = max(text.rfind(" ", first[1], end), first[1])
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    shown = f"{before}{text[start:end]}{after}"
    ranges = [[a + shift, b + shift] for a, b in spans if a >= start and b <= end]
    return {
        "field": passage.field,
        "html": marked_html(shown, ranges),
        "text": shown,
        "ranges": ranges,
    }


def marked_html(text: str, ranges: list[list[int]]) -> str:
    """The text, escaped, with `<mark>` around the ranges: ordered, apart, end excluded."""
    parts, at = [], 0
    for start, end in ranges:
        parts += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return "".join([*map(str, parts), str(escape(text[at:]))])
