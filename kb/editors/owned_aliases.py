"""Ids of pitfalls and findings that a new text leaves out: they lead on, so no link breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from rapidfuzz import fuzz
from sqlalchemy.orm import Session

from kb.cases import aliases
from kb.cases.aliases import Thing

Document = Mapping[str, Any]
OWNED_KINDS = {  # by key: the kind, and the keys of title and text of an item
    "pitfalls": ("pitfall", "title", "description"),
    "findings": ("finding", "claim", ""),
}
MIN_SIMILARITY = 60  # of 100: of two titles, when one has replaced the other


class OwnedItem(NamedTuple):
    """The title (or claim) and the text of a pitfall or finding."""

    title: str
    text: str | None


def alias_owned_ids(session: Session, owner: Thing, before: Document, after: Document) -> None:
    """Let the ids that only the earlier public document has lead to what replaced them.

    That is the most similar new item, or else the owner. An id that is in use again is no alias.
    """
    for key, (kind, title, text) in OWNED_KINDS.items():
        old, new = (
            {each["id"]: OwnedItem(each[title], each.get(text)) for each in document.get(key, ())}
            for document in (before, after)
        )
        aliases.remove(session, kind, new.keys() - old.keys())
        added = {slug: item for slug, item in new.items() if slug not in old}
        removed = {slug: item for slug, item in old.items() if slug not in new}
        aliases.add(session, _targets(owner, kind, removed, added))


def _targets(
    owner: Thing, kind: str, removed: Mapping[str, OwnedItem], added: Mapping[str, OwnedItem]
) -> Iterator[tuple[Thing, Thing]]:
    """Each removed item, and where its id leads."""
    for slug, item in removed.items():
        best = max(added, key=lambda each: _similarity(item, added[each]), default=None)
        is_replaced = best is not None and _similarity(item, added[best]) >= MIN_SIMILARITY
        yield Thing(kind, slug), Thing(kind, best) if best and is_replaced else owner


def _similarity(old: OwnedItem, new: OwnedItem) -> float:
    """From 0 to 200: how alike the titles are, and 100 more when the text is the same."""
    title = fuzz.ratio(old.title.casefold(), new.title.casefold())
    return title + (100 if old.text and old.text == new.text else 0)
