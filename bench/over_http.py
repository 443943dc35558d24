"""The same page over HTTP: this system, Datasette, and the least that our server can take.

Every question is a connection of its own, to 127.0.0.1, one at a time. What a question costs the
client is in all of the times.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bench.bars import CONSTANT, THIS_SYSTEM
from bench.corpus import LogLine
from bench.peers import texts
from bench.servers import free_port, get, running, served
from bench.systems import FACETS, MULTI_VALUED, SINGLE_VALUED, CaseDocuments
from bench.timing import compared, interleaved
from kb.search.index.fields import TEXT_FIELDS

DATASETTE = Path(sys.executable).with_name("datasette")
WORKERS = 2  # as `kb serve` has by itself
WARM = 4  # passes before the cached one, so that each worker has probably seen each query
PATIENT = (  # Datasette leaves out what takes longer
    *("--setting", "facet_time_limit_ms", "20000"),
    *("--setting", "sql_time_limit_ms", "60000"),
)


def our_path(line: LogLine) -> str:
    """The address of a page of cases with six facets."""
    query = {"q": line.typed, "facets": ",".join(FACETS), "pageSize": 10, **line.filters}
    return f"/v1/cases?{urlencode(query, quote_via=quote)}"


def datasette_path(line: LogLine) -> str:
    """The same of Datasette: a search, its facets, ten rows and the total."""
    pairs = [("_search", line.typed), ("_size", "10"), ("_shape", "objects")]
    pairs += [("_facet", facet) for facet in SINGLE_VALUED] + [
        ("_facet_array", facet) for facet in MULTI_VALUED
    ]
    for name, value in line.filters.items():
        pairs.append((f"{name}__arraycontains" if name in MULTI_VALUED else name, value))
    return f"/cases/cases.json?{urlencode(pairs, quote_via=quote)}"


class DatasetteFile:
    """What Datasette serves: a row a case, its several-valued tags as JSON arrays."""

    name = "Datasette"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "datasette" / "cases.db"

    def begin(self) -> None:
        """One table."""
        self.path.unlink(missing_ok=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(self.path)
        fields = ", ".join(TEXT_FIELDS)
        columns = ", ".join((fields, *(f'"{facet}"' for facet in FACETS)))
        self._connection.executescript(
            "PRAGMA synchronous = OFF;"
            f"CREATE TABLE cases (number INTEGER PRIMARY KEY, id TEXT, {columns});"
        )

    def add(self, cases: CaseDocuments) -> None:
        """Add rows."""
        for case in (case[0] for case in cases):
            several = {name: json.dumps(case.values.get(name, ())) for name in MULTI_VALUED}
            one = {name: next(iter(case.values.get(name, ())), None) for name in SINGLE_VALUED}
            tags = several | one
            values = (case.id, *texts(case), *(tags[name] for name in FACETS))
            marks = ", ".join("?" * len(values))
            self._connection.execute(f"INSERT INTO cases VALUES (NULL, {marks})", values)

    def finish(self) -> None:
        """Full-text search, and an index for each facet that can have one."""
        fields = ", ".join(TEXT_FIELDS)
        self._connection.executescript(
            "".join(f'CREATE INDEX "of_{facet}" ON cases ("{facet}");' for facet in SINGLE_VALUED)
            + f'CREATE VIRTUAL TABLE cases_fts USING fts5({fields}, content="cases",'
            " content_rowid=number, tokenize='unicode61 remove_diacritics 2');"
            "INSERT INTO cases_fts (cases_fts) VALUES ('rebuild');"
            "INSERT INTO cases_fts (cases_fts) VALUES ('optimize'); ANALYZE;"
        )
        self._connection.commit()
        self._connection.close()


def measure(
    folder: Path, datasette: Path | None, log: Sequence[LogLine], budget: float
) -> dict[str, Any]:
    """Distinct queries in turn with Datasette and a constant answer, then once more.

    Without Datasette when its file is None. The constant answer has as many bytes as some others.
    """
    some = random.Random(1).sample(log, min(5, len(log)))
    with ExitStack() as stack:
        ours = stack.enter_context(served(folder, workers=WORKERS))
        sizes = [get(ours, f"{our_path(each)}&lang=nl") for each in some * WORKERS]
        size = sum(sizes) // len(sizes)
        least = stack.enter_context(_constant(size))
        systems = {
            THIS_SYSTEM: lambda each: get(ours, our_path(each)),
            CONSTANT: lambda _each: get(least, "/"),
        }
        first = dict(systems)
        if datasette:
            theirs = stack.enter_context(_datasette(datasette))
            for each in some:  # not the first question a server hears
                get(theirs, datasette_path(each))
            first["Datasette"] = lambda each: get(theirs, datasette_path(each))
        uncached = interleaved(first, log, budget)
        again = log[: len(uncached[THIS_SYSTEM])]
        for _pass in range(WARM):
            for each in again:
                get(ours, our_path(each))
        cached = interleaved(systems, again, budget)
    return {
        "bytes": size,
        "uncached": compared(uncached, THIS_SYSTEM),
        "cached": compared(cached, CONSTANT),
    }


def _constant(size: int) -> AbstractContextManager[int]:
    port = free_port()
    module = (sys.executable, "-m", "bench.constant", str(port), str(WORKERS), str(size))
    return running(*module, port=port, path="/")


def _datasette(file: Path) -> AbstractContextManager[int]:
    port = free_port()
    command = (str(DATASETTE), "serve", str(file), "-p", str(port), *PATIENT)
    return running(*command, port=port, path="/")
