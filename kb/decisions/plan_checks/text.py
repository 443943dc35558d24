"""A plan as text: its sentences with their words, and the heading that each stands under.

Offsets count code points of the text as it came, end excluded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.search.analysis.analyzer import DUTCH, TOKEN, Token, surface_form

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
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]]*+(?=\s)")
_SPACE = re.compile(r"\s*")
LONGEST_SENTENCE = 60  # words, after which one is cut
LONGEST_WORD = 60  # characters that are looked at, of a word that may be endless
_ENDLESS = re.compile(r"(\S{100})\S+")
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
        for span in spans:
            for first, last, words in _pieces(text, *span):
                number = len(sentences)
                piece = text[first:last]
                sentences.append(
                    Sentence(number, piece, first, last, words, is_heading, heading, paragraph)
                )
                if is_heading:
                    heading = number
    return tuple(sentences)


def without_endless_words(text: str) -> str:
    """A text, of whose words without end only the beginnings are left."""
    return _ENDLESS.sub(r"\1", text)


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


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int, tuple[Token, ...]]]:
    """A sentence with its words, or what is too long for one in pieces; none without a word."""
    words = [
        Token(*_reading_of(match.group()[:LONGEST_WORD]), match.start(), match.end())
        for match in TOKEN.finditer(text, start, end)
    ]
    for place in range(0, len(words), LONGEST_SENTENCE):
        own = tuple(words[place : place + LONGEST_SENTENCE])
        following = words[place + LONGEST_SENTENCE :][:1]
        last = own[-1].end if following else end
        yield start, last, own
        start = following[0].start if following else end


def _reading_of(word: str) -> tuple[str, str]:
    """The term and the form of a word."""
    return DUTCH.term(word), surface_form(word)


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
