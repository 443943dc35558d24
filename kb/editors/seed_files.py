"""The files of a release: read, and checked by the same schemas as what editors send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from kb.input_errors import Mistake
from kb.suggestions import closest_match
from kb.vocabulary.terms import SCHEMES, Scheme, read_scheme
from schemas import cases, checks, studies
from schemas.base import Schema
from schemas.cases import CaseDocument, as_document
from schemas.json_fields import UtcDateTime
from schemas.loading import Check, load_with_errors
from schemas.questions import QuestionDocument
from schemas.strict_json import strict_json
from schemas.studies import StudyDocument
from schemas.text import visible_changes
from schemas.vocabularies import SchemeFile

Documents = Mapping[Path, dict[str, Any] | None]  # by file; None when it holds no document
UNREAD: Final = object()


def no_check(_document: Mapping[str, Any]) -> checks.Errors:
    """Nothing to look at beyond the schema."""
    return iter(())


class Dated(Schema):
    """When a text was last revised, as its file has it."""

    updated_at = UtcDateTime(load_default=None, allow_none=True)


class Broken(NamedTuple):
    """A mistake in a file, and where in it: a JSON Pointer."""

    path: Path
    pointer: str
    mistake: Mistake


class BrokenFiles(Exception):
    """Files cannot be taken over; `found` is everything that is wrong with all of them."""

    def __init__(self, found: list[Broken]) -> None:
        super().__init__(f"{len(found)} mistakes")
        self.found = found


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
    """Read and check every file of a seed folder. Raises BrokenFiles with all mistakes."""
    reader = _Reader()
    terms = reader.load_terms(folder / "terms")
    found_studies = reader.load_all(folder / "studies", StudyDocument(), studies.publication_errors)
    found_cases = reader.load_all(folder / "cases", CaseDocument(), cases.publication_errors)
    questions = reader.load_list(folder / "questions.json", QuestionDocument())
    reader.refer(found_cases, found_studies, questions, folder / "questions.json")
    if reader.broken:
        raise BrokenFiles(reader.broken)
    right_cases = [case for case in found_cases.values() if case]
    return SeedFiles(
        [read_scheme(SchemeFile().dump(scheme)) for scheme in terms],
        [study for study in found_studies.values() if study],
        questions,
        sorted(right_cases, key=lambda case: case["kind"] != "archetype"),
        reader.respelt,
    )


class _Reader:
    """Reads files and keeps what is wrong with them.

    A document of which a part is wrong goes on with nothing in its place, so that all the rest of
    it is checked too.
    """

    def __init__(self) -> None:
        self.broken: list[Broken] = []
        self.respelt: list[Respelt] = []

    def load_all(self, folder: Path, schema: Schema, check: Check) -> Documents:
        """The documents in the files of a folder."""
        return {path: self.load(path, schema, check) for path in sorted(folder.glob("*.json"))}

    def load(self, path: Path, schema: Schema, check: Check = no_check) -> dict[str, Any] | None:
        """The document in a file; None when there is none."""
        sent = self._json(path)
        if not isinstance(sent, dict):
            if sent is not UNREAD:
                self.broken.append(Broken(path, "", Mistake("wrong-type", {"expected": "object"})))
            return None
        document = self._checked(path, schema, sent, "", check)
        if document.get("slug", document.get("id")) not in {path.stem, None}:
            self.broken.append(
                Broken(path, "/id", Mistake("inconsistent", {"reason": "file-name"}))
            )
        return document

    def load_list(self, path: Path, schema: Schema) -> list[dict[str, Any]]:
        """The documents in a file that holds an array of them, each in its place."""
        listed = self._json(path)
        if not isinstance(listed, list):
            if listed is not UNREAD:
                self.broken.append(Broken(path, "", Mistake("wrong-type", {"expected": "list"})))
            return []
        documents = [self._checked(path, schema, each, f"/{n}") for n, each in enumerate(listed)]
        self._once(path, "/{}/id", [each["slug"] for each in documents])
        return documents

    def load_terms(self, folder: Path) -> list[dict[str, Any]]:
        """The schemes in their files: every term once, and below a group that is there."""
        found: dict[str, dict[str, Any]] = {}
        for name in SCHEMES:
            path = folder / f"{name}.json"
            if scheme := self.load(path, SchemeFile()):
                found[name] = scheme
                self._once(path, "/terms/{}/id", [term["id"] for term in scheme["terms"]])
        groups_path = folder / "ingredient-groups.json"
        groups = found.get("ingredient-groups")
        if groups and all(each.path != groups_path for each in self.broken):
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
        found_cases: Documents,
        found_studies: Documents,
        questions: list[dict[str, Any]],
        questions_path: Path,
    ) -> None:
        """Check what files say of each other; one that cannot be read may be what is meant."""
        archetypes = [
            path.stem
            for path, case in found_cases.items()
            if case is None or case["kind"] in {"archetype", None}
        ]
        for path, case in found_cases.items():
            if case and case["archetype"] and case["archetype"] not in archetypes:
                self._unknown(path, "/archetype", "archetype", case["archetype"], archetypes)
        taken = {path.stem for path in found_cases}
        known = [path.stem for path in found_studies]
        for path in found_studies:
            if path.stem in taken:  # what they own would come to the same ids
                mistake = Mistake("duplicate", {"value": path.stem})
                self.broken.append(Broken(path, "/id", mistake))
        for place, question in enumerate(questions):
            for number, study in enumerate(question["studies"]):
                if study not in known:
                    pointer = f"/{place}/studies/{number}"
                    self._unknown(questions_path, pointer, "study", study, known)

    def _unknown(self, path: Path, pointer: str, kind: str, slug: str, known: list[str]) -> None:
        values = {"value": slug, "expected": kind}
        mistake = Mistake("unknown-reference", values, closest_match(slug, known))
        self.broken.append(Broken(path, pointer, mistake))

    def _json(self, path: Path) -> Any:
        """What is in a file, or UNREAD."""
        try:
            return strict_json(path.read_text("utf-8"))
        except FileNotFoundError:
            self.broken.append(Broken(path, "", Mistake("required")))
        except ValueError as error:
            self.broken.append(Broken(path, "", Mistake("invalid-json", {"reason": str(error)})))
        return UNREAD

    def _checked(
        self, path: Path, schema: Schema, sent: Any, at: str, check: Check = no_check
    ) -> dict[str, Any]:
        """The document, loaded; its mistakes, and what is saved in another spelling, are kept."""
        loaded = load_with_errors(schema, sent, check)
        dated = {key: sent[key] for key in ("updatedAt",) if isinstance(sent, dict) and key in sent}
        moment = load_with_errors(Dated(), dated, no_check)
        errors = loaded.errors + moment.errors
        self.broken += [Broken(path, at + pointer, mistake) for pointer, mistake in errors]
        if loaded.is_whole:
            saved = as_document(loaded.document, type(schema))
            self.respelt += [
                Respelt(path, at + pointer, text) for pointer, text in visible_changes(sent, saved)
            ]
        return loaded.document | (moment.document if dated else {})
