"""What was checked, and which public things have keys that were not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import String, and_, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.cases.model import Case, Study
from kb.editors.model import Revision
from kb.editors.revisions import revision_in
from kb.editors.verifications.digests import Check, digest_of, unverified_keys
from kb.editors.verifications.model import Verification

MODELS: dict[str, Any] = {"case": Case, "study": Study}  # whose texts name unverified keys


class UnverifiedThing(NamedTuple):
    """A public thing with keys that nobody has checked."""

    type: str
    slug: str
    title: str
    unverified: list[str]
    updated_at: datetime
    version: int
    author: str


def verifications_of(session: Session, thing: Thing) -> list[Verification]:
    """Everything that was checked of a thing, the newest first."""
    of_thing = select(Verification).where(
        Verification.kind == thing.kind, Verification.slug == thing.slug
    )
    return list(session.scalars(of_thing.order_by(Verification.id.desc())))


def checks_of(session: Session, kind: str, slugs: Collection[str]) -> dict[str, list[Check]]:
    """What was checked of these things, by id; not of those of which nothing was."""
    columns = (Verification.slug, Verification.key, Verification.digest)
    rows = session.execute(
        select(*columns).where(Verification.kind == kind, Verification.slug.in_(slugs))
    )
    checks: dict[str, list[Check]] = {}
    for slug, key, digest in rows:
        checks.setdefault(slug, []).append((key, digest))
    return checks


def checks_in_force(session: Session, thing: Thing) -> list[Verification]:
    """The newest check of each key whose public value is the one that was checked."""
    every = verifications_of(session, thing)
    public = revision_in(session, thing, "published") if every else None
    if public is None:
        return []
    in_force: dict[str, Verification] = {}
    for each in every:
        if each.key not in in_force and digest_of(public.document, each.key) == each.digest:
            in_force[each.key] = each
    return list(in_force.values())


def refresh_rows(session: Session, kind: str, revisions: Sequence[Revision]) -> None:
    """Put in the public rows of these texts which keys nobody has checked."""
    checks = checks_of(session, kind, [each.slug for each in revisions])
    for revision in revisions:
        if revision.slug in checks:
            _refresh(session, revision, checks[revision.slug])


def refresh_row(session: Session, thing: Thing) -> None:
    """Put in the public row of a thing which keys nobody has checked, also when nothing is left."""
    public = revision_in(session, thing, "published")
    if public is not None:
        checks = checks_of(session, thing.kind, [thing.slug]).get(thing.slug, [])
        _refresh(session, public, checks)


def _refresh(session: Session, revision: Revision, checks: Sequence[Check]) -> None:
    model = MODELS[revision.kind]
    row = session.scalars(select(model).where(model.slug == revision.slug)).one()
    row.unverified = unverified_keys(revision.document, checks)


def list_unverified(
    session: Session,
    *,
    types: Collection[str],
    authors: Collection[str],
    skip: int,
    limit: int,
) -> tuple[list[UnverifiedThing], int]:
    """Public things with unverified keys, those that changed longest ago first; and how many."""
    parts = []
    for kind, model in MODELS.items():
        if types and kind not in types:
            continue
        is_public = and_(
            Revision.kind == kind, Revision.slug == model.slug, Revision.state == "published"
        )
        part = select(
            literal(kind).label("type"), model.slug, model.title, model.unverified,
            model.updated_at, Revision.version, Revision.author,
        ).join(Revision, is_public)  # fmt: skip
        part = part.where(cast(model.unverified, String) != "[]")
        parts.append(part.where(Revision.author.in_(authors)) if authors else part)
    if not parts:
        return [], 0
    every = union_all(*parts).subquery()
    total = session.scalar(select(func.count()).select_from(every)) or 0
    page = select(every).order_by(every.c.updated_at, every.c.type, every.c.slug)
    rows = session.execute(page.offset(skip).limit(limit))
    return [UnverifiedThing(*row) for row in rows], total
