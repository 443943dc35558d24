"""The way back: everything public, as the files that seeding reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kb.cases import queries
from kb.database import Database
from kb.vocabulary.terms import field_words, schemes
from schemas.cases import CaseDocument, as_document
from schemas.questions import QuestionDocument
from schemas.studies import StudyDocument
from schemas.vocabularies import SchemeFile


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
