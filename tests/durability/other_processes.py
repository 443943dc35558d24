"""Processes that may open too few files, or are of another release."""

from __future__ import annotations

import resource
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from kb.database import Database
from kb.search.analysis import analyzer
from kb.search.catch_up import catch_up, rebuild
from kb.search.engine import IndexInUse, SearchRequest
from kb.search.index import segment_file
from kb.search.whoosh_engine import WhooshEngine


def work_without_files(_test: Connection, folder: Path, room: int) -> None:
    """Follow and rebuild with `room` more open files than now, then with enough of them."""
    database = Database(f"sqlite:///{folder / 'kb.sqlite3'}")
    engine = WhooshEngine(folder / "index")
    with database.reading() as session:
        session.connection()  # has a connection already
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        highest = max(int(each.name) for each in Path("/proc/self/fd").iterdir())
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + room, hard))
        for work in (lambda *_: engine.change(), catch_up, rebuild):
            with suppress(Exception):
                work(database, engine)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert catch_up(database, engine)
    assert engine.search(SearchRequest(types=("case",))).total == 2


def be_another_release(test: Connection, folder: Path, difference: str) -> None:
    """Follow and rebuild as one of another analysis (or format), and send what it is refused."""
    if difference == "analysis":
        analyzer.ANALYSIS_VERSION += 1
    else:
        segment_file.FORMAT += 1
        segment_file.MAGIC = b"kb-segment-x"
    database = Database(f"sqlite:///{folder / 'kb.sqlite3'}")
    engine = WhooshEngine(folder / "index")
    refusals = []
    for work in (catch_up, rebuild):
        try:
            work(database, engine)
        except IndexInUse as error:
            refusals.append(str(error))
    test.send(refusals)
