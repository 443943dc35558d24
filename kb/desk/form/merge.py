"""Two editors changed the same text: what each did, put together, and what one has to choose.

Three documents, each as `values.shown_part` gives it: `base`, from which both began; `mine`, and
`theirs`, which is saved. What only one of them changed is taken over. Items of lists are compared
one by one, by their ids or names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kb.desk.form.model import Field, FormModel
from kb.desk.form.values import Document, free_source_id

Choice = Literal["mine", "theirs", "both"]
CHOICES: tuple[Choice, ...] = ("mine", "theirs", "both")
LISTS = {"terms", "words", "picks", "references", "keys"}


@dataclass(frozen=True)
class Conflict:
    """What both changed, each in another way; `id` names it within this merge."""

    id: str  # the path of a key, or of a list with what its item is called
    field: Field
    base: Any  # None for an item that is new
    mine: Any  # None for an item that was removed
    theirs: Any

    @property
    def is_item(self) -> bool:
        """Whether it is about one item of a list."""
        return self.field.shape == "blocks" and "/" in self.id

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be done with it: both only where that can be read afterwards."""
        both_there = self.mine not in (None, "") and self.theirs not in (None, "")
        return CHOICES if both_there and self._can_join() else CHOICES[:2]

    def _can_join(self) -> bool:
        is_named_by_term = any(each.key == "id" for each in self.field.fields)
        return self.field.shape in {"text", *LISTS} or (self.is_item and not is_named_by_term)


@dataclass
class Merge:
    """What comes of it: as far as it goes by itself, and with the choices that were made."""

    document: Document = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    from_theirs: list[Field] = field(default_factory=list)  # only they changed these


def merge(
    model: FormModel,
    base: Document,
    mine: Document,
    theirs: Document,
    choices: Mapping[str, str] | None = None,
) -> Merge:
    """Put two texts together; `choices` settle conflicts by their ids. One without stays mine."""
    mine = _with_free_source_ids(base, mine, theirs)
    merger = _Merger(choices or {})
    for each in model.fields:
        values = (base[each.key], mine[each.key], theirs[each.key])
        merger.result.document[each.key] = merger.field(each, *values)
    return merger.result


class _Merger:
    """Merges key by key, and gathers the conflicts."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        self.choices = choices
        self.result = Merge()

    def field(self, each: Field, base: Any, mine: Any, theirs: Any) -> Any:
        """The value of a key at the top."""
        if mine == base != theirs:
            self.result.from_theirs.append(each)
        if base in (mine, theirs):  # only one of us changed it, the order of its items included
            return theirs if mine == base else mine
        if each.shape == "group":
            sides = (base, mine, theirs)
            return {
                below.key: self._value(below, below.path, *(side[below.key] for side in sides))
                for below in each.fields
            }
        if each.shape == "blocks" and _can_be_named(base, mine, theirs):
            return list(self._items(each, base, mine, theirs))
        return self._value(each, each.path, base, mine, theirs)

    def _value(self, each: Field, name: str, base: Any, mine: Any, theirs: Any) -> Any:
        side = self._side(Conflict(name, each, base, mine, theirs))
        return (
            {"mine": mine, "theirs": theirs}[side] if side != "both" else joined(base, mine, theirs)
        )

    def _side(self, values: Conflict) -> Choice:
        """Whose value it becomes."""
        if values.mine in (values.base, values.theirs):
            return "theirs"
        if values.theirs == values.base:
            return "mine"
        choice = self.choices.get(values.id)
        for each in values.choices:
            if each == choice:
                return each
        self.result.conflicts.append(values)
        return "mine"

    def _items(self, each: Field, base: Any, mine: Any, theirs: Any) -> Iterator[Document]:
        """The items of both; None is one that a side does not have."""
        sides = [{_name(item): item for item in items} for items in (base, mine, theirs)]
        for name in _order(*(list(items) for items in sides)):
            values = [items.get(name) for items in sides]
            side = self._side(Conflict(f"{each.path}/{name}", each, *values))
            if side != "mine" and values[2] is not None:
                yield values[2]
            if side != "theirs" and values[1] is not None:
                yield _as_new(values[1]) if side == "both" else values[1]


def joined(base: Any, mine: Any, theirs: Any) -> Any:
    """Both texts, theirs first; of lists what either added, without what either removed."""
    if isinstance(mine, str):
        return f"{theirs}\n\n{mine}"
    removed = [each for each in base if each not in mine]
    return [each for each in theirs if each not in removed] + [
        each for each in mine if each not in theirs and each not in base
    ]


def _as_new(item: Document) -> Document:
    """An item beside another that has its id: it gets one of its own."""
    return {key: value for key, value in item.items() if key != "id"}


def _name(item: Mapping[str, Any]) -> str:
    """What an item of a list is recognised by: its id, or else all that it says."""
    names = [item.get(key) for key in ("id", "name", "claim", "title")]
    return str(next(filter(None, names), sorted(map(str, item.values()))))


def _can_be_named(*lists: list[Document]) -> bool:
    """Whether no two items of a list go by one name."""
    return all(len({_name(item) for item in items}) == len(items) for items in lists)


def _order(base: list[str], mine: list[str], theirs: list[str]) -> list[str]:
    """The names of all items: as they have them if they moved any, else as I have them."""
    common = [name for name in base if name in theirs and name in mine]
    moved = [name for name in theirs if name in common] != common
    first, then = (theirs, mine) if moved else (mine, theirs)
    return list(dict.fromkeys([*first, *then]))


def _with_free_source_ids(base: Document, mine: Document, theirs: Document) -> Document:
    """Mine, in which no new source has the id of another new source of theirs."""
    old = {item.get("id") for item in base.get("sources", ())}
    new_there = {item.get("id") for item in theirs.get("sources", ())} - old
    renamed: dict[Any, str] = {}
    sources = list(mine.get("sources", ()))
    for index, item in enumerate(sources):
        if item.get("id") in new_there and item not in theirs["sources"]:
            renamed[item["id"]] = free_source_id([*sources, *theirs["sources"]])
            sources[index] = {**item, "id": renamed[item["id"]]}
    if not renamed:
        return mine
    findings = [
        {**each, "source": renamed.get(each.get("source"), each.get("source"))}
        for each in mine["findings"]
    ]
    return {**mine, "sources": sources, "findings": findings}
