"""One real node under load, beside what the model of `capacity.py` says of it.

What is compared is how busy the node's processors were, which does not depend on what else the
machine does.
"""

from __future__ import annotations

import http.client
import os
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any

from bench import lifecycle, speed
from bench.capacity import Traffic, load
from bench.corpus import corpus
from bench.over_http import our_path
from bench.rehearsal import publication, publisher
from bench.servers import UnexpectedAnswer, get
from bench.storm import ServedNode, ask, nodes, running
from kb.database import Database

CASES = 1_000
WORKERS = 2
ALONE = 120  # queries that are asked one after the other
PASSES = 6  # after which both processes have kept them
RATE = 25.0  # visitors in a second
QUERIES = 300  # different ones
SKEW = 0.9
SECONDS = 60.0
WARM_SECONDS = 15.0  # before those that count
PUBLISH_SECONDS = 6.0  # between two publications
TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(node: ServedNode) -> float:
    """That the processes of a node have used; those that have ended too."""
    assert node.process is not None
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == node.process.pid:  # its process group
                ticks += sum(map(int, fields[11:15]))
    return ticks / TICK


def measure(folder: Path) -> dict[str, Any]:
    """What the parts cost alone, and what all of it costs together, with what the model says."""
    speed.fill_database(folder, CASES)
    lifecycle.rebuild(folder)
    address = f"sqlite:///{(folder / 'kb.sqlite3').absolute()}"
    database = Database(address)
    token = publisher(database)
    database.dispose()
    [node] = nodes(folder, address, 1, KB_DATA_DIR=str(folder), KB_WORKERS=str(WORKERS))
    log = speed.distinct(corpus().queries())
    alone, mixed = log[:ALONE], [our_path(each) for each in log[ALONE:][:QUERIES]]
    with running([node]):
        paths = [our_path(each) for each in alone]
        idle = _busy(node, lambda: time.sleep(5)) / 5
        miss = _busy(node, lambda: _get_all(node, paths)) / len(paths)
        size = sum(get(node.port, path) for path in paths) / len(paths)
        for _pass in range(PASSES):
            _get_all(node, paths)
        hit = _busy(node, lambda: _get_all(node, paths)) / len(paths)
        publishing = _busy(node, lambda: _publish(node, token, range(1, 9))) / 8
        measured = _under_load(node, token, mixed)
    traffic = Traffic(
        RATE, queries=len(mixed), skew=SKEW, publications=3600 / PUBLISH_SECONDS, shared_cache=False
    )
    todo = load(traffic, WORKERS, size)
    foreseen = todo.misses * miss + (todo.origin - todo.misses) * hit
    foreseen += idle + publishing / PUBLISH_SECONDS
    return {
        "cases": CASES,
        "rate": RATE,
        "queries": len(mixed),
        "publish seconds": PUBLISH_SECONDS,
        "milliseconds": {
            "made anew": miss * 1000,
            "kept": hit * 1000,
            "publishing": publishing * 1000,
            "idle, in a second": idle * 1000,
        },
        "misses foreseen": todo.misses / todo.origin,
        "busy foreseen": foreseen,
        "busy": measured,
    }


def _busy(node: ServedNode, act: Callable[[], object]) -> float:
    """Seconds of the node's processors while something is done."""
    before = processor_seconds(node)
    act()
    return processor_seconds(node) - before


def _get_all(node: ServedNode, paths: Sequence[str]) -> None:
    for path in paths:
        get(node.port, path)


def _publish(node: ServedNode, token: str, numbers: Sequence[int]) -> None:
    for number in numbers:
        ask(node, "/v1/imports?publish=true", [publication(number)], token)


def _under_load(node: ServedNode, token: str, paths: Sequence[str]) -> float:
    """How many processors were busy."""
    chance = random.Random(1)
    weights = list(accumulate((n + 1) ** -SKEW for n in range(len(paths))))
    chosen = chance.choices(paths, cum_weights=weights, k=int(RATE * (WARM_SECONDS + SECONDS)))
    start = time.monotonic()
    begin, before = 0.0, 0.0
    published = 0
    with ThreadPoolExecutor(32) as pool:
        for turn, path in enumerate(chosen):
            time.sleep(max(0.0, start + turn / RATE - time.monotonic()))
            pool.submit(_quietly_get, node, path)
            if turn / RATE > published * PUBLISH_SECONDS:
                published += 1
                pool.submit(_publish, node, token, [8 + published])
            if not begin and turn / RATE >= WARM_SECONDS:
                begin, before = time.monotonic(), processor_seconds(node)
    return (processor_seconds(node) - before) / (time.monotonic() - begin)


def _quietly_get(node: ServedNode, path: str) -> None:
    with suppress(OSError, http.client.HTTPException, UnexpectedAnswer):
        get(node.port, path)
