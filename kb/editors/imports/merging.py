"""Merging a row of an import with the text that exists: what the row leaves out stays as it is.

A key of the row replaces that key. `place`, and an item that exists already (the same id, or else
the same title, claim, name or event), keep the parts that the row does not have. `null` and `[]`
clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.base import cached_schema
from schemas.cases import CaseDocument, CaseInput
from schemas.terms import SavedWhenSet
from schemas.text import comparable

Json = Mapping[str, Any]
NAME_KEYS = {  # by which an item is matched, beside its id
    "parties": "name",
    "ingredients": "id",
    "pitfalls": "title",
    "findings": "claim",
    "sources": "title",
    "events": "what",
    "images": "id",
}
LIST_ITEM_KEYS = ("_links", "match", "type")  # that only items of our lists have


class Additions(list[Any]):
    """Items to add to those that exist; a plain list replaces them."""


class Merged(NamedTuple):
    """The whole document that a row asks for."""

    document: dict[str, Any]
    origins: Mapping[str, str]  # pointers of items in it → their pointers in the row


def is_list_item(row: Json) -> bool:
    """Whether a row is an item of one of our lists, which has a part of the text only."""
    keys = {
        f"{field.data_key}"
        for field in cached_schema(CaseDocument).fields.values()
        if not isinstance(field, SavedWhenSet)
    }
    is_whole = keys - {"type", "unverified"} <= set(row)
    return any(key in row for key in LIST_ITEM_KEYS) and not is_whole


def merge(row: Json, base: Json | None) -> Merged:
    """The document that a row asks for, on top of the one that exists."""
    old = base or {}
    document = {**old}
    origins: dict[str, str] = {}
    fields = {field.data_key: field for field in cached_schema(CaseInput).fields.values()}
    for key, value in row.items():
        if value is None and key in fields and key != "id" and not fields[key].allow_none:
            document.pop(key, None)  # a list, or the place
        elif key == "place" and isinstance(value, Mapping):
            document[key] = {**old.get(key, {}), **value}
        elif key in NAME_KEYS and isinstance(value, list):
            items, sources = _merge_items(key, value, old.get(key, ()))
            document[key] = items
            origins |= {f"/{key}/{index}": f"/{key}/{place}" for index, place in sources.items()}
        else:
            document[key] = value
    return Merged(document, origins)


def with_new_owner(row: Json, old: str, new: str) -> Json:
    """The same row after its case got another id: ids of what it owns begin with the new one."""
    if old == new:
        return row
    owned = {
        key: type(row[key])(_item_with_new_owner(item, old, new) for item in row[key])
        for key in ("pitfalls", "findings")
        if isinstance(row.get(key), list)
    }
    return {**row, **owned}


def _item_with_new_owner(item: Any, old: str, new: str) -> Any:
    slug = item.get("id") if isinstance(item, Mapping) else None
    if not isinstance(slug, str) or not slug.startswith(f"{old}--"):
        return item
    return {**item, "id": new + slug.removeprefix(old)}


def _merge_items(key: str, new: list[Any], old: Any) -> tuple[list[Any], dict[int, int]]:
    """The items of a list, and the index in the row that each comes from, by index."""
    matches = _matches(key, new, old)
    merged = [
        {**old[matches[index]], **item} if index in matches else item
        for index, item in enumerate(new)
    ]
    if not isinstance(new, Additions):
        return merged, {index: index for index in range(len(new))}
    sources = {old_index: index for index, old_index in matches.items()}
    items = [merged[sources[at]] if at in sources else item for at, item in enumerate(old)]
    for index in range(len(new)):
        if index not in matches:
            sources[len(items)] = index
            items.append(merged[index])
    return items, sources


def _matches(key: str, new: list[Any], old: Any) -> dict[int, int]:
    """For items of the row the index of the same item that exists.

    By id, or else by all that the row has of it, or else by name.
    """
    unmatched = dict(enumerate(old))
    matches: dict[int, int] = {}
    for is_same in (_same_id, _same_parts, _same_name):
        for index, item in enumerate(new):
            if index not in matches and isinstance(item, Mapping):
                same = [at for at, each in unmatched.items() if is_same(key, item, each)]
                if len(same) == 1 or (same and is_same is _same_parts):
                    matches[index] = same[0]
                    del unmatched[same[0]]
    return matches


def _same_id(_key: str, item: Json, other: Json) -> bool:
    return item.get("id") is not None and item.get("id") == other.get("id")


def _same_parts(key: str, item: Json, other: Json) -> bool:
    """Whether an item says nothing else; parties and events may share a name."""
    return NAME_KEYS[key] in item and item.items() <= other.items()


def _same_name(key: str, item: Json, other: Json) -> bool:
    name, other_name = item.get(NAME_KEYS[key]), other.get(NAME_KEYS[key])
    if "id" in item or not isinstance(name, str) or not isinstance(other_name, str):
        return False
    return comparable(name) == comparable(other_name)
