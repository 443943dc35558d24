"""What a request costs, in a minute: run it before and after a change, and compare the ratios.

    python -m bench.quick

With the first content and with generated cases: what each kind of request costs the processor, in
milliseconds on a quiet machine and (in parentheses) as times a constant answer, which holds on any;
then pages over HTTP (beside Datasette, if it is installed).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import lifecycle, over_http, report, requests, speed
from bench.bars import Bar, http_bars, request_bars
from bench.corpus import corpus
from bench.over_http import DATASETTE, DatasetteFile

CASES = 1_000
HTTP_QUERIES = 100  # distinct ones
HTTP_SECONDS = 10.0  # that one system may take of one measurement
MIN_DATASETTE_RATIO = 8  # asked for at 10,000 cases; a small table suits Datasette better


def measure(folder: Path) -> Iterator[Bar]:
    """The bars, as they are measured."""
    yield from request_bars(speed.seed_requests(folder / "seed"), "first content")
    log = speed.distinct(corpus().queries())
    data = folder / "data"
    speed.fill_database(data, CASES)
    lifecycle.rebuild(data)
    at = f"{CASES:,} cases"
    yield from request_bars(requests.measure(data, [each.typed for each in log]), at)
    file = DatasetteFile(folder) if DATASETTE.exists() else None
    if file:
        lifecycle.build([file], CASES)
    queries = log[-HTTP_QUERIES:]
    http = over_http.measure(data, file.path if file else None, queries, HTTP_SECONDS)
    yield from http_bars(http, at, MIN_DATASETTE_RATIO)


def main() -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as name:
        for line in report.bar_table(measure(Path(name))):
            print(line, flush=True)


if __name__ == "__main__":
    main()
