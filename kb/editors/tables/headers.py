"""What stands above the columns of a table, and which column of ours each may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from flask_babel import get_locale
from openpyxl.utils import get_column_letter

from kb.editors.tables.cells import text_of
from kb.editors.tables.columns import (
    Column,
    closest_header,
    columns,
    find_column,
    header_of,
    titles,
)
from kb.editors.tables.sheet import Grid, distinct_headers

MAX_EXAMPLES = 3  # values that show what a column has
MAX_EXAMPLE = 80  # characters of such a value
NUMBERS = 5  # of each numbered column that can be chosen


class Header(NamedTuple):
    """A column of a table that somebody sent."""

    column: str  # its letters
    header: str
    name: str | None  # of our column that the header says; None when it says none
    suggestion: str | None  # the name of the column that it is most like
    examples: list[str]


def read_headers(grid: Grid) -> list[Header]:
    """The columns of a table that have a header. Raises TableError."""
    filled = (cells for _, cells in grid if any(map(text_of, cells)))
    first = [text_of(cell) for cell in next(filled, ())]
    rows = [[text_of(cell) for cell in cells] for cells in islice(filled, 50)]
    names = [_name_of(header) for header in first]
    free = {column.name for column in columns().values()} - set(names)
    headers = []
    for place, (header, name) in enumerate(zip(distinct_headers(first), names, strict=True)):
        if header:
            values = (row[place][:MAX_EXAMPLE] for row in rows if place < len(row) and row[place])
            examples = list(islice(dict.fromkeys(values), MAX_EXAMPLES))
            guess = None if name else _guess(header, free)
            letters = get_column_letter(place + 1)
            headers.append(Header(letters, header[:200], name, guess, examples))
    return headers


def _name_of(header: str) -> str | None:
    match = find_column(header)
    return match and header_of(*match)


def _guess(header: str, free: set[str]) -> str | None:
    """The name of the column that an unknown header is most like, when none has it yet."""
    closest = closest_header(header)
    name = closest and _name_of(closest)
    if name not in free:
        return None
    free.discard(name)
    return name


def choices() -> Iterator[Mapping[str, str]]:
    """The columns that one of a table can be taken over as: names, and titles for people."""
    language = str(get_locale() or "nl")[:2]
    for column, number in _every_column():
        title = titles(column)[language == "en"]
        number_text = f" {number}" if column.numbered else ""
        yield {"name": header_of(column, number), "title": f"{title}{number_text}"}


def _every_column() -> Iterable[tuple[Column, int]]:
    every = [each for each in columns().values() if not each.is_item_list]
    yield from ((each, 1) for each in every if not each.numbered)
    for key in dict.fromkeys(each.key for each in every if each.numbered):
        same = [each for each in every if each.key == key]
        yield from ((each, number) for number in range(1, NUMBERS + 1) for each in same)
