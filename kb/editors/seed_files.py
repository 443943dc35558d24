"""The files of a release: read, and checked by the same schemas as what editors send."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import Schema as AnySchema
from marshmallow import ValidationError

from kb.problems import Mistake, nearest
from kb.vocabulary.terms import SCHEMES, Scheme, read_scheme
from schemas import cases, studies
from schemas.base import Instant, Schema, mistakes
from schemas.cases import CaseDocument
from schemas.questions import QuestionDocument
from schemas.strict_json import strict_json
from schemas.studies import StudyDocument
from schemas.vocabularies import SchemeFile


class Dated(Schema):
    """When a text was last revised, as its file has it."""

    updated_at = Instant(load_default=None, allow_none=True)


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
        schema: AnySchema,
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

    def load_list(self, path: Path, schema: AnySchema) -> list[dict[str, Any]]:
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

    def _checked(self, path: Path, schema: AnySchema, told: Any, at: str) -> dict[str, Any] | None:
        try:
            loaded: dict[str, Any] = schema.load(told)
            if isinstance(told, dict) and (dated := told.keys() & {"updatedAt"}):
                loaded |= Dated().load({key: told[key] for key in dated})
        except ValidationError as error:
            self.broken += [
                Broken(path, at + pointer, mistake)
                for pointer, mistake in mistakes(error.messages, schema)
            ]
            return None
        return loaded
