"""How far it goes: nodes in a storm, a node beside the model, a cluster's pages, and the model.

    python -m bench.scale [--write-only | --cluster-size CASES]

It takes some twenty minutes on two cores. The numbers are written to `docs/scaling.json`, and from
there to `docs/scaling.md` and its picture; `--write-only` does the last part alone. With
`--cluster-size` the cluster's pages at that size join the numbers that are there, and nothing else
is measured: 100,000 cases take more than half an hour of a processor to put into both indexes.
"""

from __future__ import annotations

import argparse
import json
import signal
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench import cluster_pages, one_node, scaling_page, speed, stock
from bench.corpus import corpus
from bench.rehearsal import Answer, publisher, rehearse
from bench.speed import DOCS
from bench.storm import RATE, ServedNode, Storm, figures, is_ready, nodes, running, wait_until
from kb.database import Database
from tests.opensearch import node as opensearch
from tests.replication import Pair, primary_and_standby

CASES = 100  # generated ones, before the first publication
NODES = 3
CLUSTER_SIZES = (1_000, 10_000)
CALM_SECONDS = 4.0  # before a fault
FAULT_SECONDS = 8.0
AFTER_SECONDS = 12.0  # for a look at what comes after it
PUBLICATIONS = 60  # more than fit in that time
PROMOTE_SECONDS = 2.0  # until somebody makes the standby the primary
Fault = Callable[[Sequence[ServedNode], Pair], None]


def calm(_nodes: Sequence[ServedNode], _databases: Pair) -> None:
    """Nothing happens."""
    time.sleep(FAULT_SECONDS)


def kill_a_node(chosen: Sequence[ServedNode], _databases: Pair) -> None:
    """A node loses its power, and is started again, as systemd does."""
    chosen[0].kill()
    time.sleep(FAULT_SECONDS)
    chosen[0].start()
    wait_until(partial(is_ready, chosen[0]))


def freeze_a_node(chosen: Sequence[ServedNode], _databases: Pair) -> None:
    """A node stops in the middle of what it does, and goes on."""
    chosen[0].signal(signal.SIGSTOP)
    time.sleep(FAULT_SECONDS)
    chosen[0].signal(signal.SIGCONT)


def stop_the_database(_nodes: Sequence[ServedNode], databases: Pair) -> None:
    """PostgreSQL is stopped, and started again."""
    databases.primary.stop()
    time.sleep(FAULT_SECONDS)
    databases.primary.start()


def fail_over(_nodes: Sequence[ServedNode], databases: Pair) -> None:
    """The primary loses its power, and its synchronous standby is promoted."""
    databases.primary.kill()
    time.sleep(PROMOTE_SECONDS)
    databases.standby.promote()


FAULTS: Mapping[str, Fault] = {
    "nothing": calm,
    "a node is killed, and started again": kill_a_node,
    "a node is frozen": freeze_a_node,
    "PostgreSQL is stopped and started": stop_the_database,
    "PostgreSQL dies; its standby is promoted": fail_over,
}


def storms(folder: Path) -> dict[str, Any]:
    """Each fault, on nodes and a database of its own."""
    states = list(rehearse(folder / "rehearsal", CASES, PUBLICATIONS))
    results = {
        name: storm(folder / f"storm-{place}", states, fault)
        for place, (name, fault) in enumerate(FAULTS.items())
    }
    return {"nodes": NODES, "cases": CASES, "rate": RATE, "faults": results}


def storm(folder: Path, states: Sequence[Sequence[Answer]], fault: Fault) -> dict[str, Any]:
    """One fault in the middle of visitors and publications. Raises AssertionError for lost ones."""
    with primary_and_standby(synchronous=True) as databases:
        database = Database(databases.url)
        stock.fill(database, CASES)
        token = publisher(database)
        database.dispose()
        chosen = nodes(folder, databases.url, NODES)
        with running(chosen):
            blown = Storm(chosen, token, states)
            with blown.blowing():
                time.sleep(CALM_SECONDS)
                begin = time.monotonic()
                fault(chosen, databases)
                end = time.monotonic()
                time.sleep(AFTER_SECONDS)
            blown.check_publications()
            return figures(blown, begin, end)


def cluster(folder: Path, sizes: Sequence[int] = CLUSTER_SIZES) -> dict[str, Any]:
    """Pages of one node of OpenSearch, by size."""
    url = opensearch.address()
    log = speed.distinct(corpus().queries())
    return {str(size): cluster_pages.measure(folder / str(size), url, size, log) for size in sizes}


def with_size(measured: Mapping[str, Any], folder: Path, size: int) -> dict[str, Any]:
    """All that was measured, and pages of a cluster of one more size."""
    pages = measured["cluster"] | cluster(folder, [size])
    return {**measured, "cluster": dict(sorted(pages.items(), key=lambda item: int(item[0])))}


def measure(folder: Path) -> dict[str, Any]:
    """All of it."""
    folder.chmod(0o755)  # PostgreSQL may run as another user
    return {
        "machine": speed.machine(),
        "one node": one_node.measure(folder / "one"),
        "cluster": cluster(folder / "cluster"),
        "storm": storms(folder / "storms"),
    }


def main() -> None:
    """Measure, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write-only", action="store_true", help="from the numbers that are there")
    parser.add_argument("--cluster-size", type=int, help="measure a cluster of so many cases alone")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where to write")
    options = parser.parse_args()
    numbers = options.docs / "scaling.json"
    if not options.write_only:
        with tempfile.TemporaryDirectory(prefix="kb-scale-") as name:
            if options.cluster_size:
                before = json.loads(numbers.read_text("utf-8"))
                measured = with_size(before, Path(name), options.cluster_size)
            else:
                measured = measure(Path(name))
        numbers.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    performance = json.loads((options.docs / "performance.json").read_text("utf-8"))
    scaling_page.write(json.loads(numbers.read_text("utf-8")), performance, options.docs)


if __name__ == "__main__":
    main()
