"""Archetypes (kinds of project) and the public cases that are examples of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.cases.aliases import Thing
from kb.cases.model import Case, Tombstone
from kb.editors.model import Revision
from kb.editors.revisions import is_of


def public_archetypes(session: Session, slugs: Collection[str | None]) -> dict[str, Case]:
    """The public archetypes with these ids, by id."""
    wanted = {slug for slug in slugs if slug}
    if not wanted:
        return {}
    rows = session.scalars(select(Case).where(Case.slug.in_(wanted), Case.kind == "archetype"))
    return {case.slug: case for case in rows}


def examples_of(session: Session, archetype: Case) -> list[Case]:
    """The public cases of an archetype."""
    return list(session.scalars(select(Case).where(Case.archetype_id == archetype.id)))


def examples_waiting_for(session: Session, slug: str) -> Sequence[Case]:
    """The public cases that name this id, which is of no public archetype as yet."""
    statement = select(Case).where(
        Case.archetype_slug == slug, Case.archetype_id.is_(None), Case.slug != slug
    )
    return session.scalars(statement.order_by(Case.slug)).all()


def changed_examples(
    session: Session, case: Case | None, document: Mapping[str, Any], at: datetime
) -> list[str]:
    """The ids of other cases that show another text once `case` gets this loaded document.

    They are the examples of an archetype with another title. When it is no archetype any more,
    they are released here, and numbered as changes.
    """
    if case is None or case.kind != "archetype":
        return []
    if document["kind"] != "archetype":
        release_examples(session, case, at)
        return []
    if case.title == document["title"]:
        return []
    return [example.slug for example in examples_of(session, case)]


def release_examples(session: Session, archetype: Case, at: datetime) -> None:
    """Let the cases of an archetype go on without it; they keep its id for when it is back."""
    for example in examples_of(session, archetype):
        example.archetype = None
        session.flush()
        changes.record(session, "updated", "case", example.slug, at)


def names_withdrawn_archetype(session: Session, slug: str, archetype: str) -> bool:
    """Whether the last published text of a case names this archetype, which was withdrawn since."""
    last = select(Revision).where(is_of(Thing("case", slug)), Revision.version.is_not(None))
    published = session.scalar(last.order_by(Revision.version.desc()).limit(1))
    return bool(
        published
        and published.document["archetype"] == archetype != slug
        and session.get(Tombstone, ("case", archetype))
    )
