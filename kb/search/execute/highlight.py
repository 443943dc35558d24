"""Why a document answers a query: through which keys, by which words, in which passages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from markupsafe import escape

from kb.search.analysis.analyzer import DUTCH, TOKEN
from kb.search.documents import FIELD_OF_SCHEME
from kb.search.engine import Passage, SearchDocument
from kb.search.query.expand import Expansion, term_positions
from kb.search.query.parse import Clause, ParsedQuery

SNIPPETS = 3  # at most, of one document
LENGTH = 220  # of a snippet, in characters


class Read(NamedTuple):
    """A passage, where the terms that are asked for stand in it, and where its words are."""

    passage: Passage
    standing: dict[str, list[int]]  # the numbers of the words with each term
    words: list[tuple[int, int]]  # characters, end excluded; empty when no term stands here


@dataclass
class Match:
    """How a document answers the query, as `schemas.match.Match` tells it."""

    fields_: list[str] = field(default_factory=list)
    words: list[dict[str, Any]] = field(default_factory=list)
    snippets: list[dict[str, Any]] = field(default_factory=list)


def tell(document: SearchDocument, asked: ParsedQuery) -> Match:
    """Find the words of the query in a document again, to show where they are."""
    read = [_read(passage, asked.terms) for passage in document.passages]
    having = [(number, each) for number, each in enumerate(read) if each.standing]
    fields: dict[str, None] = {}
    met: dict[str, dict[str, None]] = {}
    marked: dict[int, list[tuple[int, int]]] = {}
    for clause in asked.clauses:
        if clause.excluded:
            continue
        found = met.setdefault(clause.input, {})
        for number, each in having:
            for start, end in _spans(clause, each):
                fields[each.passage.field] = None
                found[each.passage.text[start:end].lower()] = None
                marked.setdefault(number, []).append((start, end))
        for field_name, label in _tags(clause, document):
            fields[field_name] = None
            found[label] = None
    order = list(dict.fromkeys(passage.field for passage in document.passages))
    return Match(
        sorted(fields, key=lambda name: order.index(name) if name in order else len(order)),
        [{"input": said, "met": list(words)} for said, words in met.items() if words],
        _snippets(read, marked),
    )


def _read(passage: Passage, wanted: Set[str]) -> Read:
    """Only of a passage that has a wanted term are the words located."""
    if wanted.isdisjoint(DUTCH.text_index_terms(passage.text)):
        return Read(passage, {}, [])
    words = list(TOKEN.finditer(passage.text))
    found = term_positions((DUTCH.index_terms(word.group()) for word in words), wanted)
    return Read(passage, found, [word.span() for word in words])


def _spans(clause: Clause, read: Read) -> Iterator[tuple[int, int]]:
    """The characters of a passage where a expansion of the clause stands."""
    for expansion in clause.expansions:
        for first, last in expansion.spans(read.standing):
            yield read.words[first][0], read.words[last][1]


def _tags(clause: Clause, document: SearchDocument) -> Iterator[tuple[str, str]]:
    """The tags of the document that the clause means: the key they stand under, and their label."""
    for expansion in clause.expansions:
        if expansion.kind == "concept" and expansion.concept in document.concepts:
            yield _field_of(expansion, document), expansion.text.lower()


def _field_of(expansion: Expansion, document: SearchDocument) -> str:
    scheme = expansion.concept.partition("/")[0]
    own = {
        ("pitfall", "pitfall-categories"): "category",
        ("finding", "effect-domains"): "domain",
        ("question", "pitfall-categories"): "pitfallCategories",
        ("question", "effect-domains"): "effectDomains",
        ("ingredient", "ingredients"): "title",
    }
    return own.get((document.type, scheme), FIELD_OF_SCHEME[scheme])


def _snippets(
    read: list[Read], marked: Mapping[int, list[tuple[int, int]]]
) -> list[dict[str, Any]]:
    """The passages with most of the words, as short texts with the words marked."""
    texts = [
        (len(set(spans)), -number, number)
        for number, spans in marked.items()
        if read[number].passage.field not in {"title", "id"}
    ]
    chosen = sorted(number for _, _, number in sorted(texts, reverse=True)[:SNIPPETS])
    return [_snippet(read[number].passage, _merged(marked[number])) for number in chosen]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same characters, in order, each once."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _snippet(passage: Passage, spans: list[tuple[int, int]]) -> dict[str, Any]:
    """A window on the passage around the first word, with the words in it."""
    text, first = passage.text, spans[0]
    start = max(0, first[0] - LENGTH // 3)
    if start:
        start = text.find(" ", start, first[0]) + 1 or first[0]
    end = min(len(text), max(start + LENGTH, first[1]))
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
