"""What a publication costs as history grows: the last hundred beside the first, in one run.

    python -m bench.history [PUBLICATIONS] [CASES]

The same cases are published again and again, in process, each followed by what a server does after
it; segments are merged aside as a server's follower has it done. Told is the time of the processor,
in milliseconds, of the thread that publishes, for each window of publications.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

from bench import stock
from bench.corpus import ARCHETYPES, corpus
from kb.database import Database, now
from kb.editors import workflow
from kb.search.catch_up import catch_up, make_searchable
from kb.search.whoosh_engine import WhooshEngine
from schemas.cases import CaseDocument

PUBLICATIONS, CASES = 3_000, 300
WINDOW = 100  # publications that are told together
PUBLICATIONS_PER_POLL = 20  # about as many as fit in a second between two looks of the follower


class Cost(NamedTuple):
    """Milliseconds of the processor that one publication took of its thread."""

    publishing: float  # saving the draft, and publishing it
    indexing: float  # making it searchable


class Window(NamedTuple):
    """Some publications on end."""

    costs: list[Cost]
    process: float  # milliseconds per publication that the whole process took, merging too
    segments: int  # of the index at their end
    merges_seconds: float  # of the processor, by other threads


def measure(folder: Path, publications: int, cases: int) -> Iterator[Window]:
    """Publish so many times, and tell of each window as it ends."""
    database = Database(f"sqlite:///{folder / 'kb.sqlite3'}")
    database.create()
    stock.fill(database, cases)
    engine = WhooshEngine(folder / "index")
    catch_up(database, engine)
    for first in range(0, publications, WINDOW):
        process, costs = time.process_time(), []
        for turn in range(first, first + WINDOW):
            costs.append(_publish(database, engine, turn, cases))
            if turn % PUBLICATIONS_PER_POLL == 0:
                engine.start_merging()
        spent = time.process_time() - process
        own = sum(map(sum, costs)) / 1000
        segments = len(engine._snapshots.current().segments)
        yield Window(costs, spent * 1000 / WINDOW, segments, spent - own)
    engine.close()
    database.dispose()


def _publish(database: Database, engine: WhooshEngine, turn: int, cases: int) -> Cost:
    document = _document(turn, cases)
    begun = time.thread_time()
    with database.transaction() as session:
        draft = workflow.save_draft(session, document, author="bench", at=now())
        change = workflow.publish(session, draft, at=now())
    saved = time.thread_time()
    make_searchable(database, engine, change.number)
    return Cost((saved - begun) * 1000, (time.thread_time() - saved) * 1000)


def _document(turn: int, cases: int) -> dict[str, Any]:
    number = ARCHETYPES + turn % (cases - ARCHETYPES)
    document = corpus().case(number)
    loaded: dict[str, Any] = CaseDocument().load(document | {"title": f"Herzien {turn}"})
    return loaded


def main() -> None:
    """Print a line for each window, then the last beside the first."""
    publications, cases = (*map(int, sys.argv[1:]), *(PUBLICATIONS, CASES)[len(sys.argv) - 1 :])
    windows = []
    print("until  database  index  process  segments  merging s")
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as name:
        for window in measure(Path(name), publications, cases):
            windows.append(window)
            database, index = (median(each) for each in zip(*window.costs, strict=True))
            print(
                f"{len(windows) * WINDOW:6} {database:8.1f} {index:6.1f} {window.process:8.1f}"
                f" {window.segments:9} {window.merges_seconds:9.2f}",
                flush=True,
            )
    first, last = (
        fmean(sum(cost) for cost in window.costs) for window in (windows[0], windows[-1])
    )
    print(f"the last {WINDOW} beside the first: {last / first:.2f}x")


if __name__ == "__main__":
    main()
