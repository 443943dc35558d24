"""Seeding: the files of a release become terms and, by workflow, studies, questions and cases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases import aliases, changes, queries
from kb.cases.aliases import Thing
from kb.cases.model import Question, Tombstone
from kb.database import Database, now
from kb.editors import workflow
from kb.editors.access import SEED_AUTHOR
from kb.editors.archetypes import public_archetypes
from kb.editors.case_texts import CASE
from kb.editors.editable_kind import EditableKind
from kb.editors.model import Revision
from kb.editors.publishing import publish_all
from kb.editors.question_texts import QUESTION
from kb.editors.revisions import OPEN_STATES, events_of, revision_in
from kb.editors.seed_files import SeedFiles
from kb.editors.study_links import public_studies
from kb.editors.study_texts import STUDY
from kb.editors.terms.seed import write_terms
from kb.editors.thing_ids import is_taken
from kb.vocabulary.model import Term
from schemas.ids import with_new_slug

Progress = Callable[[int, int], None]  # is called with how many are done, of how many
NOT_IN_FILES = "Staat niet meer in de bestanden van deze uitgave."  # why something was withdrawn


class TermsInUse(Exception):
    """Terms are not in the files any more, but published things have them: `used`, by key."""

    def __init__(self, used: Mapping[str, list[str]]) -> None:
        super().__init__(f"{len(used)} terms are still in use")
        self.used = used


@dataclass
class SeedReport:
    """The ids of what seeding wrote, and did not write."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)  # editors have worked on these


def seed(
    database: Database,
    files: SeedFiles,
    progress: Progress = lambda done, total: None,
    *,
    dry_run: bool = False,
) -> SeedReport:
    """Write the files to the database: all of them, or, when something goes wrong, none.

    Terms become as the files are. A text is published when it is new, or when its file changed and
    the public text is that of an earlier seed; what an editor has worked on is left alone, and so
    is what names something that was withdrawn. What was renamed keeps its new id. A study or
    question of an earlier seed that is in no file is withdrawn; a case stays. `progress` is called
    with how many cases are done, of how many. Raises TermsInUse.
    """
    report, at = SeedReport(), now()
    with database.transaction() as session:
        terms = write_terms(session, files.schemes, at)
        report.left_alone += terms.left_alone
        coming = {study["slug"] for study in files.studies}
        for study in _covered_first(files.studies):
            coming.discard(study["slug"])
            _publish(session, STUDY, study, report, at, coming=coming)
        _withdraw_missing(session, QUESTION, files.questions, report, at)
        _write_questions(session, files.questions, report, at)
        _withdraw_missing(session, STUDY, files.studies, report, at)
        for done, case in enumerate(files.cases, start=1):
            _publish(session, CASE, case, report, at)
            progress(done, len(files.cases))
        _delete_terms(session, terms.removed)
        if dry_run:
            session.rollback()
    return report


def _publish(
    session: Session,
    kind: EditableKind,
    text: dict[str, Any],
    report: SeedReport,
    at: datetime,
    *,
    coming: Collection[str] = (),
) -> str:
    """Publish a text of the files, unless it is public already or others decide; gives its id.

    It may name what is still `coming`: reviews that cover each other in a circle.
    """
    former: str = text["slug"]
    slug = aliases.current_ids(session, kind.name, [former]).get(former, former)
    text = kind.with_current_ids(session, with_new_slug(text, former, slug))
    thing = Thing(kind.name, slug)
    public = revision_in(session, thing, "published")
    if public and public.document == kind.as_document(text):
        report.unchanged.append(slug)
    elif (
        (public and public.author != SEED_AUTHOR)
        or revision_in(session, thing, *OPEN_STATES)
        or _withdrawn_by_an_editor(session, thing)
        or _has_an_id_of_others(session, thing)
        or _names_what_is_away(session, kind, text, coming)
    ):
        report.left_alone.append(slug)
    else:
        draft = workflow.save_draft(session, text, kind=kind.name, author=SEED_AUTHOR, at=at)
        earlier = public.published_at if public else None
        moment = revised_at(text, at, earlier)
        if {*coming}.intersection(text.get("covers", ())):
            loaded = kind.load_strictly(draft)
            publish_all(session, kind.name, [(draft, loaded)], at=at, revised_at=moment)
        else:
            workflow.publish(session, draft, at=at, revised_at=moment)
        (report.updated if public else report.created).append(slug)
    return slug


