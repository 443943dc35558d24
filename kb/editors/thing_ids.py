"""The ids of cases, studies and questions: which are taken, which are free, which nobody knows."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain, count
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from kb.cases.aliases import Alias, Thing, target_of
from kb.cases.model import Tombstone
from kb.cases.queries import OWNERS
from kb.editors.model import Revision
from kb.editors.revisions import is_available, is_of
from kb.kinds import KINDS
from kb.problems import NotFound, Renamed, UnknownId
from kb.translation import N_

MAX_BASE_LENGTH = 74  # characters of an id before a number is added to it, which has 80 at most


def is_taken(session: Session, thing: Thing) -> bool:
    """Whether something has, or had, this id, so that nothing else can have it."""
    return thing.slug in _slugs_starting_with(session, thing.kind, thing.slug)


def free_slug(session: Session, wanted: Thing, reserved: Collection[str] = ()) -> str:
    """An id that nothing has or had: the one wanted, or that with `-2` or more behind it."""
    base = wanted.slug[:MAX_BASE_LENGTH].rstrip("-")
    taken = _slugs_starting_with(session, wanted.kind, base) | {*reserved}
    numbered = (f"{base}-{number}" for number in count(2))
    return next(each for each in chain([wanted.slug], numbered) if each not in taken)


def exists(session: Session, thing: Thing) -> bool:
    """Whether something has this id, or a draft of it was discarded lately.

    The former id of something that was renamed does not exist any more.
    """
    if target_of(session, *thing):
        return False
    revisions = session.scalars(select(Revision).where(is_of(thing)))
    return any(is_available(each) for each in revisions) or is_taken(session, thing)


def was_written(session: Session, thing: Thing) -> bool:
    """Whether something has, or had, this id, and it was not renamed."""
    return is_taken(session, thing) and target_of(session, *thing) is None


def unknown_id(session: Session, thing: Thing) -> NotFound:
    """The problem of an id that nothing has; it suggests ids of drafts too, for editors."""
    if moved := target_of(session, *thing):
        return Renamed(thing.slug, moved.slug)
    written = select(Revision.slug).where(Revision.kind == thing.kind)
    public = select(_model(thing.kind).slug)
    return UnknownId(thing.slug, sorted({*session.scalars(public), *session.scalars(written)}))


def unknown_version(session: Session, thing: Thing, number: int) -> NotFound:
    """The problem of a version that there never was, of a thing that may not exist either."""
    if not exists(session, thing):
        return unknown_id(session, thing)
    return NotFound(N_("“%(id)s” has no version %(number)s."), id=thing.slug, number=number)


def _model(kind: str) -> Any:
    """The public rows of a kind."""
    model = KINDS[kind].model
    assert model is not None
    return model()


def _slugs_starting_with(session: Session, kind: str, beginning: str) -> set[str]:
    """All ids with this beginning that are or were in use; those of discarded drafts are free."""
    kinds = OWNERS if kind in OWNERS else (kind,)
    statements: list[Select[str]] = [
        *(select(_model(each).slug) for each in kinds),
        select(Tombstone.slug).where(Tombstone.kind.in_(kinds)),
        select(Alias.slug).where(Alias.kind.in_(kinds)),
        select(Revision.slug).where(Revision.kind.in_(kinds), Revision.state != "discarded"),
    ]
    return {
        slug
        for statement in statements
        for slug in session.scalars(
            statement.where(statement.selected_columns[0].startswith(beginning, autoescape=True))
        )
    }
