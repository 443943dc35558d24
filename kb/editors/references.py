"""References in saved texts: they follow a thing that gets another id."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, cast, select
from sqlalchemy.orm import Session

from kb.editors.model import Revision, RevisionEvent, new_etag
from kb.editors.revisions import OPEN_STATES


def rewrite_references(
    session: Session, kinds: Collection[str], key: str, slug: str, new: str
) -> None:
    """Put the new id where saved texts of these kinds name the former one under this key."""
    of_kinds = select(Revision).where(Revision.kind.in_(kinds))
    for revision in session.scalars(of_kinds.where(_quotes(Revision.document, slug))):
        if _names(revision.document, key, slug):
            revision.document = _renamed(revision.document, key, slug, new)
            if revision.state in OPEN_STATES:
                revision.etag = new_etag()
    events = select(RevisionEvent).join(Revision, Revision.id == RevisionEvent.revision_id)
    replaced = events.where(Revision.kind.in_(kinds), _quotes(RevisionEvent.replaced, slug))
    for event in session.scalars(replaced):
        if event.replaced and _names(event.replaced, key, slug):
            event.replaced = _renamed(event.replaced, key, slug, new)


def _quotes(document: Any, slug: str) -> ColumnElement[bool]:
    """The condition that an id stands somewhere in a document: few do, and those are read."""
    return cast(document, String).contains(f'"{slug}"', autoescape=True)


def _names(document: Mapping[str, Any], key: str, slug: str) -> bool:
    """Whether a document names a thing under a key: an id, or a list of ids."""
    value = document.get(key)
    return value == slug or (isinstance(value, list) and slug in value)


def _renamed(document: Mapping[str, Any], key: str, slug: str, new: str) -> dict[str, Any]:
    value = document[key]
    if isinstance(value, list):
        return {**document, key: [new if each == slug else each for each in value]}
    return {**document, key: new}
