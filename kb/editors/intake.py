"""The seed and the export: files → the same schemas and workflow as editors, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases import changes, queries
from kb.cases.model import Finding, Pitfall, Question, QuestionStudy, QuestionTerm, Study, Tombstone
from kb.database import Database, now
from kb.editors import workflow
from kb.problems import Mistake, nearest
from kb.vocabulary.model import Term
from kb.vocabulary.terms import SCHEMES, Scheme, field_words, read_scheme, schemes
from schemas import cases, studies
from schemas.base import mistakes
from schemas.cases import CaseDocument, as_document
from schemas.questions import QuestionDocument
from schemas.studies import StudyDocument
from schemas.vocabularies import SchemeFile

Advance = Callable[[int, int], None]  # hears how many are done, of how many
SEEDER = "seed"  # the author of what comes from the files of a release
QUESTION_TERMS = {
    "strategies": "strategies",
    "ingredients": "ingredients",
    "pitfall_categories": "pitfall-categories",
    "effect_domains": "effect-domains",
}


@dataclass(frozen=True)
class Broken:
    """A mistake in a file, and where in it: a JSON Pointer."""

    path: Path
    pointer: str
    mistake: Mistake


class BrokenFiles(Exception):
    """Files cannot be taken over; `found` is everything that is wrong with all of them."""

    def __init__(self, found: list[Broken]) -> None:
        super().__init__(f"{len(found)} mistakes")
        self.found = found


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


@dataclass(frozen=True)
class SeedFiles:
    """The content of a seed folder, checked."""

    schemes: list[Scheme]
    studies: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    cases: list[dict[str, Any]]  # archetypes first


def read_folder(folder: Path) -> SeedFiles:
    """Read and check every file of a seed folder. Raises BrokenFiles with all mistakes."""
    reader = _Reader()
    terms = reader.load_terms(folder / "terms")
    found_studies = [
        (path, study)
        for path in sorted((folder / "studies").glob("*.json"))
        if (study := reader.load(path, StudyDocument(), studies.open_problems))
    ]
    found_cases = [
        (path, case)
        for path in sorted((folder / "cases").glob("*.json"))
        if (case := reader.load(path, CaseDocument(), cases.open_problems))
    ]
    questions = reader.load_list(folder / "questions.json", QuestionDocument())
    reader.refer(found_cases, found_studies, questions, folder / "questions.json")
    if reader.broken:
        raise BrokenFiles(reader.broken)
    return SeedFiles(
        [read_scheme(SchemeFile().dump(scheme)) for scheme in terms],
        [study for _, study in found_studies],
        questions,
        sorted((case for _, case in found_cases), key=lambda case: case["kind"] != "archetype"),
    )


class _Reader:
    """Reads files and keeps what is wrong with them."""

    def __init__(self) -> None:
        self.broken: list[Broken] = []

    def load(
        self,
        path: Path,
        schema: Schema,
        check: Callable[[Mapping[str, Any]], Iterator[tuple[str, Mistake]]] = lambda document: iter(
            ()
        ),
    ) -> dict[str, Any] | None:
        """The document in a file; None when something is wrong with it."""
        before = len(self.broken)
        told = self._json(path)
        document = None if len(self.broken) > before else self._checked(path, schema, told, "")
        if document is None:
            return None
        self.broken += [Broken(path, at, mistake) for at, mistake in check(document)]
        if document.get("slug", document.get("id")) != path.stem:
            self.broken.append(
                Broken(path, "/id", Mistake("inconsistent", {"reason": "file-name"}))
            )
        return document if len(self.broken) == before else None

    def load_list(self, path: Path, schema: Schema) -> list[dict[str, Any]]:
        """The documents in a file that holds an array of them."""
        before = len(self.broken)
        listed = self._json(path)
        if not isinstance(listed, list):
            if len(self.broken) == before:
                self.broken.append(Broken(path, "", Mistake("wrong-type", {"expected": "list"})))
            return []
        loaded = [self._checked(path, schema, each, f"/{n}") for n, each in enumerate(listed)]
        documents = [document for document in loaded if document is not None]
        self._once(path, "/{}/id", [each["slug"] if each else None for each in loaded])
        return documents

    def load_terms(self, folder: Path) -> list[dict[str, Any]]:
        """The schemes in their files: every term once, and below a group that is there."""
        found: dict[str, dict[str, Any]] = {}
        for name in SCHEMES:
            path = folder / f"{name}.json"
            if scheme := self.load(path, SchemeFile()):
                found[name] = scheme
                self._once(path, "/terms/{}/id", [term["id"] for term in scheme["terms"]])
        if groups := found.get("ingredient-groups"):
            known = [term["id"] for term in groups["terms"]]
            for name, scheme in found.items():
                for place, term in enumerate(scheme["terms"]):
                    if term["broader"] is not None and term["broader"] not in known:
                        path, pointer = folder / f"{name}.json", f"/terms/{place}/broader"
                        self._unknown(path, pointer, "term-reference", term["broader"], known)
        return list(found.values())

    def _once(self, path: Path, pointer: str, ids: list[str | None]) -> None:
        """Tell each id that stands in the list again; `pointer` has a place for its place."""
        for place, each in enumerate(ids):
            if each is not None and each in ids[:place]:
                mistake = Mistake("duplicate", {"value": each})
                self.broken.append(Broken(path, pointer.format(place), mistake))

    def refer(
        self,
        found_cases: list[tuple[Path, dict[str, Any]]],
        found_studies: list[tuple[Path, dict[str, Any]]],
        questions: list[dict[str, Any]],
        questions_path: Path,
    ) -> None:
        """Check what files say of each other."""
        archetypes = [case["slug"] for _, case in found_cases if case["kind"] == "archetype"]
        for path, case in found_cases:
            if case["archetype"] and case["archetype"] not in archetypes:
                self._unknown(path, "/archetype", "archetype", case["archetype"], archetypes)
        taken = {case["slug"] for _, case in found_cases}
        for path, study in found_studies:
            if study["slug"] in taken:  # what they own would come to the same ids
                mistake = Mistake("duplicate", {"value": study["slug"]})
                self.broken.append(Broken(path, "/id", mistake))
        known = [study["slug"] for _, study in found_studies]
        for place, question in enumerate(questions):
            for number, study in enumerate(question["studies"]):
                if study not in known:
                    pointer = f"/{place}/studies/{number}"
                    self._unknown(questions_path, pointer, "study", study, known)

    def _unknown(self, path: Path, pointer: str, kind: str, slug: str, known: list[str]) -> None:
        values = {"value": slug, "expected": kind}
        mistake = Mistake("unknown-reference", values, nearest(slug, known))
        self.broken.append(Broken(path, pointer, mistake))

    def _json(self, path: Path) -> Any:
        try:
            return strict_json(path.read_text("utf-8"))
        except FileNotFoundError:
            self.broken.append(Broken(path, "", Mistake("required")))
        except ValueError as error:
            self.broken.append(Broken(path, "", Mistake("invalid-json", {"reason": str(error)})))
        return None

    def _checked(self, path: Path, schema: Schema, told: Any, at: str) -> dict[str, Any] | None:
        try:
            loaded: dict[str, Any] = schema.load(told)
        except ValidationError as error:
            self.broken += [
                Broken(path, at + pointer, mistake)
                for pointer, mistake in mistakes(error.messages, schema)
            ]
            return None
        return loaded


def strict_json(text: str) -> Any:
    """JSON without duplicate keys, NaN or Infinity. Raises ValueError with a reason."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        told = dict(pairs)
        if len(told) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"the key {twice!r} stands in one object twice")
        return told

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except RecursionError:
        raise ValueError("its lists and objects lie too deep in each other") from None


