"""Which case a row without an id is about: one that is there already, or a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.editors.imports.merging import fold
from kb.editors.model import Revision

STATES = ("draft", "submitted", "returned", "published", "withdrawn")


class Likeness(NamedTuple):
    """By what two texts are taken to be about one and the same case."""

    title: str
    municipality: str | None
    start_year: float | None


def likeness(document: Mapping[str, Any]) -> Likeness | None:
    """The likeness of a document; None when it has no title."""
    title, place = document.get("title"), document.get("place")
    if not isinstance(title, str) or not fold(title):
        return None
    name = place.get("municipality") if isinstance(place, Mapping) else None
    year = document.get("startYear")
    number = year if isinstance(year, (int, float)) and not isinstance(year, bool) else None
    return Likeness(fold(title), fold(name) if isinstance(name, str) else None, number)


class KnownCases:
    """The cases that are there, by title."""

    def __init__(self, session: Session) -> None:
        self._slugs: dict[str, dict[str, set[Likeness]]] = defaultdict(dict)
        told = Revision.document
        asked = select(
            Revision.slug,
            told["title"].as_string(),
            told["place"]["municipality"].as_string(),
            told["startYear"].as_integer(),
        ).where(Revision.state.in_(STATES))
        for slug, title, municipality, year in session.execute(asked.order_by(Revision.id)):
            place = {"municipality": municipality}
            self.add(slug, {"title": title, "place": place, "startYear": year})

    def add(self, slug: str, document: Mapping[str, Any]) -> None:
        """Know of a case from here on."""
        if like := likeness(document):
            self._slugs[like.title].setdefault(slug, set()).add(like)

    def same(self, document: Mapping[str, Any]) -> str | None:
        """The case with this title, municipality and first year, when all three are known."""
        like = likeness(document)
        if like is None or None in like:
            return None
        return next((slug for slug, all_ in self._of(like) if like in all_), None)

    def namesakes(self, document: Mapping[str, Any]) -> Collection[str]:
        """The cases with this title."""
        like = likeness(document)
        return [slug for slug, _ in self._of(like)] if like else []

    def _of(self, like: Likeness) -> Iterator[tuple[str, set[Likeness]]]:
        yield from self._slugs.get(like.title, {}).items()
