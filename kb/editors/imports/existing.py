"""What there is of a case already, when a row of an import is about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases.model import Study, Tombstone
from kb.database import format_utc
from kb.editors.model import Revision, RevisionEvent
from kb.editors.revisions import NEVER_PUBLISHED, OPEN_STATES, publications_of

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Existing:
    """What there is of a case."""

    draft: Revision | None
    public: Revision | None
    withdrawn: Revision | None  # the newest text that was public, when none is now
    facts: Json  # of its publications, as answers tell it
    has_tombstone: bool
    is_study: bool  # it is a study that has this id
    writers: frozenset[str]  # who wrote in its draft

    @property
    def before(self) -> Json | None:
        """The text that a new one comes after."""
        newest = self.draft or self.public
        return newest.document if newest else None

    @property
    def base(self) -> Json | None:
        """The text that keeps what a row leaves out."""
        return self.before or (self.withdrawn.document if self.withdrawn else None)

    def has(self, document: Json, *, public: bool) -> bool:
        """Whether this is the text already: the public one, or else that of the draft."""
        same = self.public if public else self.draft or self.public
        return same is not None and same.document == document

    def unseen_by(self, author: str, row: Json) -> bool:
        """Whether others wrote in the draft, and the row does not show that it was read since."""
        if self.draft is None or self.writers <= {author}:
            return False
        seen = row.get("_draft")
        moment = format_utc(self.draft.saved_at)
        return not isinstance(seen, Mapping) or seen.get("savedAt") != moment


def existing(session: Session, slugs: Collection[str]) -> dict[str, Existing]:
    """What there is of these cases, by id; others who write them wait for us."""
    states = (*OPEN_STATES, "published", "withdrawn")
    held = select(Revision).where(Revision.slug.in_(slugs), Revision.state.in_(states))
    held = held.order_by(Revision.id).with_for_update()
    found = list(session.scalars(held.execution_options(populate_existing=True)))
    drafts = {each.slug: each for each in found if each.state in OPEN_STATES}
    public = {each.slug: each for each in found if each.state == "published"}
    withdrawn = {each.slug: each for each in found if each.state == "withdrawn"}
    facts = {slug: each.as_json() for slug, each in publications_of(session, slugs).items()}
    never = NEVER_PUBLISHED.as_json()
    gone = set(session.scalars(select(Tombstone.slug).where(Tombstone.slug.in_(slugs))))
    studies = set(session.scalars(select(Study.slug).where(Study.slug.in_(slugs))))
    writers = _writers(session, list(drafts.values()))
    return {
        slug: Existing(
            drafts.get(slug),
            public.get(slug),
            withdrawn.get(slug),
            facts.get(slug, never),
            slug in gone,
            slug in studies,
            frozenset(writers.get(slug, ())),
        )
        for slug in slugs
    }


def _writers(session: Session, drafts: Collection[Revision]) -> dict[str, set[str]]:
    """Who saved a text of these drafts, by the ids of their cases."""
    who: dict[str, set[str]] = defaultdict(set)
    slugs = {draft.id: draft.slug for draft in drafts}
    asked = select(RevisionEvent.revision_id, RevisionEvent.who).where(
        RevisionEvent.revision_id.in_(slugs), RevisionEvent.what == "saved"
    )
    for number, name in session.execute(asked) if slugs else ():
        who[slugs[number]].add(name)
    for draft in drafts:
        who[draft.slug].add(draft.author)
    return who
