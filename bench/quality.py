"""Every bar that was set, in one table: `make quality` writes docs/quality.md.

    python -m bench.quality [--skip tests] [--skip test-long] [--write docs/quality.md]

The parts are: a fresh clone, requests, relevance, plan checks and the suites of tests, of which
each can be left out. What takes an hour is not measured again: of `make bench` the last numbers
are read, with their date.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Container, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from bench import bars, fresh_clone, quick, relevance
from bench.bars import Bar
from bench.plan_check import LEAST_PRECISION, LEAST_RECALL, MEASUREMENT
from bench.report import bar_table

ROOT = Path(__file__).parents[1]
SUITES = {"test": 8.0, "test-slow": None, "test-cluster": None, "test-long": None}  # minutes
RELEVANCE_BARS = {"first": (0.87, 0.97), "second": (0.82, 0.92), "third": (0.82, 0.92)}
LOWEST_OF_A_KIND = (0.60, 0.75)  # of queries that search was never made better with
INTRODUCTION = """\
# What was asked for, and what is so

Written by `make quality` on {date}, on {cores} cores; with all parts it takes an hour. What speed
was measured with `make bench`, on {bench_date}, is in [performance](performance.md); how answers
were judged in [relevance](relevance.md) and [plan check](plan-check.md). Ratios hold on other
machines, seconds do not.
"""


def requests() -> Iterator[Bar]:
    """What requests cost, with the first content and with 1,000 cases."""
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as name:
        yield from quick.measure(Path(name))


def relevance_of_answers() -> Iterator[Bar]:
    """What the sets of judged queries give."""
    for name in relevance.SETS:
        kinds = relevance.own_scores(name)
        least = RELEVANCE_BARS[name]
        yield _relevance_bar(f"the {name} set of judged queries", kinds["all"], least)
        if name in relevance.DEVELOPMENT_SETS:
            continue
        for kind, each in kinds.items():
            if each.ndcg < LOWEST_OF_A_KIND[0] or each.success < LOWEST_OF_A_KIND[1]:
                yield _relevance_bar(f"the {name} set, kind {kind}", each, LOWEST_OF_A_KIND)


def _relevance_bar(of: str, score: relevance.Score, least: tuple[float, float]) -> Bar:
    return Bar(
        f"{of}: nDCG@10 {least[0]:.2f} and success@3 {least[1]:.2f} or more",
        f"{score.ndcg:.3f} · {score.success:.2f}",
        score.ndcg >= least[0] and score.success >= least[1],
    )


def plan_checks() -> Iterator[Bar]:
    """The last measurement on the plans to test with: measuring it again makes them less new."""
    measured = json.loads(MEASUREMENT.read_text("utf-8"))
    for kind, each in measured["kinds"].items():
        yield Bar(
            f"remarks “{kind}”: precision {LEAST_PRECISION} and recall {LEAST_RECALL} or more",
            f"{each['precision']} · {each['recall']}, {each['shown']} shown",
            each["precision"] >= LEAST_PRECISION and each["recall"] >= LEAST_RECALL,
        )


def suites(skipped: Container[str]) -> Iterator[Bar]:
    """Whether all tests pass, and how long that takes."""
    for suite, most in SUITES.items():
        if suite in skipped:
            continue
        start = time.perf_counter()
        command = ["make", suite]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        minutes = (time.perf_counter() - start) / 60
        if done.returncode:
            print(done.stdout[-20_000:], file=sys.stderr)
        counts = re.findall(r"(\d+ (?:passed|failed|skipped|errors?))", done.stdout[-2000:])
        requirement = f"`make {suite}`: all pass" + (f", in {most:.0f} minutes" if most else "")
        yield Bar(
            requirement,
            f"{', '.join(dict.fromkeys(counts))} in {minutes:.1f} minutes",
            done.returncode == 0 and (most is None or minutes <= most),
        )


def speed() -> Iterator[Bar]:
    """What the last `make bench` measured beside peers."""
    yield from bars.bars(json.loads((ROOT / "docs" / "performance.json").read_text("utf-8")))


PARTS: dict[str, Callable[[], Iterator[Bar]]] = {  # beside the suites of tests
    "fresh-clone": fresh_clone.measure,
    "requests": requests,
    "relevance": relevance_of_answers,
    "plan-checks": plan_checks,
    "bench": speed,
}


def main() -> None:
    """Measure, and print or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    choices = [*PARTS, "tests", *SUITES]
    parser.add_argument("--skip", action="append", default=[], choices=choices)
    parser.add_argument("--write", type=Path, help="the file to write")
    options = parser.parse_args()
    measured: list[Bar] = []
    parts = [part() for name, part in PARTS.items() if name not in options.skip]
    if "tests" not in options.skip:
        parts.append(suites(options.skip))
    for bar in chain.from_iterable(parts):
        print(f"{bar.requirement}: {bar.measured}", file=sys.stderr, flush=True)
        measured.append(bar)
    text = "\n".join(page(measured, options.skip)) + "\n"
    if options.write:
        options.write.write_text(text, "utf-8")
    else:
        print(text)


def page(measured: list[Bar], skipped: list[str]) -> Iterator[str]:
    """The lines of the document: what is not met first."""
    numbers = json.loads((ROOT / "docs" / "performance.json").read_text("utf-8"))
    yield INTRODUCTION.format(
        date=datetime.now(UTC).date(), cores=os.cpu_count(), bench_date=numbers["machine"]["date"]
    )
    for title, met in (("Not met", False), ("Met", True)):
        chosen = [bar for bar in measured if bar.met is met]
        yield from (f"## {title}: {len(chosen)}", "", *bar_table(chosen), "")
    if skipped:
        yield f"Left out of this run: {', '.join(skipped)}."


if __name__ == "__main__":
    main()
