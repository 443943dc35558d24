"""A process that is in the middle of writing an index."""

from __future__ import annotations

from itertools import count
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


def write_and_merge(test: Connection, folder: Path, number: int) -> None:
    """Write one document after another, merging all the time; send the key of each that is saved.

    A thread merges, so that a kill meets it anywhere.
    """
    engine = WhooshEngine(folder)
    for turn in count():
        slug = f"r{number}-{turn}"
        with engine.writing() as batch:
            batch.put(SearchDocument("case", slug, slug.capitalize()))
        test.send(f"case:{slug}")
        engine.start_merging()
