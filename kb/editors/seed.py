"""Seeding: the files of a release become terms, studies, questions and, by workflow, cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases import aliases, changes, queries
from kb.cases.aliases import Thing
from kb.cases.model import (
    Finding,
    Pitfall,
    Question,
    QuestionStudy,
    QuestionTerm,
    Study,
    StudyCover,
    Tombstone,
)
from kb.database import Database, now
from kb.editors import owned_aliases, workflow
from kb.editors.archetypes import public_archetypes
from kb.editors.revisions import OPEN_STATES, revision_in
from kb.editors.seed_files import SeedFiles
from kb.vocabulary.model import Term
from kb.vocabulary.terms import BROADER_SCHEMES, Scheme
from schemas.cases import as_document
from schemas.ids import with_new_slug
from schemas.questions import QuestionDocument
from schemas.studies import StudyDocument

Progress = Callable[[int, int], None]  # is called with how many are done, of how many
SEED_AUTHOR = "seed"  # of seeded texts
STUDY_COLUMNS = (
    *("title", "authors", "year", "publisher", "url", "source_type", "summary"),
    *("programme", "search_terms", "unverified"),
)
QUESTION_TERMS = {
    "strategies": "strategies",
    "ingredients": "ingredients",
    "pitfall_categories": "pitfall-categories",
    "effect_domains": "effect-domains",
}


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

    Terms, studies and questions become as the files are. A case is published when it is new, or
    when its file changed and the public text is that of an earlier seed; what an editor has worked
    on is left alone, and so is a case whose archetype was withdrawn. A renamed case keeps its new
    id. `progress` is called with how many cases are done, of how many. Raises TermsInUse.
    """
    report, at = SeedReport(), now()
    with database.transaction() as session:
        removed = _write_terms(session, files.schemes, at)
        _write_studies(session, files.studies, report, at)
        _write_questions(session, files.questions, report, at)
        _delete_missing(session, Study, "study", files.studies, report, at)
        for done, case in enumerate(files.cases, start=1):
            _publish_case(session, case, report, at)
            progress(done, len(files.cases))
        _delete_terms(session, removed)
        if dry_run:
            session.rollback()
    return report


def _publish_case(session: Session, case: dict[str, Any], report: SeedReport, at: datetime) -> None:
    former = case["slug"]
    slug = aliases.current_ids(session, "case", [former]).get(former, former)
    case = aliases.with_current_archetype(session, with_new_slug(case, former, slug))
    thing = Thing("case", slug)
    public = revision_in(session, thing, "published")
    if public and public.document == as_document(case):
        report.unchanged.append(slug)
    elif (
        (public and public.author != SEED_AUTHOR)
        or revision_in(session, thing, *OPEN_STATES)
        or session.get(Tombstone, thing)
        or (case["archetype"] and not public_archetypes(session, [case["archetype"]]))
    ):
        report.left_alone.append(slug)
    else:
        draft = workflow.save_draft(session, case, author=SEED_AUTHOR, at=at)
        earlier = public.published_at if public else None
        workflow.publish(session, draft, at=at, revised_at=revised_at(case, at, earlier))
        (report.updated if public else report.created).append(slug)


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


def _write_terms(session: Session, schemes: list[Scheme], at: datetime) -> list[Term]:
    """Write the terms of the files, and number which schemes changed.

    Returns the terms that are in no file: to be deleted once nothing in the files has them.
    """
    removed: list[Term] = []
    rows = {term.key: term for term in session.scalars(select(Term))}
    for scheme in schemes:
        changed = [
            slug
            for slug in scheme.terms
            if _write_term(session, scheme, slug, rows.pop(f"{scheme.id}/{slug}", None), at)
        ]
        missing = [term for term in rows.values() if term.scheme == scheme.id]
        removed += missing
        session.flush()
        changed += sorted(term.slug for term in missing)
        if changed:
            changes.record_terms(session, scheme.id, changed, at)
    return removed


