"""What happens around searching: indexing, publishing, starting, and the memory it takes."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from bench import stock
from bench.corpus import LogLine
from bench.page_peers import PostgreSQL
from bench.systems import Built
from bench.timing import milliseconds, summary
from kb.search.engine import IndexBatch, Passage, SearchDocument, SearchRequest
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine

CASES_PER_BATCH = 500
SEARCHABLE_TIMEOUT_SECONDS = 60.0  # until a published case must be found


def build(systems: Sequence[Built], size: int) -> dict[str, float]:
    """Build them all from the same documents, made once; the seconds that each of them took.

    Of the processor, which noise does not touch; PostgreSQL works in other processes, so of the
    clock.
    """
    seconds = {system.name: _seconds(system, system.begin) for system in systems}
    for first in range(0, size, CASES_PER_BATCH):
        cases = list(stock.search_documents(first, min(first + CASES_PER_BATCH, size)))
        for system in systems:
            seconds[system.name] += _seconds(system, partial(system.add, cases))
    for system in systems:
        seconds[system.name] += _seconds(system, system.finish)
    return seconds


def _seconds(system: Built, act: Callable[[], object]) -> float:
    clock = time.perf_counter if isinstance(system, PostgreSQL) else time.process_time
    start = clock()
    act()
    return clock() - start


def rebuild(data: Path) -> dict[str, float]:
    """Make the index of a data directory; the seconds of the processor and the peak memory."""
    module = [sys.executable, "-m", "bench.rebuild", str(data)]
    done = subprocess.run(module, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def publishing(folder: Path, size: int, times: int = 12) -> dict[str, Any]:
    """From the begin of writing one changed case until another engine finds it.

    The index in `folder` is left alone: a copy is written to.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "copy"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.lock", "kb.sqlite3*"))
        writer, reader = WhooshEngine(copy / "index"), WhooshEngine(copy / "index")
        reader.search(_for("bewoners"))
        writer.change()  # which a server's follower looks at each second
        took = []
        for turn in range(times):
            [documents] = stock.search_documents(size // 2 + turn, size // 2 + turn + 1)
            word = f"qxq{ascii_lowercase[turn]}zv"
            took.append(milliseconds(partial(_publish, writer, reader, documents, word)))
            writer.start_merging()  # as a server's follower does
        writer.close()
        reader.close()
    return summary(took)


def _publish(
    writer: WhooshEngine, reader: WhooshEngine, documents: list[SearchDocument], word: str
) -> None:
    case, *owned = documents
    with writer.writing() as batch:
        _replace(batch, case, word)
        for each in owned:
            batch.put(each)
    deadline = time.monotonic() + SEARCHABLE_TIMEOUT_SECONDS
    while reader.search(_for(word)).total != 1:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{case.id} was not found within {SEARCHABLE_TIMEOUT_SECONDS:.0f} s")
        time.sleep(0.001)


def _replace(batch: IndexBatch, case: SearchDocument, word: str) -> None:
    batch.remove(case.key)
    batch.remove_owned(case.id)
    passages = (*case.passages, Passage("context", "body", word))
    batch.put(dataclasses.replace(case, passages=passages))


def _for(word: str) -> SearchRequest:
    return SearchRequest(("case",), parse(word), limit=10)


class _Fresh:
    """A process of `bench.fresh`."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.fresh", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.before = self._read()

    def _read(self) -> dict[str, int]:
        assert self._process.stdout is not None
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer

    def ask(self, typed: Sequence[str]) -> dict[str, int]:
        """The memory after these queries."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(typed) + "\n")
        self._process.stdin.flush()
        return self._read()

    def end(self) -> None:
        """Wait for its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(SEARCHABLE_TIMEOUT_SECONDS)
        self._process.stdout.close()


def starting(index: Path, size: int, log: Sequence[LogLine]) -> dict[str, Any]:
    """Two processes as workers are: the first answer of one, and the memory while both live."""
    start = time.perf_counter()
    one = _Fresh(index)
    one.ask(["bewoners gemeente"])
    seconds = time.perf_counter() - start
    other = _Fresh(index)
    typed = [each.typed for each in log]
    for process in (one, other):
        process.ask(typed)
    memory = one.ask([])
    grown = memory["private"] - one.before["private"]
    one.end()
    other.end()
    return {
        "seconds": seconds,
        "queries": len(typed),
        "before": one.before,
        "memory": memory,
        "private per case": grown / size,
        "pss per case": (memory["pss"] - one.before["pss"]) / size,
    }
