"""The seed: what the files of a release say, taken over through the workflow of editors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases import aliases, changes, queries
from kb.cases.aliases import Thing
from kb.cases.model import Finding, Pitfall, Question, QuestionStudy, QuestionTerm, Study, Tombstone
from kb.database import Database, now
from kb.editors import former_ids, workflow
from kb.editors.archetypes import public_archetypes
from kb.editors.revisions import OPEN_STATES, revision_in
from kb.editors.seed_files import SeedFiles
from kb.vocabulary.model import Term
from kb.vocabulary.terms import Scheme
from schemas.cases import as_document
from schemas.ids import with_new_slug
from schemas.questions import QuestionDocument
from schemas.studies import StudyDocument

Advance = Callable[[int, int], None]  # hears how many are done, of how many
SEEDER = "seed"  # the author of what comes from the files of a release
QUESTION_TERMS = {
    "strategies": "strategies",
    "ingredients": "ingredients",
    "pitfall_categories": "pitfall-categories",
    "effect_domains": "effect-domains",
}


class TermsInUse(Exception):
    """Terms have gone from the files, but published things still have them: `used`, by key."""

    def __init__(self, used: Mapping[str, list[str]]) -> None:
        super().__init__(f"{len(used)} terms are still in use")
        self.used = used


@dataclass
class SeedReport:
    """What seeding did, by ids."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)  # editors have worked on these


def seed(
    database: Database,
    files: SeedFiles,
    progress: Advance = lambda done, total: None,
    *,
    dry_run: bool = False,
) -> SeedReport:
    """Take the files over: all of them, or, when something goes wrong, none.

    Terms, studies and questions become as the files are. A case is published when it is new, or
    when its file changed and the public text was still that of an earlier seed; what an editor
    has worked on is left alone, and so is a case whose archetype an editor took away. A case that
    was renamed is taken over under its id of now. `progress`
    hears how many cases are done, of how many. Raises TermsInUse.
    """
    report, at = SeedReport(), now()
    with database.transaction() as session:
        gone = _mirror_terms(session, files.schemes, at)
        _take_studies(session, files.studies, report, at)
        _take_questions(session, files.questions, report, at)
        _let_go(session, Study, "study", files.studies, report, at)
        for done, case in enumerate(files.cases, start=1):
            _take_case(session, case, report, at)
            progress(done, len(files.cases))
        _drop_terms(session, gone)
        if dry_run:
            session.rollback()
    return report


def _take_case(session: Session, case: dict[str, Any], report: SeedReport, at: datetime) -> None:
    former = case["slug"]
    slug = aliases.current(session, [former]).get(former, former)
    case = aliases.with_current_archetype(session, with_new_slug(case, former, slug))
    public = revision_in(session, slug, "published")
    if public and public.document == as_document(case):
        report.unchanged.append(slug)
    elif (
        (public and public.author != SEEDER)
        or revision_in(session, slug, *OPEN_STATES)
        or session.get(Tombstone, slug)
        or (case["archetype"] and not public_archetypes(session, [case["archetype"]]))
    ):
        report.left_alone.append(slug)
    else:
        draft = workflow.save_draft(session, case, author=SEEDER, at=at)
        earlier = public.published_at if public else None
        workflow.publish(session, draft, at=at, revised_at=revised(case, at, earlier))
        (report.updated if public else report.created).append(slug)


def revised(document: Mapping[str, Any], at: datetime, earlier: datetime | None = None) -> datetime:
    """Of which moment a text of the files is: what its file says, as far as that can be.

    A date that is still to come, or not after that of the text it replaces, is none: then it is
    `at`, the moment of taking over.
    """
    said: datetime | None = document.get("updated_at")
    return said if said and said <= at and (earlier is None or said > earlier) else at


