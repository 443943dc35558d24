"""Which words of a text changed: parts that stayed, went and came, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

TOKEN = re.compile(r"\w+|[^\w\s]|\s+")
SENTENCE_END = re.compile(r"[.!?]\s+|\n+")
ELLIPSIS = "[…] "
SHORT = 80  # characters that are rather read than left out
PartKind = Literal["same", "removed", "added"]


class Part(NamedTuple):
    """Some words one after another, and what became of them."""

    kind: PartKind
    text: str


def word_changes(old: str, new: str) -> list[Part]:
    """The parts of two texts: without the `added` ones the old text, without the `removed` the new.

    A blank between two changes belongs to them, so that a new sentence is one part and not many.
    """
    return _changes(TOKEN.findall(old), TOKEN.findall(new))


def line_changes(old: str, new: str) -> list[Part]:
    """The same of lists with a line for each item, which stays, goes or comes as a whole."""
    return _changes(old.splitlines(keepends=True), new.splitlines(keepends=True))


def excerpt(parts: Sequence[Part]) -> list[Part]:
    """The sentences around each change: what stays further away becomes an ellipsis."""
    last = len(parts) - 1
    return [
        Part("same", _near(part.text, number > 0, number < last)) if part.kind == "same" else part
        for number, part in enumerate(parts)
    ]


def _near(text: str, has_before: bool, has_after: bool) -> str:
    """What stays between changes: the end of a sentence that changed, the beginning of the next."""
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    if not ends or not (has_before or has_after):
        return text
    head, tail = text[: ends[0]] if has_before else "", text[ends[-1] :] if has_after else ""
    between = len(text) - len(head) - len(tail)
    return text if between <= SHORT else f"{head}{ELLIPSIS}{tail}"


def _changes(old: Sequence[str], new: Sequence[str]) -> list[Part]:
    parts: list[Part] = []
    for removed, added, same in _groups(old, new):
        parts += [Part("removed", removed)] if removed else []
        parts += [Part("added", added)] if added else []
        parts += [Part("same", same)] if same else []
    return parts


def _groups(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Changes, each with the words that stay behind it: (removed, added, same)."""
    removed = added = ""
    blocks = list(Indel.opcodes(old, new))
    for number, block in enumerate(blocks):
        gone = "".join(old[block.src_start : block.src_end])
        come = "".join(new[block.dest_start : block.dest_end])
        if block.tag == "equal":
            is_between = 0 < number < len(blocks) - 1
            if is_between and gone.isspace() and "\n" not in gone:
                removed, added = removed + gone, added + come
                continue
            yield removed, added, gone
            removed = added = ""
        else:
            removed, added = removed + gone, added + come
    if removed or added:
        yield removed, added, ""
