"""A row of an import beside the text that is there: what the row leaves out stays as it is.

A key of the row takes the place of that key. `place`, and an item that was there already (the same
id, or else the same title, claim or name), keep the parts that the row does not name. `null` and
`[]` make empty.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from schemas.base import cached_schema
from schemas.cases import CaseDocument, CaseInput

Json = Mapping[str, Any]
NAMES = {  # by what an item is known, beside its id
    "parties": "name",
    "ingredients": "id",
    "pitfalls": "title",
    "findings": "claim",
    "sources": "title",
}
OF_ITEMS = ("_links", "match", "type")  # what items of our lists carry
LONGEST = 200  # characters of a text in a report
BEFORE = 40  # characters before the first one that differs


class Additions(list[Any]):
    """Items that come beside those that are there; a plain list takes their place."""


class Change(NamedTuple):
    """What a row makes of a key; long texts are cut."""

    key: str
    before: Any
    after: Any


class Merged(NamedTuple):
    """The whole document that a row asks for."""

    document: dict[str, Any]
    origins: Mapping[str, str]  # pointers of items in it → their pointers in the row


def fold(text: str) -> str:
    """A text as people compare it: no capitals, invisible characters or spaces too many."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    return " ".join(visible.split())


def is_list_item(row: Json) -> bool:
    """Whether a row is an item of one of our lists, which has a part of the text only."""
    whole = {f"{field.data_key}" for field in cached_schema(CaseDocument).fields.values()}
    return any(key in row for key in OF_ITEMS) and not whole - {"type", "unverified"} <= set(row)


def merge(row: Json, base: Json | None) -> Merged:
    """The document that a row asks for, given the text that is there."""
    old = base or {}
    document = {**old}
    origins: dict[str, str] = {}
    fields = {field.data_key: field for field in cached_schema(CaseInput).fields.values()}
    for key, value in row.items():
        if value is None and key in fields and key != "id" and not fields[key].allow_none:
            document.pop(key, None)  # a list, or the place
        elif key == "place" and isinstance(value, Mapping):
            document[key] = {**old.get(key, {}), **value}
        elif key in NAMES and isinstance(value, list):
            items, from_row = _items(key, value, old.get(key, ()))
            document[key] = items
            origins |= {f"/{key}/{place}": f"/{key}/{there}" for place, there in from_row.items()}
        else:
            document[key] = value
    return Merged(document, origins)


def move_items(row: Json, old: str, new: str) -> Json:
    """The same row after a case got another id: what it owns has the new one in its ids."""
    if old == new:
        return row
    moved = {
        key: type(row[key])(_move(item, old, new) for item in row[key])
        for key in ("pitfalls", "findings")
        if isinstance(row.get(key), list)
    }
    return {**row, **moved}


def _move(item: Any, old: str, new: str) -> Any:
    name = item.get("id") if isinstance(item, Mapping) else None
    if not isinstance(name, str) or not name.startswith(f"{old}--"):
        return item
    return {**item, "id": new + name.removeprefix(old)}


def _items(key: str, sent: list[Any], old: Any) -> tuple[list[Any], dict[int, int]]:
    """The items of a list, and from which of the row each came, by their places."""
    rest = dict(enumerate(old))
    matched: dict[int, int] = {}  # places in the row → those of the same items before
    for matches in (_same_id, _same_name):
        for place, item in enumerate(sent):
            if place not in matched and isinstance(item, Mapping):
                found = [there for there, each in rest.items() if matches(key, item, each)]
                if len(found) == 1:
                    matched[place] = found[0]
                    del rest[found[0]]
    whole = [
        {**old[matched[at]], **item} if at in matched else item for at, item in enumerate(sent)
    ]
    if not isinstance(sent, Additions):
        return whole, {place: place for place in range(len(sent))}
    order = {there: place for place, there in matched.items()}
    origins = {there: place for there, place in order.items()}
    items = [whole[order[there]] if there in order else each for there, each in enumerate(old)]
    for place in range(len(sent)):
        if place not in matched:
            origins[len(items)] = place
            items.append(whole[place])
    return items, origins


def _same_id(_key: str, item: Json, other: Json) -> bool:
    return item.get("id") is not None and item.get("id") == other.get("id")


def _same_name(key: str, item: Json, other: Json) -> bool:
    name, known = item.get(NAMES[key]), other.get(NAMES[key])
    if "id" in item or not isinstance(name, str) or not isinstance(known, str):
        return False
    return fold(name) == fold(known)


def changes(before: Json, after: Json) -> Iterator[Change]:
    """What differs between two documents, key by key."""
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if old != new:
            yield Change(key, *_cut(old, new))


def _cut(old: Any, new: Any) -> tuple[Any, Any]:
    """Two values, with their long texts cut to where they differ."""
    if isinstance(old, str) and isinstance(new, str):
        same = next((at for at, pair in enumerate(zip_longest(old, new)) if len({*pair}) > 1), 0)
        start = same - BEFORE if same > LONGEST - BEFORE else 0
        return _part(old, start), _part(new, start)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        parts = {key: _cut(old.get(key), new.get(key)) for key in dict.fromkeys((*old, *new))}
        return tuple(  # type: ignore[return-value]
            {key: parts[key][side] for key in whole} for side, whole in enumerate((old, new))
        )
    if isinstance(old, list) and isinstance(new, list):
        pairs = [_cut(*pair) for pair in zip_longest(old, new)]
        return [one for one, _ in pairs[: len(old)]], [other for _, other in pairs[: len(new)]]
    return _short(old), _short(new)


def _short(value: Any) -> Any:
    return _cut(value, value)[0] if isinstance(value, (str, Mapping, list)) else value


def _part(text: str, start: int) -> str:
    """The part of a text from `start` on, with an ellipsis where something was left out."""
    part = text[start : start + LONGEST]
    return f"{'…' if start else ''}{part}{'…' if start + LONGEST < len(text) else ''}"