def _mirror_terms(session: Session, files: list[Scheme], at: datetime) -> list[Term]:
    """Make the terms in the database those of the files, and number which schemes changed.

    Gives the terms that are to go, once nothing that is still to be taken over has them.
    """
    leaving: list[Term] = []
    kept = {term.key: term for term in session.scalars(select(Term))}
    for scheme in files:
        changed: list[str] = []
        for term in scheme.terms.values():
            told = {
                "scheme": scheme.id,
                "slug": term.id,
                "label_nl": term.labels["nl"],
                "label_en": term.labels["en"],
                "definition": term.definition,
                "synonyms": {language: list(words) for language, words in term.synonyms.items()},
                "broader": term.broader and f"ingredient-groups/{term.broader}",
                "position": term.position,
            }
            row = kept.pop(f"{scheme.id}/{term.id}", None)
            if row is None:
                row = Term(key=f"{scheme.id}/{term.id}", updated_at=at)
                session.add(row)
            if any(getattr(row, name) != value for name, value in told.items()):
                changed.append(term.id)
                row.updated_at = at
                for name, value in told.items():
                    setattr(row, name, value)
        gone = [term for term in kept.values() if term.scheme == scheme.id]
        leaving += gone
        session.flush()
        changed += sorted(term.slug for term in gone)
        if changed:
            changes.record_terms(session, scheme.id, changed, at)
    return leaving


def _drop_terms(session: Session, gone: list[Term]) -> None:
    """Take away the terms that have no place in the files any more. Raises TermsInUse."""
    used = {term.key: users for term in gone if (users := queries.users_of(session, term.key))}
    if used:
        raise TermsInUse(used)
    for term in sorted(gone, key=lambda each: each.broader is None):  # a group goes last
        session.delete(term)
        session.flush()


def _take_studies(
    session: Session, documents: list[dict[str, Any]], report: SeedReport, at: datetime
) -> None:
    rows = queries.many(session, Study, [document["slug"] for document in documents])
    for document in documents:
        row = rows.get(document["slug"])
        if row and as_document(row, StudyDocument) == as_document(document, StudyDocument):
            report.unchanged.append(document["slug"])
            continue
        if row:
            before, after = (as_document(each, StudyDocument) for each in (row, document))
            former_ids.redirect(session, Thing("study", row.slug), before, after)
        study = row or Study(slug=document["slug"])
        for name in ("title", "authors", "year", "publisher", "url", "source_type", "summary"):
            setattr(study, name, document[name])
        study.unverified = document["unverified"]
        study.updated_at = revised(document, at, row.updated_at if row else None)
        study.findings.clear()
        study.pitfalls.clear()
        session.add(study)
        session.flush()
        study.findings = [Finding(**each) for each in document["findings"]]
        study.pitfalls = [Pitfall(**each) for each in document["pitfalls"]]
        session.flush()
        _record(session, "study", document["slug"], bool(row), report, at)


def _take_questions(
    session: Session, documents: list[dict[str, Any]], report: SeedReport, at: datetime
) -> None:
    _let_go(session, Question, "question", documents, report, at)
    rows = queries.many(session, Question, [document["slug"] for document in documents])
    wanted = {slug for document in documents for slug in document["studies"]}
    known = queries.many(session, Study, list(wanted))
    for position, document in enumerate(documents):
        row = rows.get(document["slug"])
        same = row and as_document(row, QuestionDocument) == as_document(document, QuestionDocument)
        if row and same and row.position == position:
            report.unchanged.append(document["slug"])
            continue
        question = row or Question(slug=document["slug"])
        for name in ("theme", "title", "answer"):
            setattr(question, name, document[name])
        question.position = position
        question.updated_at = revised(document, at, row.updated_at if row else None)
        question.study_links.clear()
        question.tags.clear()
        session.add(question)
        session.flush()
        question.study_links = [QuestionStudy(study=known[slug]) for slug in document["studies"]]
        question.tags = [
            QuestionTerm(key=f"{scheme}/{each}")
            for name, scheme in QUESTION_TERMS.items()
            for each in document[name]
        ]
        session.flush()
        _record(session, "question", document["slug"], bool(row), report, at)


def _let_go(
    session: Session,
    model: Any,
    kind: changes.Kind,
    documents: list[dict[str, Any]],
    report: SeedReport,
    at: datetime,
) -> None:
    """Take away the studies or questions that have no file any more."""
    kept = [document["slug"] for document in documents]
    for row in session.scalars(select(model).where(model.slug.not_in(kept))):
        session.delete(row)
        session.flush()
        changes.record(session, "withdrawn", kind, row.slug, at)
        report.withdrawn.append(row.slug)


def _record(
    session: Session, kind: changes.Kind, slug: str, known: bool, report: SeedReport, at: datetime
) -> None:
    changes.record(session, "updated" if known else "created", kind, slug, at)
    (report.updated if known else report.created).append(slug)
