"""Folders of seed files: written, changed, taken over."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kb.cases import changes
from kb.editors import seed as seeding
from kb.editors import seed_files
from kb.editors.model import Revision
from tests.conftest import KnowledgeBase

SEED = Path(str(resources.files("seed_data")))


def write(folder: Path, name: str, document: Any) -> None:
    path = folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    result = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    path.write_text(result, "utf-8")


def edit(folder: Path, name: str, **keys: Any) -> None:
    document = json.loads((folder / f"{name}.json").read_text("utf-8"))
    write(folder, name, document | keys)


def seed(kb: KnowledgeBase, folder: Path) -> seeding.SeedReport:
    return seeding.seed(kb.database, seed_files.read_folder(folder))


def last_number(kb: KnowledgeBase) -> int:
    with kb.database.reading() as session:
        return changes.last_number(session)


def revisions(kb: KnowledgeBase, slug: str) -> list[tuple[str, int | None, str]]:
    with kb.database.reading() as session:
        query = select(Revision).where(Revision.slug == slug).order_by(Revision.id)
        return [(each.state, each.version, each.author) for each in session.scalars(query)]


def get(kb: KnowledgeBase, path: str) -> Any:
    answer = kb.client.get(path)
    return answer.get_json() | {"_status": answer.status_code}


def errors_in(folder: Path) -> list[tuple[str, str, str, str | None]]:
    """What is wrong with a folder: file, pointer, code and suggestion."""
    with pytest.raises(seed_files.SeedErrors) as broken:
        seed_files.read_folder(folder)
    return sorted(
        (
            str(each.path.relative_to(folder)),
            each.pointer,
            each.mistake.code,
            each.mistake.suggestion,
        )
        for each in broken.value.errors
    )
