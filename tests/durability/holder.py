"""A process that is in the middle of writing an index."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from kb.search.engine import SearchDocument
from kb.search.whoosh_engine import WhooshEngine


def hold(test: Connection, folder: Path, slug: str) -> None:
    """Write until the test sends something, and save it then."""
    with WhooshEngine(folder).writing() as batch:
        batch.put(SearchDocument("case", slug, slug.capitalize()))
        test.send("holding")
        test.recv()