def _withdrawn_by_an_editor(session: Session, thing: Thing) -> bool:
    """Whether somebody else took it away than seeding, when it was in no file."""
    if session.get(Tombstone, thing) is None:
        return False
    last = revision_in(session, thing, "withdrawn")
    steps = events_of(session, last) if last else []
    who = next((each.who for each in reversed(steps) if each.what == "withdrawn"), None)
    return who != SEED_AUTHOR


def _has_an_id_of_others(session: Session, thing: Thing) -> bool:
    """Whether editors gave the id of something new in the files to something else."""
    states = (*OPEN_STATES, "published", "superseded", "withdrawn")
    return revision_in(session, thing, *states) is None and is_taken(session, thing)


def _names_what_is_away(
    session: Session, kind: EditableKind, text: Mapping[str, Any], coming: Collection[str]
) -> bool:
    """Whether a text names something that an editor took away, so that it must wait too."""
    if kind is CASE:
        named = text["archetype"]
        return bool(named and not public_archetypes(session, [named]))
    slugs = text["covers" if kind is STUDY else "studies"]
    return bool(set(slugs) - public_studies(session, slugs).keys() - {*coming})


def _covered_first(studies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The studies in an order in which those that a review covers come before it."""
    by_slug = {study["slug"]: study for study in studies}
    graph = {slug: sorted(set(study["covers"]) & by_slug.keys()) for slug, study in by_slug.items()}
    try:
        return [by_slug[slug] for slug in TopologicalSorter(graph).static_order()]
    except CycleError:  # reviews of each other: none of them can come last
        return studies


def revised_at(
    document: Mapping[str, Any], at: datetime, earlier: datetime | None = None
) -> datetime:
    """The moment of a text: `updatedAt` of its file, or else `at`, when it is seeded.

    A moment in the future, or not after that of the text it replaces, does not count.
    """
    updated_at: datetime | None = document.get("updated_at")
    if updated_at and updated_at <= at and (earlier is None or updated_at > earlier):
        return updated_at
    return at


def _delete_terms(session: Session, removed: list[Term]) -> None:
    """Delete the terms that are in no file any more. Raises TermsInUse."""
    used = {term.key: users for term in removed if (users := queries.users_of(session, term.key))}
    if used:
        raise TermsInUse(used)
    for term in sorted(removed, key=lambda each: each.broader is None):  # a group goes last
        session.delete(term)
        session.flush()


def _write_questions(
    session: Session, documents: list[dict[str, Any]], report: SeedReport, at: datetime
) -> None:
    """Publish the questions, and have those of the seed stand in the order of their file."""
    slugs = [_publish(session, QUESTION, document, report, at) for document in documents]
    rows = queries.many(session, Question, slugs)
    for position, slug in enumerate(slugs):
        row = rows.get(slug)
        if row is None or slug in report.left_alone or row.position == position:
            continue
        row.position = position
        if slug in report.unchanged:
            report.unchanged.remove(slug)
            report.updated.append(slug)
            changes.record(session, "updated", "question", slug, at)


def _withdraw_missing(
    session: Session,
    kind: EditableKind,
    documents: list[dict[str, Any]],
    report: SeedReport,
    at: datetime,
) -> None:
    """Withdraw the studies or questions of an earlier seed that are in no file any more."""
    slugs = {document["slug"] for document in documents}
    slugs |= set(aliases.current_ids(session, kind.name, slugs).values())
    seeded = select(Revision.slug).where(
        Revision.kind == kind.name,
        Revision.state == "published",
        Revision.author == SEED_AUTHOR,
    )
    for slug in session.scalars(seeded.order_by(Revision.slug)).all():
        thing = Thing(kind.name, slug)
        if slug in slugs or revision_in(session, thing, *OPEN_STATES):
            continue
        workflow.withdraw(session, thing, reason=NOT_IN_FILES, at=at, by=SEED_AUTHOR)
        report.withdrawn.append(slug)
