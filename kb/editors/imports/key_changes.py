"""What differs between two documents, key by key, with long texts cut to where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

Json = Mapping[str, Any]
MAX_EXCERPT = 200  # characters of a text in a report
EXCERPT_LEAD = 40  # characters before the first one that differs


class KeyChange(NamedTuple):
    """The value of a key before and after; long texts are cut."""

    key: str
    before: Any
    after: Any


def key_changes(before: Json, after: Json) -> Iterator[KeyChange]:
    """What differs between two documents, key by key."""
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if old != new:
            yield KeyChange(key, *_excerpts(old, new))


def _excerpts(old: Any, new: Any) -> tuple[Any, Any]:
    """Two values, with their long texts cut to where they differ."""
    if isinstance(old, str) and isinstance(new, str):
        first = next((at for at, pair in enumerate(zip_longest(old, new)) if len({*pair}) > 1), 0)
        start = first - EXCERPT_LEAD if first > MAX_EXCERPT - EXCERPT_LEAD else 0
        return _cut(old, start), _cut(new, start)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        parts = {key: _excerpts(old.get(key), new.get(key)) for key in dict.fromkeys((*old, *new))}
        return tuple(  # type: ignore[return-value]
            {key: parts[key][side] for key in whole} for side, whole in enumerate((old, new))
        )
    if isinstance(old, list) and isinstance(new, list):
        pairs = [_excerpts(*pair) for pair in zip_longest(old, new)]
        return [one for one, _ in pairs[: len(old)]], [other for _, other in pairs[: len(new)]]
    return _excerpt(old), _excerpt(new)


def _excerpt(value: Any) -> Any:
    return _excerpts(value, value)[0] if isinstance(value, (str, Mapping, list)) else value


def _cut(text: str, start: int) -> str:
    """The part of a text from `start` on, with an ellipsis where something was left out."""
    part = text[start : start + MAX_EXCERPT]
    return f"{'…' if start else ''}{part}{'…' if start + MAX_EXCERPT < len(text) else ''}"
