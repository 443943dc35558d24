"""The index of one node becomes that of another: saved as an archive, and taken from one."""

from __future__ import annotations

import shutil
from typing import IO

from kb.database import Database
from kb.search.consistency import is_of_this_history, is_usable
from kb.search.engine import IndexState
from kb.search.index import archive
from kb.search.index.archive import ArchiveRefused
from kb.search.whoosh_engine import WhooshEngine


def save(engine: WhooshEngine, target: IO[bytes]) -> IndexState:
    """Write the index as an archive, while others read and write it; tells what it holds.

    Raises IndexBusy, SearchUnavailable, OSError.
    """
    engine.snapshot_state()  # there is one
    copy = engine.folder.with_name(f"{engine.folder.name}-save")
    try:
        with engine.only_writer():
            archive.link_files(engine.folder, copy)
        return archive.write(copy, engine.release(), target)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def fetch(database: Database, engine: WhooshEngine, source: IO[bytes]) -> IndexState | None:
    """Let the index in an archive be ours; None when ours is at least as new.

    It must be of this release and of a moment in the history of this database; what came after
    that moment is for `catch_up`. Raises ArchiveRefused, IndexBusy, IndexInUse, OSError: then the
    index is what it was.
    """
    copy = engine.folder.with_name(f"{engine.folder.name}-fetch")
    try:
        with archive.reading(source) as (manifest, rest):
            if manifest.release != engine.release():
                raise ArchiveRefused("a release with other terms or another analysis made it")
            with database.reading() as session:
                if not is_of_this_history(session, manifest.state):
                    raise ArchiveRefused("it is of another database, or of another history")
            archive.extract(rest, manifest, copy)
        with engine.only_writer():
            present = engine.state()
            with database.reading() as session:
                is_there = is_usable(engine, session, present)
            if is_there and present.change >= manifest.state.change:
                return None
            archive.put_in_place(copy, engine.folder)
        return manifest.state
    finally:
        shutil.rmtree(copy, ignore_errors=True)
