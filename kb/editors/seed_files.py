"""The files of a release: read, and checked by the same schemas as what editors send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from kb.input_errors import Mistake
from kb.suggestions import closest_match
from kb.vocabulary.terms import BROADER_SCHEMES, SCHEMES, Scheme, read_scheme
from schemas import cases as case_schemas
from schemas import checks
from schemas import questions as question_schemas
from schemas import studies as study_schemas
from schemas.base import Schema
from schemas.cases import CaseDocument, as_document
from schemas.json_fields import UtcDateTime
from schemas.loading import Check, load_with_errors
from schemas.questions import QuestionDocument
from schemas.strict_json import InvalidJSON, strict_json
from schemas.studies import StudyDocument
from schemas.text import visible_changes
from schemas.vocabularies import SchemeFile

Documents = Mapping[Path, dict[str, Any] | None]  # by file; None when it holds no document
UNREADABLE: Final = object()


def no_check(_document: Mapping[str, Any]) -> checks.Errors:
    """No check beyond the schema."""
    return iter(())


class Dated(Schema):
    """When a text was last revised, as its file has it."""

    updated_at = UtcDateTime(load_default=None, allow_none=True)


class FileError(NamedTuple):
    """A mistake in a file, and where in it: a JSON Pointer."""

    path: Path
    pointer: str
    mistake: Mistake


class SeedErrors(Exception):
    """The files cannot be seeded; `errors` are all that is wrong with them."""

    def __init__(self, errors: list[FileError]) -> None:
        super().__init__(f"{len(errors)} mistakes")
        self.errors = errors


class Respelt(NamedTuple):
    """A text in a file that is saved in another spelling, where that can be seen."""

    path: Path
    pointer: str
    text: str  # as it is saved


@dataclass(frozen=True)
class SeedFiles:
    """The content of a seed folder, checked."""

    schemes: list[Scheme]
    studies: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    cases: list[dict[str, Any]]  # archetypes first
    respelt: list[Respelt] = field(default_factory=list)


def read_folder(folder: Path) -> SeedFiles:
    """Read and check every file of a seed folder. Raises SeedErrors with all of them."""
    reader = _SeedReader()
    terms = reader.load_terms(folder / "terms")
    studies = reader.load_all(folder / "studies", StudyDocument(), study_schemas.publication_errors)
    cases = reader.load_all(folder / "cases", CaseDocument(), case_schemas.publication_errors)
    questions = reader.load_list(
        folder / "questions.json", QuestionDocument(), question_schemas.publication_errors
    )
    reader.check_references(cases, studies, questions, folder / "questions.json")
    if reader.errors:
        raise SeedErrors(reader.errors)
    whole_cases = [case for case in cases.values() if case]
    return SeedFiles(
        [read_scheme(SchemeFile().dump(scheme)) for scheme in terms],
        [study for study in studies.values() if study],
        questions,
        sorted(whole_cases, key=lambda case: case["kind"] != "archetype"),
        reader.respelt,
    )


class _SeedReader:
    """Reads files and collects their errors.

    A wrong part of a document is left out, so that all the rest is checked too.
    """

    def __init__(self) -> None:
        self.errors: list[FileError] = []
        self.respelt: list[Respelt] = []

    def load_all(self, folder: Path, schema: Schema, check: Check) -> Documents:
        """The documents in the files of a folder."""
        return {path: self.load(path, schema, check) for path in sorted(folder.glob("*.json"))}

    def load(self, path: Path, schema: Schema, check: Check = no_check) -> dict[str, Any] | None:
        """The document in a file; None when there is none."""
        sent = self._read(path)
        if not isinstance(sent, dict):
            if sent is not UNREADABLE:
                self.errors.append(
                    FileError(path, "", Mistake("wrong-type", {"expected": "object"}))
                )
            return None
        document = self._load(path, schema, sent, "", check)
        if document.get("slug", document.get("id")) not in {path.stem, None}:
            self.errors.append(
                FileError(path, "/id", Mistake("inconsistent", {"reason": "file-name"}))
            )
        return document

    def load_list(self, path: Path, schema: Schema, check: Check) -> list[dict[str, Any]]:
        """The documents in a file that holds an array of them, each in its place."""
        listed = self._read(path)
        if not isinstance(listed, list):
            if listed is not UNREADABLE:
                self.errors.append(FileError(path, "", Mistake("wrong-type", {"expected": "list"})))
            return []
        documents = [
            self._load(path, schema, each, f"/{n}", check) for n, each in enumerate(listed)
        ]
        self._check_distinct(path, "/{}/id", [each["slug"] for each in documents])
        return documents

    def load_terms(self, folder: Path) -> list[dict[str, Any]]:
        """The schemes in their files: every term once, and below a group that is there."""
        schemes: dict[str, dict[str, Any]] = {}
        for name in SCHEMES:
            path = folder / f"{name}.json"
            if scheme := self.load(path, SchemeFile()):
                schemes[name] = scheme
                self._check_distinct(path, "/terms/{}/id", [term["id"] for term in scheme["terms"]])
        wrong = {each.path for each in self.errors}
        for name, scheme in schemes.items():
            groups = BROADER_SCHEMES.get(name)
            if groups is None or (groups in schemes and folder / f"{groups}.json" not in wrong):
                known = [term["id"] for term in schemes[groups]["terms"]] if groups else []
                self._check_broader(folder / f"{name}.json", scheme["terms"], known)
        return list(schemes.values())

    def _check_broader(self, path: Path, terms: list[dict[str, Any]], known: list[str]) -> None:
        """Every broader term is one of those that group this scheme."""
        for place, term in enumerate(terms):
            if term["broader"] is not None and term["broader"] not in known:
                pointer = f"/terms/{place}/broader"
                self._add_unknown(path, pointer, "term-reference", term["broader"], known)

    def _check_distinct(self, path: Path, pointer: str, ids: list[str | None]) -> None:
        """Every id stands in the list once; `pointer` has `{}` for the index."""
        for place, each in enumerate(ids):
            if each is not None and each in ids[:place]:
                mistake = Mistake("duplicate", {"value": each})
                self.errors.append(FileError(path, pointer.format(place), mistake))

    def check_references(
        self,
        cases: Documents,
        studies: Documents,
        questions: list[dict[str, Any]],
        questions_path: Path,
    ) -> None:
        """What files refer to exists; a file that cannot be read counts as anything."""
        archetypes = [
            path.stem
            for path, case in cases.items()
            if case is None or case["kind"] in {"archetype", None}
        ]
        for path, case in cases.items():
            if case and case["archetype"] and case["archetype"] not in archetypes:
                self._add_unknown(path, "/archetype", "archetype", case["archetype"], archetypes)
        taken = {path.stem for path in cases}
        known = [path.stem for path in studies]
        for path, study in studies.items():
            if path.stem in taken:  # what they own would come to the same ids
                mistake = Mistake("duplicate", {"value": path.stem})
                self.errors.append(FileError(path, "/id", mistake))
            others = [slug for slug in known if slug != path.stem]
            for number, slug in enumerate(study["covers"] if study else ()):
                if slug not in others:
                    self._add_unknown(path, f"/covers/{number}", "study", slug, others)
        for place, question in enumerate(questions):
            for number, study in enumerate(question["studies"]):
                if study not in known:
                    pointer = f"/{place}/studies/{number}"
                    self._add_unknown(questions_path, pointer, "study", study, known)

    def _add_unknown(
        self, path: Path, pointer: str, kind: str, slug: str, known: list[str]
    ) -> None:
        values = {"value": slug, "expected": kind}
        mistake = Mistake("unknown-reference", values, closest_match(slug, known))
        self.errors.append(FileError(path, pointer, mistake))

    def _read(self, path: Path) -> Any:
        """The JSON in a file, or UNREADABLE."""
        try:
            return strict_json(path.read_text("utf-8"))
        except FileNotFoundError:
            self.errors.append(FileError(path, "", Mistake("required")))
        except InvalidJSON as error:
            values = {"reason": error.reason, **error.values}
            self.errors.append(FileError(path, "", Mistake("invalid-json", values)))
        except ValueError as error:
            self.errors.append(FileError(path, "", Mistake("invalid-json", {"reason": str(error)})))
        return UNREADABLE

    def _load(
        self, path: Path, schema: Schema, sent: Any, at: str, check: Check = no_check
    ) -> dict[str, Any]:
        """The document, loaded; its errors, and texts in another spelling, are collected."""
        result = load_with_errors(schema, sent, check)
        dated = {key: sent[key] for key in ("updatedAt",) if isinstance(sent, dict) and key in sent}
        moment = load_with_errors(Dated(), dated, no_check)
        errors = result.errors + moment.errors
        self.errors += [FileError(path, at + pointer, mistake) for pointer, mistake in errors]
        if result.is_whole:
            saved = as_document(result.document, type(schema))
            self.respelt += [
                Respelt(path, at + pointer, text) for pointer, text in visible_changes(sent, saved)
            ]
        return result.document | (moment.document if dated else {})
