"""Exporting: everything public, as the files that seeding reads."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb import image_names
from kb.cases import queries
from kb.cases.model import Case, Question, Study
from kb.database import Database, format_utc
from kb.editors import image_files
from kb.vocabulary.terms import field_words, schemes
from schemas.base import Schema
from schemas.cases import CaseDocument, as_document
from schemas.questions import QuestionDocument
from schemas.studies import StudyDocument
from schemas.vocabularies import FieldWordsFile, SchemeFile

MANIFEST = ".kb-export.json"  # the files that an export wrote, each with the hash of its text
EXPORTED_NAME = re.compile(
    r"(cases|studies|terms)/[a-z0-9-]+\.json|(questions|words)\.json"
    rf"|{image_files.FOLDER}/{image_names.FILE.pattern}"
)
log = logging.getLogger("kb.editors")


@dataclass(frozen=True)
class Export:
    """The files of an export; names are paths below its folder."""

    files: tuple[str, ...]  # written
    removed: tuple[str, ...]  # written by an earlier export, and no longer public
    left: tuple[str, ...]  # that `kb seed` would read, and that this export cannot account for


def export(database: Database, folder: Path, images: Path | None = None) -> Export:
    """Write the public knowledge as the files that seeding reads; `images` is their folder.

    A file that an earlier export wrote is removed when what it tells is no longer public, unless
    somebody has changed it; files of others stay. Raises OSError.
    """
    texts = {
        name: json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        for name, document in _documents(database).items()
    }
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    earlier = _read_manifest(folder)
    _write(folder / MANIFEST, json.dumps({"files": {**earlier, **hashes}}, indent=1))
    for name, text in texts.items():
        _write(folder / name, text)
    if images:
        with database.reading() as session:
            public = queries.public_images(session)
        hashes |= dict(image_files.copy_public(images, public, folder))
    removed = [name for name in earlier.keys() - hashes if _remove(folder, name, earlier[name])]
    left = {name: digest for name, digest in earlier.items() if name not in removed}
    left = {name: digest for name, digest in left.items() if (folder / name).exists()}
    _write(folder / MANIFEST, json.dumps({"files": {**left, **hashes}}, indent=1))
    present = {
        f"{kind}/{path.name}" for kind in ("cases", "studies") for path in _files(folder / kind)
    }
    return Export(tuple(hashes), tuple(sorted(removed)), tuple(sorted(present - hashes.keys())))


def _documents(database: Database) -> dict[str, Any]:
    """Everything public, by the name of its file."""
    with database.reading() as session:
        files: dict[str, Any] = {
            f"{directory}/{thing.slug}.json": _to_document(thing, schema)
            for directory, model, schema in (
                ("cases", Case, CaseDocument),
                ("studies", Study, StudyDocument),
            )
            for thing in queries.every(session, model)
        }
        for slug in queries.without_their_archetype(session):
            files[f"cases/{slug}.json"].pop("archetype", None)  # left out, it stays as it is
        questions = sorted(queries.every(session, Question), key=lambda each: each.position)
        files["questions.json"] = [_to_document(each, QuestionDocument) for each in questions]
    for scheme in schemes().values():
        document = {**vars(scheme), "terms": scheme.in_order}
        files[f"terms/{scheme.id}.json"] = SchemeFile().dump(document)
    files["words.json"] = FieldWordsFile().dump(field_words())
    return files


def _to_document(thing: Any, schema: type[Schema]) -> dict[str, Any]:
    """The document of a published thing, and when it was last revised."""
    return as_document(thing, schema) | {"updatedAt": format_utc(thing.updated_at)}


def _read_manifest(folder: Path) -> dict[str, str]:
    """The files of earlier exports and their hashes; names that are not ours are passed over."""
    try:
        files = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
        return {
            name: str(digest) for name, digest in files.items() if EXPORTED_NAME.fullmatch(name)
        }
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        log.warning("%s cannot be read, so no file is removed", folder / MANIFEST)
        return {}


def _remove(folder: Path, name: str, digest: str) -> bool:
    """Remove a file that is still as it was written; whether it was there and has gone."""
    path = folder / name
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        return False
    try:
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            return False
    except FileNotFoundError:
        return False
    path.unlink()
    return True


def _files(folder: Path) -> list[Path]:
    return list(folder.glob("*.json")) if folder.is_dir() else []


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