def _write_term(
    session: Session, scheme: Scheme, slug: str, row: Term | None, at: datetime
) -> bool:
    """Write a term in its row, or a new one; returns whether it changed."""
    term = scheme.terms[slug]
    values = {
        "scheme": scheme.id,
        "slug": term.id,
        "label_nl": term.labels["nl"],
        "label_en": term.labels["en"],
        "definition": term.definition,
        "synonyms": {language: list(words) for language, words in term.synonyms.items()},
        "broader": term.broader and f"{BROADER_SCHEMES[scheme.id]}/{term.broader}",
        "position": term.position,
    }
    if row is None:
        row = Term(key=f"{scheme.id}/{term.id}", updated_at=at)
        session.add(row)
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    row.updated_at = at
    for name, value in values.items():
        setattr(row, name, value)
    return True


def _delete_terms(session: Session, removed: list[Term]) -> None:
    """Delete the terms that are in no file any more. Raises TermsInUse."""
    used = {term.key: users for term in removed if (users := queries.users_of(session, term.key))}
    if used:
        raise TermsInUse(used)
    for term in sorted(removed, key=lambda each: each.broader is None):  # a group goes last
        session.delete(term)
        session.flush()


def _write_studies(
    session: Session, documents: list[dict[str, Any]], report: SeedReport, at: datetime
) -> None:
    rows = queries.many(session, Study, [document["slug"] for document in documents])
    changed: list[dict[str, Any]] = []
    for document in documents:
        row = rows.get(document["slug"])
        if row and as_document(row, StudyDocument) == as_document(document, StudyDocument):
            report.unchanged.append(document["slug"])
            continue
        if row:
            before, after = (as_document(each, StudyDocument) for each in (row, document))
            owned_aliases.alias_owned_ids(session, Thing("study", row.slug), before, after)
        study = rows[document["slug"]] = row or Study(slug=document["slug"])
        for name in STUDY_COLUMNS:
            setattr(study, name, document[name])
        study.updated_at = revised_at(document, at, row.updated_at if row else None)
        study.findings.clear()
        study.pitfalls.clear()
        study.cover_links.clear()
        session.add(study)
        session.flush()
        study.findings = [Finding(**each) for each in document["findings"]]
        study.pitfalls = [Pitfall(**each) for each in document["pitfalls"]]
        session.flush()
        _record_change(session, "study", document["slug"], bool(row), report, at)
        changed.append(document)
    for document in changed:  # now that every study which a review holds has a row
        covered = [rows[slug] for slug in document["covers"]]
        rows[document["slug"]].cover_links = [StudyCover(study=each) for each in covered]


def _write_questions(
    session: Session, documents: list[dict[str, Any]], report: SeedReport, at: datetime
) -> None:
    _delete_missing(session, Question, "question", documents, report, at)
    rows = queries.many(session, Question, [document["slug"] for document in documents])
    study_slugs = {slug for document in documents for slug in document["studies"]}
    studies = queries.many(session, Study, list(study_slugs))
    for position, document in enumerate(documents):
        row = rows.get(document["slug"])
        same = row and as_document(row, QuestionDocument) == as_document(document, QuestionDocument)
        if row and same and row.position == position:
            report.unchanged.append(document["slug"])
            continue
        question = row or Question(slug=document["slug"])
        for name in ("theme", "title", "answer", "search_terms"):
            setattr(question, name, document[name])
        question.position = position
        question.updated_at = revised_at(document, at, row.updated_at if row else None)
        question.study_links.clear()
        question.tags.clear()
        session.add(question)
        session.flush()
        question.study_links = [QuestionStudy(study=studies[slug]) for slug in document["studies"]]
        question.tags = [
            QuestionTerm(key=f"{scheme}/{each}")
            for name, scheme in QUESTION_TERMS.items()
            for each in document[name]
        ]
        session.flush()
        _record_change(session, "question", document["slug"], bool(row), report, at)


def _delete_missing(
    session: Session,
    model: Any,
    kind: changes.ChangedKind,
    documents: list[dict[str, Any]],
    report: SeedReport,
    at: datetime,
) -> None:
    """Delete the studies or questions that are in no file any more."""
    slugs = [document["slug"] for document in documents]
    for row in session.scalars(select(model).where(model.slug.not_in(slugs))):
        session.delete(row)
        session.flush()
        changes.record(session, "withdrawn", kind, row.slug, at)
        report.withdrawn.append(row.slug)


def _record_change(
    session: Session,
    kind: changes.ChangedKind,
    slug: str,
    existed: bool,
    report: SeedReport,
    at: datetime,
) -> None:
    changes.record(session, "updated" if existed else "created", kind, slug, at)
    (report.updated if existed else report.created).append(slug)
