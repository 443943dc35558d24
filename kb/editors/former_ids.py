"""What a text no longer owns: its ids lead to what took their place, or to the owner."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from kb.cases import aliases
from kb.cases.aliases import Thing

Document = Mapping[str, Any]
OWNED = {"pitfalls": ("pitfall", "title", "description"), "findings": ("finding", "claim", "")}
ALIKE = 0.6  # of two titles, when one of them took the place of the other


class Words(NamedTuple):
    """What an owned item is called, and its text."""

    title: str
    text: str | None


def redirect(session: Session, owner: Thing, before: Document, after: Document) -> None:
    """Let the ids that a public text of a case or study had lead on from the text after it.

    An id that is in use again leads nowhere any more.
    """
    for key, (kind, title, text) in OWNED.items():
        old, new = (
            {each["id"]: Words(each[title], each.get(text)) for each in document.get(key, ())}
            for document in (before, after)
        )
        aliases.forget(session, kind, new.keys() - old.keys())
        made = {slug: words for slug, words in new.items() if slug not in old}
        gone = {slug: words for slug, words in old.items() if slug not in new}
        aliases.lead(session, _ways(owner, kind, gone, made))


def _ways(
    owner: Thing, kind: str, gone: Mapping[str, Words], made: Mapping[str, Words]
) -> Iterator[tuple[Thing, Thing]]:
    for slug, words in gone.items():
        best = max(made, key=lambda each: _likeness(words, made[each]), default=None)
        is_same = best is not None and _likeness(words, made[best]) >= ALIKE
        yield Thing(kind, slug), Thing(kind, best) if best and is_same else owner


def _likeness(old: Words, new: Words) -> float:
    """From 0 to 2: how much two items tell the same."""
    title = difflib.SequenceMatcher(None, old.title.casefold(), new.title.casefold()).ratio()
    return title + (1.0 if old.text and old.text == new.text else 0.0)
