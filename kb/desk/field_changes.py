"""A public text and its draft side by side: what became of each field, and of each item of a list.

Pure functions over JSON as the API has it; the names of fields come from the schema of the API.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rapidfuzz.distance import Indel

from kb.desk.word_changes import Part, line_changes, word_changes

Document = Mapping[str, Any]
Schema = Mapping[str, Any]
Status = Literal["same", "changed", "added", "removed", "moved"]
NAMED_BY = {"parties": ("name",), "events": ("year", "month")}  # items that have no id
NOT_TEXT = {
    *("$schema", "id", "type", "version", "publishedAt", "updatedAt", "outcome"),
    *("findingsByLane", "practiceNotes"),
}
READ_ONLY_BELOW = {"id", "label", "lane", "urbanity", "population", "socialRent", "figuresYear"}
TITLES = ("title", "claim", "label", "what", "name", "id")  # by which an item is known


@dataclass
class FieldChange:
    """A field of two texts; `items` where it is a list of things, else `old`, `new` and `parts`."""

    key: str
    label: str
    pointer: str  # into the draft
    status: Status
    old: str = ""
    new: str = ""
    parts: list[Part] = field(default_factory=list)
    items: list[ItemChange] = field(default_factory=list)


@dataclass
class ItemChange:
    """An item of a list: in the draft, or at its end when the draft has it no more."""

    title: str
    pointer: str  # empty for one that was removed
    status: Status
    is_moved: bool
    fields: list[FieldChange]


def field_changes(public: Document | None, draft: Document, schema: Schema) -> list[FieldChange]:
    """What became of each field, in the order of the schema; of a new text all is `added`."""
    old = public or {}
    changes = []
    for key, described in schema["properties"].items():
        if key not in NOT_TEXT and (old.get(key) or draft.get(key)):
            changes.append(_field_change(key, old.get(key), draft.get(key), described, ""))
    return changes


def _field_change(key: str, old: Any, new: Any, described: Schema, above: str) -> FieldChange:
    label, pointer = described.get("title", key), f"{above}/{key}"
    if _is_list_of_things(old) or _is_list_of_things(new):
        items = _item_changes(key, old or [], new or [], described, pointer)
        is_same = all(each.status == "same" and not each.is_moved for each in items)
        status: Status = "same" if is_same else _status(bool(old), bool(new))
        return FieldChange(key, label, pointer, status, items=items)
    if _is_object(old) or _is_object(new):
        fields = _fields_below(old or {}, new or {}, described, pointer)
        is_same = all(each.status == "same" for each in fields)
        status = "same" if is_same else _status(bool(_text(old)), bool(_text(new)))
        item = ItemChange("", pointer, status, False, fields)
        return FieldChange(key, label, pointer, status, items=[item])
    before, after = _text(old), _text(new)
    status = "same" if before == after else _status(bool(before), bool(after))
    parts = (word_changes if isinstance(new or old, str) else line_changes)(before, after)
    return FieldChange(key, label, pointer, status, before, after, parts)


def _status(was: bool, is_now: bool) -> Status:
    return "changed" if was and is_now else "added" if is_now else "removed"


def _fields_below(old: Document, new: Document, described: Schema, above: str) -> list[FieldChange]:
    """The fields of a thing in a text, without what only we tell of it."""
    return [
        _field_change(key, old.get(key), new.get(key), each, above)
        for key, each in described.get("properties", {}).items()
        if not (key in READ_ONLY_BELOW or each.get("readOnly")) and (old.get(key) or new.get(key))
    ]


def _item_changes(
    key: str, old: Sequence[Document], new: Sequence[Document], described: Schema, pointer: str
) -> list[ItemChange]:
    """What became of each item: those of the draft in its order, then those that it has no more."""
    before, after = _by_name(key, old), _by_name(key, new)
    moved = _moved(list(before), list(after))
    below = described.get("items", {})
    changes = []
    for index, (name, item) in enumerate(after.items()):
        place = f"{pointer}/{index}"
        fields = _fields_below(before.get(name, {}), item, below, place)
        status: Status = "added"
        if name in before:
            status = "changed" if any(each.status != "same" for each in fields) else "same"
        changes.append(ItemChange(_title(item), place, status, name in moved, fields))
    for name, item in before.items():
        if name not in after:
            fields = _fields_below(item, {}, below, "")
            changes.append(ItemChange(_title(item), "", "removed", False, fields))
    return changes


def _by_name(key: str, items: Iterable[Document]) -> dict[str, Document]:
    """Items by their id, or by what else they are known by; of the same name each by its number."""
    named: dict[str, Document] = {}
    for item in items:
        name = "/".join(str(item.get(each)) for each in NAMED_BY.get(key, ("id",)))
        number = sum(each.partition("#")[0] == name for each in named)
        named[f"{name}#{number}"] = item
    return named


def _moved(old: Sequence[str], new: Sequence[str]) -> Collection[str]:
    """The names that stand in both, but in another order among those that do."""
    before = [each for each in old if each in new]
    after = [each for each in new if each in old]
    return {
        name
        for block in Indel.opcodes(before, after)
        if block.tag == "insert"
        for name in after[block.dest_start : block.dest_end]
    }


def _title(item: Document) -> str:
    return next((str(item[key]) for key in TITLES if item.get(key)), "")


def _is_list_of_things(value: Any) -> bool:
    """Whether this is a list of more than terms: of items that have fields of their own."""
    return bool(isinstance(value, list) and value) and all(
        isinstance(each, Mapping) and not each.keys() <= {"id", "label"} for each in value
    )


def _is_object(value: Any) -> bool:
    """Whether this is a thing with fields, and neither a term nor a reference."""
    return isinstance(value, Mapping) and "id" not in value


def _text(value: Any) -> str:
    """A value in words: a term by its label, a reference by its title, a list with a line each."""
    if isinstance(value, list):
        return "".join(f"{_text(each)}\n" for each in value)
    if isinstance(value, Mapping):
        if "id" in value:
            return str(value.get("label") or value.get("title") or value["id"])
        return "\n".join(filter(None, (_text(each) for each in value.values())))
    return "" if value is None else str(value)
