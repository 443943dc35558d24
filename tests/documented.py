"""The commands of a page of the documentation, and what it says that they print."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any, NamedTuple

REST = "…"  # in an answer of a page: whatever was left out
COMMANDS = re.compile(r"(?<=\n\n)(?: {4}(?![A-Z]+ ).*\n)(?: {4}.*\n)*")  # not a list of addresses
ANSWER = re.compile(r"^```(json|http|)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ ", re.MULTILINE)
JSON_PIECE = re.compile(rf'"(?:[^"\\]|\\.)*"|[\[\]{{}}:]|{REST}|[^"\[\]{{}}:{REST}]+')


class Step(NamedTuple):
    """Commands that stand together, and the answer below them; None where there is none."""

    commands: str
    answer: str | None
    form: str  # json, http, or nothing for other lines

    def is_met_by(self, output: str) -> bool:
        """Whether they print what the page says."""
        if self.answer is None:
            return True
        if self.form == "json":
            return matches(_pattern(self.answer), _last_json(output))
        return lines_match(self.answer.splitlines(), output.replace("\r", "").splitlines())


def steps(page: str) -> list[Step]:
    """The steps of a page in Markdown, in its order."""
    blocks = [*COMMANDS.finditer(page)]
    ends = [following.start() for _, following in pairwise(blocks)] + [len(page)]
    return [_step(block, page[block.end() : end]) for block, end in zip(blocks, ends, strict=False)]


def _step(block: re.Match[str], below: str) -> Step:
    commands = re.sub("^ {4}", "", block.group(), flags=re.MULTILINE)
    answer = ANSWER.search(HEADING.split(below)[0])
    return Step(commands, answer and answer[2], answer[1] if answer else "")


def matches(pattern: Any, value: Any) -> bool:
    """Whether a value is what a page shows of it."""
    if isinstance(pattern, dict) and isinstance(value, dict):
        named = pattern.keys() - {REST}
        if named - value.keys() or (REST not in pattern and value.keys() - named):
            return False
        return all(matches(pattern[key], value[key]) for key in named)
    if isinstance(pattern, list) and isinstance(value, list):
        if not pattern:
            return not value
        if pattern[0] == REST:
            return any(matches(pattern[1:], value[n:]) for n in range(len(value) + 1))
        return bool(value) and matches(pattern[0], value[0]) and matches(pattern[1:], value[1:])
    if isinstance(pattern, str) and REST in pattern:
        return pattern == REST or (isinstance(value, str) and text_matches(pattern, value))
    return bool(pattern == value)


def text_matches(pattern: str, text: str) -> bool:
    """Whether a text is that of a page, with anything in the place of each `…`."""
    return bool(re.fullmatch(".*".join(map(re.escape, pattern.split(REST))), text, re.DOTALL))


def lines_match(patterns: list[str], lines: list[str]) -> bool:
    """Whether the lines of a page are there, in their order; others may stand between them."""
    rest = iter(lines)
    return all(any(text_matches(pattern, line) for line in rest) for pattern in patterns)


def _pattern(answer: str) -> Any:
    """An answer as JSON, with a key or an item `…` for each `…` that stands between others."""
    pieces, inside = [], []
    before = ""
    for piece in JSON_PIECE.findall(answer):
        if piece in "[{":
            inside.append(piece)
        elif piece in "]}":
            inside.pop()
        elif piece == REST:
            piece = f'"{REST}": 0' if inside[-1] == "{" and before != ":" else f'"{REST}"'
        pieces.append(piece)
        before = piece.strip() or before
    return json.loads("".join(pieces))


def _last_json(output: str) -> Any:
    """What the last of several commands answered."""
    decoder, rest, value = json.JSONDecoder(), output.strip(), None
    while rest:
        value, end = decoder.raw_decode(rest)
        rest = rest[end:].strip()
    return value
