"""Files of images that no text has any more go; so do rows of what was never put in a text."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from kb.database import Database
from kb.editors.image_references import forget_unreferenced, known_images, unused_since
from kb.images import folder

GRACE = timedelta(days=7)  # in which an image may be there without a text: an import, say
log = logging.getLogger("kb.editors")


def sweep_files(database: Database, images: Path) -> int:
    """Remove the files of images that were forgotten; returns how many there were.

    A file that cannot be removed now is removed by the next sweep.
    """
    with database.reading() as session:
        known = known_images(session)
    try:
        return folder.remove_unknown(images, known)
    except OSError:
        log.exception("files of images could not be removed from %s", images)
        return 0


def sweep(database: Database, images: Path, at: datetime) -> tuple[int, int]:
    """Forget images that no text has, and remove their files; returns how many of each."""
    with database.reading() as session:
        unused = unused_since(session, at - GRACE)
    forgotten = set()
    if unused:
        forgotten = database.write(lambda session: forget_unreferenced(session, unused))
    return len(forgotten), sweep_files(database, images)
