"""A plan as text: its sentences with their words, and the heading that each stands under.

Offsets count code points of the text as it came, end excluded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.search.analysis.analyzer import DUTCH, Token

MAX_HEADING_WORDS = 10
ABBREVIATIONS = frozenset(
    """
    a.d.h.v afd art bijv blz bv ca dhr div d.m.v drs e.a e.d e.o enz etc event evt excl fig gem i.c
    i.h.k.v incl ing inw i.o i.p.v ir i.s.m i.v.m jl jr max m.b.t m.b.v mevr min mln mnd mr mrd
    m.u.v mw nl n.a.v nr nrs o.a o.b.v o.l.v o.m p.a par p.j p.m p.p p.w resp s.v.p st t.a.v tel
    t.b.v t.g.v t/m t.o.v t.z.t v.a vgl vnl w.o zgn z.s.m
    """.split()
)
_LINE = re.compile(r"[^\r\n\u2028\u2029\f\v]+")
_BULLET = re.compile(
    r"\s*(?:[-–—•*·▪◦‣>o]\s+|\(?(?:\d+(?:\.\d+)*|[a-zA-Z])[.)]\s+|\d+(?:\.\d+)+\s+)?"
)
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)")
_SPACE = re.compile(r"\s*")
_LONG = re.compile(r"(?:\S+\s+){59}\S+")  # so many words, after which a sentence is cut
LONGEST_ABBREVIATION = 8  # characters
_BEGINS_SENTENCE = re.compile(r"\s+[\"'“‘(\[]*[^\W\d_a-zà-ÿ]|\s+[\"'“‘(\[]*[\d€'’]")


@dataclass(frozen=True)
class Sentence:
    """A sentence, a bullet or a heading; words have their places in the whole text."""

    number: int  # counted from 0
    text: str
    start: int
    end: int
    words: tuple[Token, ...]
    is_heading: bool
    heading: int | None  # the number of the heading above it
    paragraph: int  # counted from 0

    @property
    def is_question(self) -> bool:
        """Whether it ends as one."""
        return self.text.rstrip("\"'”’) ").endswith("?")


def read_sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text in their order; those without any word are left out."""
    sentences: list[Sentence] = []
    heading: int | None = None
    for paragraph, start, end in _lines(text):
        is_heading = _is_heading(text[start:end])
        spans = [(start, end)] if is_heading else _spans(text, start, end)
        for first, last in (piece for span in spans for piece in _cut(text, *span)):
            sentence_text = text[first:last]
            words = tuple(
                token._replace(start=token.start + first, end=token.end + first)
                for token in DUTCH.tokens(sentence_text)
            )
            if not words:
                continue
            number = len(sentences)
            sentences.append(
                Sentence(number, sentence_text, first, last, words, is_heading, heading, paragraph)
            )
            if is_heading:
                heading = number
    return tuple(sentences)


def _lines(text: str) -> Iterator[tuple[int, int, int]]:
    """Paragraph, start and end of what stands on lines of its own, without bullets.

    A line that goes on in lower case belongs to the one before: texts of PDF are broken so.
    """
    paragraph, pending = 0, None
    last_end = 0
    for match in _LINE.finditer(text):
        start = match.start() + _bullet_length(match.group())
        end = match.start() + len(match.group().rstrip())
        if start >= end:
            continue
        is_apart = text.count("\n", last_end, match.start()) > 1
        if pending and not is_apart and start == match.start() and _goes_on(text, pending, start):
            pending = (pending[0], pending[1], end)
        else:
            if pending:
                yield pending
            paragraph += is_apart
            pending = (paragraph, start, end)
        last_end = match.end()
    if pending:
        yield pending


def _bullet_length(line: str) -> int:
    match = _BULLET.match(line)
    return match.end() if match else 0


def _goes_on(text: str, pending: tuple[int, int, int], start: int) -> bool:
    _, first, last = pending
    return last - first > 30 and text[last - 1] not in ".!?:;" and text[start].islower()


def _is_heading(line: str) -> bool:
    """Whether a line stands above others: short, and no sentence."""
    if len(line) > 90 or line[-1] in ".!;,…" or not (line[0].isupper() or line[0].isdigit()):
        return False
    return len(line.split()) <= MAX_HEADING_WORDS and not _END.search(line)


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences between two places."""
    first = start
    for match in _END.finditer(text, start, end):
        if _is_end(text, first, match.start(), match.end(), match.group()):
            yield first, match.end()
            first = _skip_space(text, match.end(), end)
    if first < end:
        yield first, end


def _skip_space(text: str, start: int, end: int) -> int:
    match = _SPACE.match(text, start, end)
    return match.end() if match else start


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence, or what is too long for one in pieces."""
    while match := _LONG.match(text, start, end):
        yield start, match.end()
        start = _skip_space(text, match.end(), end)
    if start < end:
        yield start, end


def _is_end(text: str, first: int, dot: int, after: int, sign: str) -> bool:
    """Whether a sentence ends at a sign: not after an abbreviation, nor before a small letter."""
    if not _BEGINS_SENTENCE.match(text, after):
        return False
    if not sign.startswith("."):
        return True
    words = text[max(first, dot - LONGEST_ABBREVIATION) : dot].split()
    word = words[-1].lstrip("(\"'").lower() if words else ""
    is_initial = len(word) == 1 and word.isalpha()
    return not (word in ABBREVIATIONS or is_initial)
