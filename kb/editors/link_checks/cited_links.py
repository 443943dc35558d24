"""The addresses on the web in a text, and what it is to be cited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kb.cases.aliases import Thing

ADDRESS = re.compile(r"https?://[^\s<>\"“”‘’«»{}|\\^`]+", re.IGNORECASE)
BRACKETS = {")": "(", "]": "["}


@dataclass
class Citation:
    """A thing whose public text has an address."""

    thing: Thing
    title: str
    pointers: list[str] = field(default_factory=list)  # JSON Pointers into its text


def addresses_in(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Each address in a document and its JSON Pointer: a field of its own, or amid a text."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from addresses_in(below, f"{pointer}/{key}")
    elif isinstance(value, list):
        for place, below in enumerate(value):
            yield from addresses_in(below, f"{pointer}/{place}")
    elif isinstance(value, str):
        if pointer.endswith("/url"):
            if ADDRESS.match(value):
                yield value, pointer
            return
        for match in ADDRESS.finditer(value):
            url = _without_punctuation(match[0])
            if url.partition("://")[2]:
                yield url, pointer


def _without_punctuation(url: str) -> str:
    """An address in a sentence, without the signs that end the sentence."""
    while url:
        last = url[-1]
        opening = BRACKETS.get(last)
        if last in ".,;:!?'*_…" or (opening and url.count(last) > url.count(opening)):
            url = url[:-1]
        else:
            break
    return url
