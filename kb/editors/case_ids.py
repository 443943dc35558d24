"""The ids of cases and studies: which are taken, which are free, and which nobody knows."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain, count

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases import aliases
from kb.cases.model import Case, Study, Tombstone
from kb.editors.model import Revision
from kb.editors.revisions import is_available
from kb.problems import NotFound, Renamed, UnknownId
from kb.translation import N_

MAX_BASE_LENGTH = 74  # characters of an id before a number is added to it, which has 80 at most


def is_taken(session: Session, slug: str) -> bool:
    """Whether a case or study has, or had, this id."""
    return slug in _slugs_starting_with(session, slug)


def free_slug(session: Session, wanted: str, reserved: Collection[str] = ()) -> str:
    """An id that no case or study has or had: `wanted`, or that with `-2` or more behind it."""
    base = wanted[:MAX_BASE_LENGTH].rstrip("-")
    taken = _slugs_starting_with(session, base) | {*reserved}
    numbered = (f"{base}-{number}" for number in count(2))
    return next(each for each in chain([wanted], numbered) if each not in taken)


def exists(session: Session, slug: str) -> bool:
    """Whether a case or study has this id, or a draft of it was discarded lately.

    The former id of a renamed case does not exist any more.
    """
    if aliases.target_of(session, "case", slug):
        return False
    revisions = session.scalars(select(Revision).where(Revision.slug == slug))
    return any(is_available(each) for each in revisions) or is_taken(session, slug)


def was_written(session: Session, slug: str) -> bool:
    """Whether a case or study has, or had, this id, and it was not renamed."""
    return is_taken(session, slug) and aliases.target_of(session, "case", slug) is None


def unknown_id(session: Session, slug: str) -> NotFound:
    """The problem of an id that no case has; it suggests ids of drafts too, for editors."""
    if moved := aliases.target_of(session, "case", slug):
        return Renamed(slug, moved.slug)
    slugs = {*session.scalars(select(Case.slug)), *session.scalars(select(Revision.slug))}
    return UnknownId(slug, sorted(slugs))


def unknown_version(session: Session, slug: str, number: int) -> NotFound:
    """The problem of a version that there never was, of a case that may not exist either."""
    if not exists(session, slug):
        return unknown_id(session, slug)
    return NotFound(N_("The case “%(id)s” has no version %(number)s."), id=slug, number=number)


def _slugs_starting_with(session: Session, beginning: str) -> set[str]:
    """All ids with this beginning that are or were in use; those of discarded drafts are free."""
    columns = (Case.slug, Tombstone.slug, Study.slug, aliases.Alias.slug)
    statements = [
        select(column).where(column.startswith(beginning, autoescape=True)) for column in columns
    ]
    written = select(Revision.slug).where(Revision.state != "discarded")
    statements.append(written.where(Revision.slug.startswith(beginning, autoescape=True)))
    return {slug for statement in statements for slug in session.scalars(statement)}
