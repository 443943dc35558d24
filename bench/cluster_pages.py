"""What a page costs when one node of OpenSearch answers, beside our own index in the same run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import urllib3

from bench import stock
from bench.corpus import LogLine
from bench.lifecycle import CASES_PER_BATCH
from bench.systems import FACETS
from bench.timing import interleaved, summary
from kb.search.engine import SearchEngine, SearchRequest
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine
from tests.opensearch import clusters

WARM_UP = 40  # queries before those that count
COUNTED = 120


def measure(folder: Path, url: str, size: int, log: Sequence[LogLine]) -> dict[str, Any]:
    """Milliseconds of a page: of the clock, and of the cluster's processors; at one size."""
    index = folder / "index"
    own, cluster = WhooshEngine(index), clusters.new_engine(url)
    try:
        for engine in (own, cluster):
            _fill(engine, size)
        systems = {"own": partial(page, own), "cluster": partial(page, cluster)}
        interleaved(systems, log[:WARM_UP], 60)
        counted = log[WARM_UP:][:COUNTED]
        times = interleaved(systems, counted, 120)
        before = _processor_milliseconds(url)
        for line in counted:
            page(cluster, line)
        processor = (_processor_milliseconds(url) - before) / len(counted)
    finally:
        clusters.delete(cluster)
        cluster.close()
        own.close()
        shutil.rmtree(folder)
    figures = summary(times["cluster"])
    same = summary(times["own"])
    return {
        "p50": figures["p50"],
        "p95": figures["p95"],
        "processor": processor,
        "own p50": same["p50"],
        "own p95": same["p95"],
    }


def _fill(engine: SearchEngine, size: int) -> None:
    with engine.writing(afresh=True) as batch:
        for first in range(0, size, CASES_PER_BATCH):
            for case in stock.search_documents(first, min(first + CASES_PER_BATCH, size)):
                for document in case:
                    batch.put(document)


def page(engine: SearchEngine, line: LogLine) -> int:
    """Ten cases, the total and six facets."""
    request = SearchRequest(
        types=("case",),
        query=parse(line.typed),
        filters={name: (value,) for name, value in line.filters.items()},
        facets=FACETS,
        limit=10,
    )
    return engine.search(request).total


def _processor_milliseconds(url: str) -> float:
    """That the nodes have used, of each of their processors."""
    answer = urllib3.request("GET", f"{url}/_nodes/stats/process", timeout=30)
    nodes: Iterable[Any] = json.loads(answer.data)["nodes"].values()
    return float(sum(each["process"]["cpu"]["total_in_millis"] for each in nodes))
