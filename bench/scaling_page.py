"""The numbers of `bench.scale`, and the model fed by them → `docs/scaling.md`, and a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.capacity import (
    CASES_PER_SHARD,
    MAX_FETCH_SECONDS,
    MAX_P95_SECONDS,
    MAX_UTILISATION,
    SHARED_CACHE_SECONDS,
    Costs,
    Measured,
    Node,
    Plan,
    Traffic,
    load,
    plan,
    stops,
)
from bench.scaling_picture import STEPS, picture

Numbers = Mapping[str, Any]
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)  # cases
RATES = (10, 200, 2_000)  # requests in a second
MEMORIES = (8, 32, 128)  # GiB of a node
NODE = Node()
PAGE = """\
# How far it goes

For who must decide on how many machines, and of what kind, to run it. Written by `make scale` from
what it measured ([scaling.json](scaling.json)) and from what requests cost
([performance.json](performance.json)).

## Advice

- **Up to some 100,000 cases and 200 requests a second: one machine**, or two for the night that one
  breaks. Each has an index of its own, beside one PostgreSQL with a standby. Put a cache before
  them (nginx as in `deploy/`, or a CDN): it keeps public answers for {ttl:.0f} seconds, and saves
  more than any other machine does.
- **Up to about a million: the same, with more memory and more nodes.** A node of {cores} processes
  needs some {million:.0f} GiB for a million cases. Copy the index to a new one, which would build
  it for hours.
- **Beyond, or where a cluster runs already: OpenSearch** (`KB_SEARCH_URL`), with a shard for each
  {shard:,} cases. Below a million it makes things slower and dearer: searching is a small part of
  an answer, and a cluster is one more thing that can be away. How dear it is with millions the
  model does not know within a factor of ten: measure with a part of them first.
- What costs is not how many visitors there are but how many *different* things they ask, and how
  often something is published: that empties what processes have kept. The tables suppose
  {queries:,} different queries, asked as Zipf's law says (exponent {skew}), and {publications:.0f}
  publications an hour.

## When things go wrong

{nodes} nodes with an index each on one PostgreSQL, {rate:.0f} visitors a second through a load
balancer, a publication a second, {cases} generated cases. Each list is compared with what an engine
that reads everything says after each publication. Right is: the list of one moment, whole.

{storms}

Behind: how long ago the list had become another one when the visitor asked. Cut off: the node died
or froze while it answered. No publication that was acknowledged was lost, and none was made twice:
the run ends when either is not so.

## What a cluster costs

Ten cases, the total and six facets, in process, beside the index in the data folder in the same
run; OpenSearch on one node of the same machine.

{cluster}

## The model

It counts what a shared cache and the processes have kept, and lets the rest wait for a processor.
Nodes of {cores} processors and {memory:.0f} GiB are added until they are busy for {busy:.0%} at
most, and 95 of 100 answers take {p95:.0f} ms or less. Beside one real node ({one_cases:,} cases,
{one_rate:.0f} requests a second of {one_queries} different queries, a publication each
{one_publishing:.0f} s) it foresaw {foreseen:.2f} busy processors; {measured:.2f} were measured.

Of 200 requests a second {origin:.0f} come through the shared cache, and {misses:.0f} are made anew.
Two figures are a band: by the trend of the last ten times more cases, and as steep as a line.

{plans}

A design stops when a node has too little memory, when 95 of 100 answers made anew take longer
than {p95:.0f} ms, or when a new node waits for its index for more than {fetch:.0f} minutes (at
1 Gbit/s). With {publications:.0f} publications an hour, in cases:

{limits}

![Busy processors by number of cases, for both designs](scaling.svg)

## What nobody has shown

- Beyond the sizes in [performance.md](performance.md) all is drawn through a few points: no index
  of a million cases was made.
- All processes were on one machine: no network between nodes, no disk that fails, no second place.
- The visitors are made up. A log of real ones would say how many different queries there are, which
  matters most.
- The cluster was one node with the memory of a small one; how its shards share work is supposed.
  {most_cases:,} cases were the most in it; `make scale ARGS="--cluster-size N"` measures N alone.
  Give 100,000 an hour of a machine that does nothing else.
