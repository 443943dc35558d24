"""Images as files of an export: written, and taken over before the cases that have them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from kb import image_names
from kb.database import Database
from kb.editors.image_references import register
from kb.images import folder
from kb.images.processing import is_sound

FOLDER = "images"  # beside the folders of cases and studies


def take_over(
    database: Database, sources: Iterable[Path], target: Path, *, who: str, at: datetime
) -> tuple[list[str], list[str]]:
    """Take over the whole images in these folders; returns those taken, and those left.

    What is damaged, incomplete or no image is left. Raises OSError.
    """
    taken, left = [], []
    for source in dict.fromkeys(sources):
        for image in dict.fromkeys(image for _, image in folder.names(source)):
            files = {each: source / each.name for each in image_names.files(image)}
            if folder.has_all(source, image) and all(
                is_sound(path.read_bytes(), each.width, each.height) for each, path in files.items()
            ):
                folder.write(target, {each.name: path.read_bytes() for each, path in files.items()})
                taken.append(image)
            else:
                left.append(image)

    def add(session: Session) -> None:
        for image in taken:
            register(session, image, who=who, at=at)

    if taken:
        database.write(add)
    return taken, left


def copy_public(images: Path, public: Iterable[str], target: Path) -> Iterator[tuple[str, str]]:
    """Write the files of public images below a folder; yields the name and hash of each."""
    for image in sorted(public):
        for file in image_names.files(image):
            path = images / file.name
            if path.is_file():
                content = path.read_bytes()
                folder.write(target / FOLDER, {file.name: content})
                yield f"{FOLDER}/{file.name}", hashlib.sha256(content).hexdigest()
