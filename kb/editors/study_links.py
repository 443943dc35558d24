"""Links of public questions and reviews to studies, as far as these are public.

Their texts name the studies by id, also one that was withdrawn: its link comes back with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing, current_ids
from kb.cases.model import Question, QuestionStudy, Study, StudyCover, Tombstone
from kb.editors.editable_kind import ChangeEvent, NamedReference
from kb.editors.model import Revision
from kb.editors.revisions import last_public_documents
from kb.input_errors import Mistake
from kb.kinds import KindName


class Links(NamedTuple):
    """Where rows of a kind have their links to studies."""

    kind: KindName
    model: Any
    key: str  # of their documents
    relationship: str
    link: Any


LINKS = (
    Links("question", Question, "studies", "study_links", QuestionStudy),
    Links("study", Study, "covers", "cover_links", StudyCover),
)


def public_studies(session: Session, slugs: Collection[str]) -> dict[str, Study]:
    """The studies with these ids that are public, by id."""
    rows = session.scalars(select(Study).where(Study.slug.in_(slugs)))
    return {study.slug: study for study in rows}


def with_current_studies(session: Session, text: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A loaded text; studies that it names by former ids, it names by their own."""
    current = current_ids(session, "study", text[key])
    return {**text, key: [current.get(slug, slug) for slug in text[key]]}


def named_studies(session: Session, slugs: Sequence[str]) -> list[NamedReference]:
    """These studies with their titles; one that is not public by its id."""
    public = public_studies(session, slugs)
    return [NamedReference(slug, public[slug].title if slug in public else slug) for slug in slugs]


def unknown_studies(
    session: Session, thing: Thing, text: Mapping[str, Any], key: str
) -> Iterator[tuple[str, Mistake]]:
    """Studies that a text cannot name: a public one can be, and its own, when withdrawn."""
    public = public_studies(session, text[key])
    before = last_public_documents(session, thing.kind, [thing.slug]).get(thing.slug, {})
    for place, slug in enumerate(text[key]):
        is_withdrawn = session.get(Tombstone, ("study", slug)) is not None
        may_stay = is_withdrawn and slug in before.get(key, ())
        if slug == thing.slug or (slug not in public and not may_stay):
            values = {"value": slug, "expected": "study"}
            yield f"/{key}/{place}", Mistake("unknown-reference", values)


def link_studies(session: Session, kind: str, row: Any, slugs: Sequence[str]) -> None:
    """Give a row its links to those of these studies that are public, in this order."""
    links = next(each for each in LINKS if each.kind == kind)
    getattr(row, links.relationship).clear()
    session.flush()
    public = public_studies(session, slugs)
    made = [links.link(study=public[slug]) for slug in slugs if slug in public]
    setattr(row, links.relationship, made)
    session.flush()


def relink(session: Session, slug: str, *, without: bool = False) -> list[ChangeEvent]:
    """Make anew the links of all public rows whose text names a study; gives their changes.

    `without` that study, which is about to go.
    """
    events: list[ChangeEvent] = []
    for links in LINKS:
        for revision in _public_texts_naming(session, links, slug):
            row = session.scalar(select(links.model).where(links.model.slug == revision.slug))
            if row is not None:
                slugs = revision.document.get(links.key, ())
                left = [each for each in slugs if not (without and each == slug)]
                link_studies(session, links.kind, row, left)
                events.append(("updated", links.kind, revision.slug))
    return events


def _public_texts_naming(session: Session, links: Links, slug: str) -> list[Revision]:
    """The public texts of a kind that name a study."""
    quoting = select(Revision).where(
        Revision.kind == links.kind,
        Revision.state == "published",
        cast(Revision.document, String).contains(f'"{slug}"', autoescape=True),
    )
    texts = session.scalars(quoting.order_by(Revision.slug))
    return [each for each in texts if slug in each.document.get(links.key, ())]