def seed(
    database: Database,
    files: SeedFiles,
    progress: Advance = lambda done, total: None,
) -> SeedReport:
    """Take the files over: all of them, or, when something goes wrong, none.

    Terms, studies and questions become as the files are. A case is published when it is new, or
    when its file changed and the public text was still that of an earlier seed; what an editor
    has worked on is left alone, and so is a case whose archetype an editor took away. `progress`
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
    return report


def _take_case(session: Session, case: dict[str, Any], report: SeedReport, at: datetime) -> None:
    slug = case["slug"]
    public = workflow.revision_in(session, slug, "published")
    if public and public.document == as_document(case):
        report.unchanged.append(slug)
    elif (
        (public and public.author != SEEDER)
        or workflow.revision_in(session, slug, *workflow.OPEN)
        or session.get(Tombstone, slug)
        or (case["archetype"] and not workflow.archetype(session, case["archetype"]))
    ):
        report.left_alone.append(slug)
    else:
        draft = workflow.save_draft(session, case, author=SEEDER, at=at)
        workflow.publish(session, draft, at=at)
        (report.updated if public else report.created).append(slug)


def _mirror_terms(session: Session, files: list[Scheme], at: datetime) -> list[Term]:
    """Make the terms in the database those of the files, and number which schemes changed.

    Gives the terms that are to go, once nothing that is still to be taken over has them.
    """
    leaving: list[Term] = []
    kept = {term.key: term for term in session.scalars(select(Term))}
    for scheme in files:
        changed = False
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
                changed, row.updated_at = True, at
                for name, value in told.items():
                    setattr(row, name, value)
        gone = [term for term in kept.values() if term.scheme == scheme.id]
        leaving += gone
        session.flush()
        if changed or gone:
            changes.record(session, "updated", "vocabulary", scheme.id, at)
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
    rows = queries.many(session, "study", [document["slug"] for document in documents])
    for document in documents:
        row = rows.get(document["slug"])
        if row and as_document(row, StudyDocument) == as_document(document, StudyDocument):
            report.unchanged.append(document["slug"])
            continue
        study = row or Study(slug=document["slug"])
        for name in ("title", "authors", "year", "publisher", "url", "source_type", "summary"):
            setattr(study, name, document[name])
        study.unverified, study.updated_at = document["unverified"], at
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
    rows = queries.many(session, "question", [document["slug"] for document in documents])
    wanted = {slug for document in documents for slug in document["studies"]}
    known = queries.many(session, "study", list(wanted))
    for position, document in enumerate(documents):
        row = rows.get(document["slug"])
        same = row and as_document(row, QuestionDocument) == as_document(document, QuestionDocument)
        if row and same and row.position == position:
            report.unchanged.append(document["slug"])
            continue
        question = row or Question(slug=document["slug"])
        for name in ("theme", "title", "answer"):
            setattr(question, name, document[name])
        question.position, question.updated_at = position, at
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


def export(database: Database, folder: Path) -> int:
    """Write the public knowledge as the files that seeding reads; tells how many files."""
    with database.reading() as session:
        files: dict[str, Any] = {
            f"{directory}/{thing.slug}.json": as_document(thing, schema)
            for directory, kind, schema in (
                ("cases", "case", CaseDocument),
                ("studies", "study", StudyDocument),
            )
            for thing in queries.every(session, kind)
        }
        questions = sorted(queries.every(session, "question"), key=lambda each: each.position)
        files["questions.json"] = [as_document(each, QuestionDocument) for each in questions]
    for scheme in schemes().values():
        told = {**vars(scheme), "terms": scheme.in_order}
        files[f"terms/{scheme.id}.json"] = SchemeFile().dump(told)
    files["words.json"] = vars(field_words())
    for name, document in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return len(files)
