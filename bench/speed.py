"""How fast is it: this system and its peers on one generated corpus, in one run.

    python -m bench.speed [--sizes 1000,10000,100000] [--folder FOLDER] [--write-only]

Everything that is timed against something else is timed in turn with it (`timing.py`). What was
built is kept in the folder, with the seconds that it took, so that a second run only measures.
The numbers are written to `docs/performance.json`, and from there to `docs/performance.md` and its
picture; `--write-only` does the last part alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bench import extremes, lifecycle, over_http, report, requests, stock
from bench.bars import THIS_SYSTEM
from bench.corpus import LogLine, corpus
from bench.page_peers import Fts5, PlainWhoosh, PostgreSQL, Tantivy
from bench.relevance import judged, seeded
from bench.systems import Built, Peer, SameWork, System, ThisSystem, totals
from bench.timing import compared, interleaved, milliseconds, summary
from kb.cases import changes
from kb.database import Database
from kb.search.engine import SearchRequest
from tests import postgres

SIZES = (1_000, 10_000, 100_000)
PLAIN_WHOOSH_UP_TO = 10_000  # cases; beyond it would take hours
DOCS = Path(__file__).parents[1] / "docs"
POSTGRESQL = {  # beside fsync=off
    "shared_buffers": "1GB",
    "work_mem": "128MB",
    "maintenance_work_mem": "512MB",
    "synchronous_commit": "off",
    "jit": "off",
    "max_wal_size": "4GB",
}


@dataclass(frozen=True)
class Effort:
    """How much is asked."""

    budget: float = 60.0  # seconds that one system may take of one measurement
    warm_up: int = 100  # lines of the log (over HTTP: distinct queries) before those that count
    lines: int = 2000  # of the log, in process
    counted: int = 400  # distinct queries over HTTP
    cold: int = 300
    worst: int = 100
    typed: int = 300
    published: int = 12
    requests: int = requests.PER_PASS  # of each kind
    http: bool = True


def distinct(log: Sequence[LogLine]) -> list[LogLine]:
    """Each query of a log once, in its order."""
    return list({(each.typed, *each.filters.items()): each for each in log}.values())


def measure(
    folder: Path, sizes: Sequence[int], postgresql: str | None, effort: Effort
) -> dict[str, Any]:
    """Everything, at every size."""
    numbers: dict[str, Any] = {"machine": machine(), "effort": asdict(effort), "sizes": {}}
    log = corpus().queries()
    with _step("requests, first content"):
        numbers["seed"] = seed_requests(folder / "seed", effort.requests)
    for size in sizes:
        numbers["sizes"][str(size)] = _at(folder / str(size), size, log, postgresql, effort)
    return numbers


def _at(
    folder: Path, size: int, log: list[LogLine], postgresql: str | None, effort: Effort
) -> dict[str, Any]:
    """Everything at one size."""
    figures: dict[str, Any] = {}
    data = folder / "data"
    with _step(f"{size}: the database"):
        change = fill_database(data, size)
    this = ThisSystem(data, change)
    peers: list[Peer] = [Fts5(folder), Tantivy(folder), Tantivy(folder, two_fields=True)]
    if size <= PLAIN_WHOOSH_UP_TO:
        peers.append(PlainWhoosh(folder))
    if postgresql:
        peers.append(PostgreSQL(postgresql, size))
    datasette = over_http.DatasetteFile(folder)
    with _step(f"{size}: indexes"):
        rebuilt = _rebuilt(this, data)
        built = _built(folder, [*peers, *([datasette] if effort.http else [])], size)
    figures["build"] = {THIS_SYSTEM: rebuilt["seconds"], **built}
    figures["peak memory"] = rebuilt["peak memory"]
    figures |= in_process(this, [SameWork(data, change), *peers], size, log, effort)
    with _step(f"{size}: requests"):
        queries = [each.typed for each in distinct(log)]
        figures["requests"] = requests.measure(data, queries, effort.requests)
    with _step(f"{size}: publishing"):
        figures["publishing"] = lifecycle.publishing(data, size, effort.published)
    with _step(f"{size}: starting and memory"):
        figures["starting"] = lifecycle.starting(this.folder, size, distinct(log)[: effort.counted])
    if effort.http:
        with _step(f"{size}: over HTTP"):
            counted = distinct(log)[effort.warm_up :][: effort.counted]
            figures["http"] = over_http.measure(data, datasette.path, counted, effort.budget)
    return figures


def seed_requests(data: Path, per_pass: int = requests.PER_PASS) -> dict[str, requests.Cost]:
    """What requests cost with the first content, asked as practitioners do; in a new folder."""
    data.mkdir(parents=True, exist_ok=True)
    with seeded(data):
        lifecycle.rebuild(data)
    queries = [each.q for each in judged() if each.target == "case"]
    return requests.measure(data, queries, per_pass)


def fill_database(data: Path, size: int) -> int:
    """Make it when it is not there; tells the number of its last change."""
    done = data / "filled"
    data.mkdir(parents=True, exist_ok=True)
    if not done.exists():
        for path in data.glob("kb.sqlite3*"):
            path.unlink()
    database = Database(f"sqlite:///{(data / 'kb.sqlite3').absolute()}")
    if not done.exists():
        stock.fill(database, size)
        done.touch()
    with database.reading() as session:
        change = changes.last_number(session)
    database.dispose()
    return change


def _rebuilt(this: ThisSystem, data: Path) -> dict[str, float]:
    """Make our index when it is not of this release; what that took, now or then."""
    notes = data / "rebuilt.json"
    if not notes.exists() or not this.is_of_this_release():
        this.close()
        notes.write_text(json.dumps(lifecycle.rebuild(data)))
    figures: dict[str, float] = json.loads(notes.read_text())
    return figures


def _built(folder: Path, systems: Sequence[Built], size: int) -> dict[str, float]:
    """Build what no earlier run has; the seconds of each, then or now."""
    notes = folder / "built.json"
    known: dict[str, float] = json.loads(notes.read_text()) if notes.exists() else {}
    missing = [
        system
        for system in systems
        if system.name not in known or (isinstance(system, PostgreSQL) and not system.is_built())
    ]
    if missing:
        known |= lifecycle.build(missing, size)
        notes.write_text(json.dumps(known))
    return {system.name: known[system.name] for system in systems}


def in_process(
    this: ThisSystem, peers: Sequence[System], size: int, log: Sequence[LogLine], effort: Effort
) -> dict[str, Any]:
    """Pages on all systems; cold words, worst cases and suggestions on this one."""
    with _step(f"{size}: pages"):
        systems: list[System] = [this, *peers]
        for system in systems:
            system.open()
        pages = {system.name: system.page for system in systems}
        interleaved(pages, log[: effort.warm_up], effort.budget / 6)
        counted = log[effort.warm_up :][: effort.lines]
        numbers: dict[str, Any] = {
            "page": compared(interleaved(pages, counted, effort.budget), SameWork.name)
        }
        numbers["totals"] = totals(
            systems, [each for each in counted if each.kind == "common"][:10]
        )
        for peer in peers:
            peer.close()
    with _step(f"{size}: cold words, worst queries, suggestions"):
        this.open()
        this.page(LogLine("common", ("bewoners",)))
        words = extremes.cold_words(effort.cold, size, log)
        numbers["cold"] = summary(interleaved({"": this.page}, words, effort.budget)[""])
        numbers["worst"] = _worst(this, effort)
        suggest = partial(this.engine.suggest, types=extremes.SUGGESTION_TYPES, limit=8)
        typed = extremes.beginnings(effort.typed, size)
        numbers["suggestions"] = summary(interleaved({"": suggest}, typed, effort.budget)[""])
        this.close()
    return numbers


def _worst(this: ThisSystem, effort: Effort) -> dict[str, Any]:
    """All, also without marks of the words in the hits, then by the kind of query."""

    def took(typed: str, request: SearchRequest) -> float:
        return milliseconds(lambda: this.engine.search(extremes.with_query(typed, request)))

    times: dict[str, list[float]] = {}
    plain: list[float] = []
    for kind, typed, request in extremes.worst(effort.worst):
        if sum(plain) + sum(map(sum, times.values())) < effort.budget * 1000:
            times.setdefault(kind, []).append(took(typed, request))
            plain.append(took(typed, replace(request, highlight=False)))
    every = [each for kind in times.values() for each in kind]
    kinds = {kind: summary(each) for kind, each in times.items()}
    return {"all": summary(every), "all, without marks": summary(plain), **kinds}


def machine() -> dict[str, Any]:
    """What it was measured on; no names."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory": memory,
        "processor": platform.machine(),
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
    }


