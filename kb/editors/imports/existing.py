"""What exists of a case already, when a row of an import is about it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases.model import Case, Tombstone
from kb.database import format_utc
from kb.editors.model import Revision, RevisionEvent
from kb.editors.revisions import NEVER_PUBLISHED, OPEN_STATES, publications_of

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Existing:
    """The texts of a case, and what is known of it."""

    draft: Revision | None
    public: Revision | None
    withdrawn: Revision | None  # the last text that was public, when none is now
    read_only: Document  # version, publishedAt and updatedAt, as in JSON
    has_tombstone: bool
    is_study: bool  # it is a study that has this id
    writers: frozenset[str]  # who saved a text of its draft
    unverified: tuple[str, ...]  # keys of the public text that nobody has checked since

    @property
    def without_draft(self) -> Existing:
        """The same, as if nobody were writing in it."""
        return replace(self, draft=None)

    def as_stored(self, case: dict[str, Any]) -> dict[str, Any]:
        """A loaded text; one that calls unverified what readers see so, as the public text does.

        A check takes a key away for readers, and leaves the text as it is.
        """
        stored = self.public.document.get("unverified") if self.public else None
        if stored is None or set(case.get("unverified") or ()) != set(self.unverified):
            return case
        return {**case, "unverified": stored}

    @property
    def before(self) -> Document | None:
        """The document that a new one replaces: of the draft, or else the public one."""
        newest = self.draft or self.public
        return newest.document if newest else None

    @property
    def base(self) -> Document | None:
        """The document that keeps what a row leaves out."""
        return self.before or (self.withdrawn.document if self.withdrawn else None)

    @property
    def basis(self) -> str | None:
        """Names the texts of now: another one as soon as somebody changes one of them."""
        newest = self.draft or self.public or self.withdrawn
        if newest is None:
            return None
        named = (newest.id, newest.state, self.public and self.public.id, newest.document)
        return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()[:16]

    def has(self, document: Document, *, public: bool) -> bool:
        """Whether this is the document already: the public one, or else that of the draft."""
        same = self.public if public else self.draft or self.public
        return same is not None and same.document == document

    def has_unread_edits(self, author: str, row: Document) -> bool:
        """Whether others wrote in the draft, and the row does not show that it was read since."""
        if self.draft is None or self.writers <= {author}:
            return False
        draft = row.get("_draft")
        saved_at = format_utc(self.draft.saved_at)
        return not isinstance(draft, Mapping) or draft.get("savedAt") != saved_at


def load_existing(session: Session, slugs: Collection[str]) -> dict[str, Existing]:
    """What exists of these cases, by id; others who write them wait until the commit."""
    states = (*OPEN_STATES, "published", "withdrawn")
    statement = select(Revision).where(
        Revision.kind == "case", Revision.slug.in_(slugs), Revision.state.in_(states)
    )
    statement = statement.order_by(Revision.id).with_for_update()
    revisions = list(session.scalars(statement.execution_options(populate_existing=True)))
    drafts = {each.slug: each for each in revisions if each.state in OPEN_STATES}
    public = {each.slug: each for each in revisions if each.state == "published"}
    withdrawn = {each.slug: each for each in revisions if each.state == "withdrawn"}
    publications = publications_of(session, "case", slugs)
    withdrawn_slugs = select(Tombstone.slug).where(
        Tombstone.kind == "case", Tombstone.slug.in_(slugs)
    )
    tombstones = set(session.scalars(withdrawn_slugs))
    of_studies = select(Revision.slug).where(
        Revision.kind == "study", Revision.slug.in_(slugs), Revision.state != "discarded"
    )
    studies = set(session.scalars(of_studies))
    writers = _writers(session, list(drafts.values()))
    of_public = select(Case.slug, Case.unverified).where(Case.slug.in_(slugs))
    unverified = {slug: keys for slug, keys in session.execute(of_public)}
    return {
        slug: Existing(
            drafts.get(slug),
            public.get(slug),
            withdrawn.get(slug),
            publications.get(slug, NEVER_PUBLISHED).as_json(),
            slug in tombstones,
            slug in studies,
            frozenset(writers.get(slug, ())),
            tuple(unverified.get(slug, ())),
        )
        for slug in slugs
    }


def _writers(session: Session, drafts: Collection[Revision]) -> dict[str, set[str]]:
    """Who saved a text of these drafts, by the ids of their cases."""
    writers: dict[str, set[str]] = defaultdict(set)
    slugs = {draft.id: draft.slug for draft in drafts}
    statement = select(RevisionEvent.revision_id, RevisionEvent.who).where(
        RevisionEvent.revision_id.in_(slugs), RevisionEvent.what == "saved"
    )
    for revision_id, who in session.execute(statement) if slugs else ():
        writers[slugs[revision_id]].add(who)
    for draft in drafts:
        writers[draft.slug].add(draft.author)
    return writers
