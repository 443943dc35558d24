"""A text for people as a structure, of which writers make a page, Markdown or a Word document.

A report has sections; each has blocks for its main part, and others for the annex. A text is a row
of runs, cleaned when it is made: no writer meets a control character, or an address that is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any, ClassVar
from urllib.parse import quote

from kb.vocabulary.terms import Language
from kb.web.translation import ngettext

LINE_LENGTH = 100  # characters of a text on a line of A4, about
MIN_COLUMN_LENGTH, MAX_COLUMN_LENGTH = 10, 60  # characters that a column has room for
EMPTY_CELL_LENGTH = 50  # of one to be filled in
URL_SIGNS = "!#$%&'()*+,/:;=?@[]~"  # that stay as they are in an address, beside letters and digits


@dataclass(frozen=True)
class Run:
    """Some words that look the same, on one line, without what cannot be seen."""

    text: str
    href: str = ""  # where they lead; empty when that is no address of the web
    is_strong: bool = False
    is_content: bool = False  # of the knowledge base: Dutch, whatever the language of the report

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", one_line(self.text))
        object.__setattr__(self, "href", web_address(self.href))


Text = tuple[Run, ...]


def words(text: str, href: str | None = None, *, strong: bool = False) -> Run:
    """Words of ours, in the language of the report."""
    return Run(text, href or "", is_strong=strong)


def content(text: str, href: str | None = None, *, strong: bool = False) -> Run:
    """Words from the knowledge base."""
    return Run(text.strip(), href or "", is_strong=strong, is_content=True)


def one_line(text: str) -> str:
    """A text without lines, and without characters that cannot be seen."""
    return re.sub(r"\s+", " ", "".join(sign if sign.isprintable() else " " for sign in text))


def web_address(url: str) -> str:
    """An address as every reader of links takes it; empty when it is not of the web."""
    if not re.match(r"https?://[^\s/]", url, re.IGNORECASE):
        return ""
    return quote(url.encode("utf-8", "replace"), safe=URL_SIGNS)


def joined(texts: Iterable[Text], between: str) -> Text:
    """Texts one after another."""
    runs: list[Run] = []
    for text in texts:
        runs += [Run(between)] if runs else []
        runs += text
    return tuple(runs)


@dataclass(frozen=True)
class Paragraph:
    """A text on lines of its own."""

    type: ClassVar[str] = "paragraph"
    text: Text


@dataclass(frozen=True)
class Subheading:
    """What the blocks below it are about."""

    type: ClassVar[str] = "subheading"
    text: Text


@dataclass(frozen=True)
class Bullets:
    """Texts beside each other."""

    type: ClassVar[str] = "list"
    items: Sequence[Text]


@dataclass(frozen=True)
class Table:
    """Rows of cells under a header; an empty cell is for the reader to fill in."""

    type: ClassVar[str] = "table"
    header: Text  # a run for each column
    rows: Sequence[Sequence[Text]]

    @property
    def widths(self) -> Sequence[float]:
        """The share of each column, by how much stands in it."""
        columns = zip(*self.rows, strict=True)
        lengths = [
            [len(head.text), *(len(plain(cell)) or EMPTY_CELL_LENGTH for cell in each)]
            for head, each in zip(self.header, columns, strict=True)
        ]
        sizes = [min(MAX_COLUMN_LENGTH, max(MIN_COLUMN_LENGTH, *each)) for each in lengths]
        return [size / sum(sizes) for size in sizes]


Block = Paragraph | Subheading | Bullets | Table


@dataclass
class Section:
    """One part of a report, with what there was no room for."""

    id: str
    title: Run
    blocks: list[Block] = field(default_factory=list)
    annex: list[Block] = field(default_factory=list)

    def add(self, *texts: Text | Run) -> None:
        """A paragraph for each of these."""
        self.blocks += map(paragraph, texts)

    def add_list(self, items: Sequence[Text], lines: int, names: Sequence[str] = ()) -> None:
        """The first items, as many as these lines have room for; the others go to the annex.

        `names` are what the items are called, where those in the annex are to be named.
        """
        number = _number_that_fits(items, lines)
        if number:
            self.blocks.append(Bullets(tuple(items[:number])))
        if others := tuple(items[number:]):
            more = ngettext("%(num)s more in the annex", "%(num)s more in the annex", len(others))
            named = f": {'; '.join(names[number:])}" if names else ""
            self.add(words(f"{more}{named}."))
            self.annex.append(Bullets(others))

    def add_to_annex(self, heading: str, *blocks: Block) -> None:
        """Blocks under a heading of their own."""
        self.annex += [Subheading((words(heading),)), *blocks]


@dataclass(frozen=True)
class Report:
    """A whole text; the same one is made the same bytes of, by every writer."""

    title: Run
    language: Language
    address: str  # where it can be read again
    written_at: datetime | None  # of the knowledge in it; None when it has no date
    head: Sequence[Text]  # below the title
    sections: Sequence[Section]

    @property
    def annexes(self) -> Sequence[Section]:
        """The sections of which something stands in the annex."""
        return [each for each in self.sections if each.annex]


def paragraph(text: Text | Run) -> Paragraph:
    """A paragraph, of one run or of several."""
    return Paragraph((text,) if isinstance(text, Run) else text)


def paragraphs(text: str | None) -> Iterator[Paragraph]:
    """The paragraphs of a running text of the knowledge base."""
    for line in (text or "").splitlines():
        if line.strip():
            yield paragraph(content(line))


def plain(text: Any) -> str:
    """A text without its looks."""
    return "".join(run.text for run in text)


def lines_of(text: Text) -> int:
    """How many lines of a page a text takes, about."""
    return max(1, ceil(len(plain(text)) / LINE_LENGTH))


def _number_that_fits(items: Sequence[Text], lines: int) -> int:
    """How many of the first items there is room for."""
    for number, item in enumerate(items):
        lines -= lines_of(item)
        if lines < 0:
            return number
    return len(items)