"""


def write(numbers: Numbers, performance: Numbers, docs: Path) -> None:
    """Write the page and the picture."""
    measured = Measured(performance, numbers["cluster"])
    (docs / "scaling.md").write_text(page(numbers, measured), "utf-8")
    (docs / "scaling.svg").write_text(picture(measured, NODE), "utf-8")


def page(numbers: Numbers, measured: Measured) -> str:
    """The text."""
    storm, one, usual = numbers["storm"], numbers["one node"], Traffic(200)
    todo = load(usual, NODE.workers, measured.own_index(100_000, NODE, steep=False).response)
    return PAGE.format(
        ttl=SHARED_CACHE_SECONDS,
        cores=NODE.cores,
        memory=NODE.memory / 2**30,
        million=measured.own_index(1_000_000, NODE, steep=False).memory / 2**30,
        queries=usual.queries,
        skew=usual.skew,
        shard=CASES_PER_SHARD,
        publications=usual.publications,
        **{name: storm[name] for name in ("nodes", "rate", "cases")},
        storms=_table(STORM_HEADS, _storms(storm["faults"])),
        cluster=_table(CLUSTER_HEADS, _cluster(numbers["cluster"])),
        most_cases=max(map(int, numbers["cluster"])),
        busy=MAX_UTILISATION,
        p95=MAX_P95_SECONDS * 1000,
        one_cases=one["cases"],
        one_rate=one["rate"],
        one_queries=one["queries"],
        one_publishing=one["publish seconds"],
        foreseen=one["busy foreseen"],
        measured=one["busy"],
        origin=todo.origin,
        misses=todo.misses,
        plans=_table(PLAN_HEADS, _plans(measured)),
        fetch=MAX_FETCH_SECONDS / 60,
        limits=_table(("a node has", "own index", "OpenSearch"), _limits(measured)),
    )


STORM_HEADS = (
    *("what happens", "for s", "lists right", "of no moment", "503 with Retry-After", "cut off"),
    *("last bad answer, s after the end", "behind at most, s", "p95 s"),
)


def _storms(faults: Numbers) -> Iterator[Sequence[str]]:
    for name, each in faults.items():
        answers = dict(each["answers"])
        right, refused = answers.pop("right", 0), answers.pop("503 with Retry-After", 0)
        wrong = answers.pop("of no state", 0)
        seconds = (each["recovery seconds"], each["behind seconds"])
        yield (
            name,
            f"{each['fault seconds']:.0f}",
            *(f"{number:,}" for number in (right, wrong, refused, sum(answers.values()))),
            *(f"{number:.1f}" for number in seconds),
            f"{each['p95 seconds']:.2f}",
        )


CLUSTER_HEADS = (
    *("cases", "own index: p50 ms", "p95", "OpenSearch: p50 ms", "p95"),
    "its processors, ms",
)


def _cluster(sizes: Numbers) -> Iterator[Sequence[str]]:
    for size, each in sizes.items():
        times = (each[key] for key in ("own p50", "own p95", "p50", "p95", "processor"))
        yield (f"{int(size):,}", *(f"{time:.1f}" for time in times))


PLAN_HEADS = (
    *("cases", "requests a second", "own index: nodes", "busy processors", "p95 ms", "stops for"),
    *("OpenSearch: nodes", "busy, with the cluster's", "p95 ms", "stops for"),
)


def _plans(measured: Measured) -> Iterator[Sequence[str]]:
    for size in SIZES:
        for rate in RATES:
            cells: list[str] = []
            for costs in (measured.own_index, measured.cluster):
                bands = (costs(size, NODE, steep=steep) for steep in (False, True))
                cells += _cells(*(plan(Traffic(rate), band, NODE) for band in bands))
            yield (f"{size:,}", f"{rate:,}", *cells)


def _cells(expected: Plan, steep: Plan) -> Iterator[str]:
    yield _band(expected.nodes, steep.nodes, ".0f")
    low, high = (each.cores + each.cluster_cores for each in (expected, steep))
    yield _band(low, high, ",.1f")
    yield _band(expected.p95 * 1000, steep.p95 * 1000, ",.0f")
    perhaps = f"perhaps: {', '.join(steep.stops)}" if steep.stops else "–"
    yield ", ".join(expected.stops) or perhaps


def _band(low: float, high: float, form: str) -> str:
    first, last = format(low, form), format(high, form)
    return first if first == last else f"{first}–{last}"


def _limits(measured: Measured) -> Iterator[Sequence[str]]:
    for gibibytes in MEMORIES:
        node = Node(memory=gibibytes * 2.0**30)
        costs = (measured.own_index, measured.cluster)
        yield (
            f"{node.cores} processors, {gibibytes} GiB",
            *(_limit_band(each, node) for each in costs),
        )


def _limit_band(costs: Any, node: Node) -> str:
    """The numbers of cases at which a design stops, at its dearest and by the trend."""
    low, high = (
        _limit([costs(size, node, steep=steep) for size in STEPS], node) for steep in (True, False)
    )
    return low if low == high else f"{low} to {high}"


def _limit(costs: Sequence[Costs], node: Node) -> str:
    for size, each in zip(STEPS, costs, strict=True):
        if stops(each, node, Traffic(1)):
            return f"{_rounded(size):,}"
    return f"over {STEPS[-1]:,}"


def _rounded(number: int) -> int:
    """To the one digit that tells something."""
    scale: int = 10 ** (len(str(number)) - 1)
    return round(number / scale) * scale


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
