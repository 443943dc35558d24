"""Which images texts refer to, and which nobody refers to any more.

Any saved text counts, also an earlier one: who restores it gets its images back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, delete, exists, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.editors.model import Revision, RevisionEvent
from kb.images.model import StoredImage
from kb.input_errors import Mistake


def register(session: Session, image: str, *, who: str, at: datetime) -> None:
    """Make an image known, whose files are in the folder."""
    if session.get(StoredImage, image) is None:
        try:
            with session.begin_nested():
                session.add(StoredImage(id=image, uploaded_at=at, uploaded_by=who))
        except IntegrityError:  # another uploaded the same at the same moment
            pass


def known_images(session: Session) -> set[str]:
    """The ids of all images; none in a database that is not of this release yet."""
    if not inspect(session.connection()).has_table(StoredImage.__tablename__):
        return set()
    return set(session.scalars(select(StoredImage.id)))


def unknown_images(session: Session, case: Mapping[str, Any]) -> Iterator[tuple[str, Mistake]]:
    """The images of a loaded case that nobody uploaded, or that were erased: JSON Pointers too."""
    ids = [image["id"] for image in case["images"]]
    if not ids:
        return
    known = set(session.scalars(select(StoredImage.id).where(StoredImage.id.in_(ids))))
    for place, image in enumerate(ids):
        if image not in known:
            values = {"value": image, "expected": "image"}
            yield f"/images/{place}/id", Mistake("unknown-reference", values)


def images_of(document: Mapping[str, Any] | None) -> set[str]:
    """The ids of the images of a document."""
    return {image["id"] for image in (document or {}).get("images", ())}


def forget_unreferenced(session: Session, images: Collection[str]) -> set[str]:
    """Forget those of these images that no text has any more; returns their ids.

    Their files may go after the commit (`kb.images.folder.remove_unknown`).
    """
    session.flush()
    forgotten = {image for image in images if not _is_referenced(session, image)}
    if forgotten:
        session.execute(delete(StoredImage).where(StoredImage.id.in_(forgotten)))
    return forgotten


def unused_since(session: Session, at: datetime) -> set[str]:
    """The images that were uploaded before a moment and that no text has."""
    old = session.scalars(select(StoredImage.id).where(StoredImage.uploaded_at < at))
    return {image for image in old if not _is_referenced(session, image)}


def _is_referenced(session: Session, image: str) -> bool:
    """Whether any saved text has this image; an id is in no text by chance."""
    return any(
        session.scalar(select(exists().where(cast(column, String).contains(image))))
        for column in (Revision.document, RevisionEvent.replaced)
    )