@contextmanager
def _step(name: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    start = time.perf_counter()
    print(f"{name} …", end=" ", file=sys.stderr, flush=True)
    yield
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)


@contextmanager
def _postgresql(folder: Path) -> Iterator[str | None]:
    """The address of a PostgreSQL of our own; None when it is not on this machine."""
    if postgres.binaries() is None:
        print("There is no PostgreSQL on this machine: it is left out.", file=sys.stderr)
        yield None
        return
    with postgres.cluster(folder / "postgresql", **POSTGRESQL) as address:
        yield address


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    """The folder to build in: one that stays, or one that goes."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as name:
        Path(name).chmod(0o755)  # PostgreSQL may run as another user
        yield Path(name)


def main() -> None:
    """Measure, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    sizes = ",".join(map(str, SIZES))
    parser.add_argument("--sizes", default=sizes, help=f"numbers of cases ({sizes})")
    parser.add_argument("--folder", type=Path, help="keep here what was built (10 GB)")
    parser.add_argument("--budget", type=float, default=Effort.budget, help="seconds a measurement")
    parser.add_argument("--no-http", action="store_true", help="only in process")
    parser.add_argument("--write-only", action="store_true", help="from the numbers that are there")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where to write")
    options = parser.parse_args()
    numbers = options.docs / "performance.json"
    if not options.write_only:
        effort = Effort(budget=options.budget, http=not options.no_http)
        chosen = [int(size) for size in options.sizes.split(",")]
        with _place(options.folder) as folder, _postgresql(folder) as address:
            measured = measure(folder, chosen, address, effort)
        options.docs.mkdir(parents=True, exist_ok=True)
        numbers.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    report.write(json.loads(numbers.read_text("utf-8")), options.docs)


if __name__ == "__main__":
    main()
