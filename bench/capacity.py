"""A model of how far each design goes: processor, waiting, memory, and where it stops.

It is fed by what was measured: `docs/performance.json` has what requests cost at some sizes, and
`docs/scaling.json` what a cluster costs and how near the model comes to one real node. Beyond the
measured sizes each figure is a band: from the trend of the last ten times more cases to growth as
steep as a straight line. Two designs are compared:

- **own index**: stateless nodes behind a shared cache, each with its own copy of the index
- **cluster**: the same nodes, which ask one cluster of OpenSearch

The shared cache keeps an answer for SHARED_CACHE_SECONDS; each process of a node keeps answers
until the next publication, as `kb/web/response_cache.py` does.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from bench.bars import THIS_SYSTEM
from bench.timing import percentile
from kb.web.response_cache import ENTRY_OVERHEAD_BYTES, MAX_CACHE_BYTES

SHARED_CACHE_SECONDS = 60.0  # the max-age of public answers
MAX_UTILISATION = 0.7  # of the processors of a node, so that a peak and a lost node are borne
MAX_P95_SECONDS = 0.5  # of an answer that is made anew, waiting included
MAX_FETCH_SECONDS = 600.0  # in which a new node must have its index
NETWORK_BYTES_PER_SECOND = 125e6  # 1 Gbit/s
CASES_PER_SHARD = 250_000  # some 2 GB of OpenSearch; the work is the same, the waiting is shared
MAX_WRITING_SHARE = 0.1  # of one processor of each node, for taking over publications
Z95 = 1.6449  # of the normal distribution
SIMULATED_REQUESTS = 20_000


@dataclass(frozen=True)
class Growth:
    """How something grows with the number of cases."""

    points: tuple[tuple[int, float], ...]  # cases and the figure measured there; ascending

    def expected(self, cases: int) -> float:
        """Straight between the logarithms; beyond the last size with the slope of the last two."""
        if len(self.points) == 1:
            return self.points[0][1]
        pairs = list(pairwise(self.points))
        (x0, y0), (x1, y1) = next((pair for pair in pairs if cases <= pair[1][0]), pairs[-1])
        slope = math.log(y1 / y0) / math.log(x1 / x0)
        return float(y1 * (cases / x1) ** slope)

    def linear(self, cases: int) -> float:
        """As expected where it was measured; beyond, on the straight line of the last two sizes."""
        (x0, y0), (x1, y1) = self.points[-2:] if len(self.points) > 1 else self.points * 2
        if cases <= x1:
            return self.expected(cases)
        return y1 + (y1 - y0) * (cases - x1) / (x1 - x0) if x1 > x0 else y1


class Service(NamedTuple):
    """How long one processor works on a request: lognormal, in seconds."""

    p50: float
    p95: float

    @property
    def mean(self) -> float:
        """Seconds."""
        return self.p50 * math.exp(self.spread**2 / 2)

    @property
    def spread(self) -> float:
        """The standard deviation of the logarithm."""
        return math.log(self.p95 / self.p50) / Z95


@dataclass(frozen=True)
class Traffic:
    """What visitors ask."""

    rate: float  # requests in a second, all together
    queries: int = 20_000  # different ones
    skew: float = 0.9  # of Zipf's law: the query at place n is asked n ** -skew as often
    publications: float = 60.0  # in an hour
    shared_cache: bool = True


class Load(NamedTuple):
    """What comes through the shared cache to the nodes, in requests a second."""

    origin: float
    misses: float  # made anew, as no process had kept them


def load(traffic: Traffic, processes: int, response_bytes: float) -> Load:
    """How much is left to do when `processes` share the requests evenly.

    An answer in the shared cache is asked for again after its time; the first request after a
    publication finds nothing in its process; and what does not fit a process is always made anew.
    """
    popularity = np.arange(1, traffic.queries + 1) ** -traffic.skew
    rates = traffic.rate * popularity / popularity.sum()
    forwarded = rates / (1 + rates * SHARED_CACHE_SECONDS) if traffic.shared_cache else rates
    renewal = traffic.publications / 3600
    each = forwarded / processes
    missed = processes * renewal * -np.expm1(-each / renewal)
    fitting = int(MAX_CACHE_BYTES / (response_bytes + ENTRY_OVERHEAD_BYTES))
    missed[fitting:] = forwarded[fitting:]
    return Load(float(forwarded.sum()), float(missed.sum()))


def response_times(rate: float, miss_share: float, hit: Service, miss: Service, cores: int) -> Any:
    """p50 and p95 in seconds at one node, by simulating its queue; infinite when it overflows.

    Requests come at random, the first free processor takes the first that waits.
    """
    busy = rate * (miss_share * miss.mean + (1 - miss_share) * hit.mean) / cores
    if busy >= 1:
        return math.inf, math.inf
    chance = np.random.default_rng(1)
    arrivals = np.cumsum(chance.exponential(1 / rate, SIMULATED_REQUESTS))
    is_miss = chance.random(SIMULATED_REQUESTS) < miss_share
    normal = chance.standard_normal(SIMULATED_REQUESTS)
    work = np.where(
        is_miss,
        miss.p50 * np.exp(miss.spread * normal),
        hit.p50 * np.exp(hit.spread * normal),
    )
    free = [0.0] * cores
    times = []
    for arrival, seconds in zip(arrivals.tolist(), work.tolist(), strict=True):
        end = max(arrival, heapq.heappop(free)) + seconds
        heapq.heappush(free, end)
        times.append(end - arrival)
    return percentile(times, 0.5), percentile(times, 0.95)


@dataclass(frozen=True)
class Node:
    """A machine for `kb serve`."""

    cores: int = 4
    memory: float = 32 * 2.0**30  # bytes

    @property
    def workers(self) -> int:
        """Processes: as many as processors."""
        return self.cores


class Costs(NamedTuple):
    """What a design costs at one number of cases."""

    hit: Service
    miss: Service
    waiting: float  # seconds that 95 of 100 answers made anew wait for the cluster at most
    cluster_seconds: float  # of the cluster's processors for each answer that is made anew
    memory: float  # bytes of a node with its processes
    to_fetch: float  # bytes of the index that a new node needs
    publishing: float  # seconds of a processor of each node for a publication
    response: float  # bytes


class Plan(NamedTuple):
    """What is needed for some traffic, and what forbids it."""

    nodes: int
    cores: float  # of the nodes, busy
    cluster_cores: float  # busy
    p95: float  # seconds, of all that reaches a node
    stops: tuple[str, ...]


MAX_NODES = 200


def plan(traffic: Traffic, costs: Costs, node: Node) -> Plan:
    """The fewest nodes that bear it, while no answer waits long; and why it does not go so far."""
    p95 = math.inf
    for nodes in range(1, MAX_NODES + 1):
        todo = load(traffic, nodes * node.workers, costs.response)
        share = todo.misses / todo.origin
        rate = todo.origin / nodes
        cores = todo.misses * costs.miss.mean + (todo.origin - todo.misses) * costs.hit.mean
        if cores / (nodes * node.cores) > MAX_UTILISATION:
            continue
        _, p95 = response_times(rate, share, costs.hit, costs.miss, node.cores)
        if p95 <= max(MAX_P95_SECONDS, costs.miss.p95 * 1.1):
            break
    reasons = stops(costs, node, traffic)
    cluster = todo.misses * costs.cluster_seconds
    return Plan(nodes, cores, cluster, p95 + costs.waiting, reasons)


def stops(costs: Costs, node: Node, traffic: Traffic) -> tuple[str, ...]:
    """Why a design does not go so far; empty when it does."""
    reasons = {
        "memory of a node": costs.memory > 0.75 * node.memory,
        "an answer made anew takes too long": costs.miss.p95 + costs.waiting > MAX_P95_SECONDS,
        "a new node waits for its index": costs.to_fetch / NETWORK_BYTES_PER_SECOND
        > MAX_FETCH_SECONDS,
        "publications keep nodes busy": costs.publishing * traffic.publications / 3600
        > MAX_WRITING_SHARE,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


class Measured:
    """The figures that were measured, as growths."""

    def __init__(self, performance: Mapping[str, Any], cluster: Mapping[str, Any]) -> None:
        """`performance` is docs/performance.json; `cluster` the pages of OpenSearch by size."""
        self._sizes = {int(size): each for size, each in performance["sizes"].items()}
        self._cluster = {int(size): each for size, each in cluster.items()}

    @property
    def sizes(self) -> Sequence[int]:
        """Numbers of cases at which this system was measured."""
        return sorted(self._sizes)

    def _growth(self, *path: str) -> Growth:
        return Growth(
            tuple((size, float(_at(self._sizes[size], path))) for size in sorted(self._sizes))
        )

    def own_index(self, cases: int, node: Node, *, steep: bool) -> Costs:
        """Of nodes that each have an index; `steep` is the dear end of the band."""

        def figure(*path: str) -> float:
            growth = self._growth(*path)
            return growth.linear(cases) if steep else growth.expected(cases)

        anew = ("http", "uncached", THIS_SYSTEM)
        memory = ("starting", "memory")
        index = self._growth(*memory, "shared").linear(cases)
        return Costs(
            hit=self._hit(),
            miss=Service(figure(*anew, "p50") / 1000, figure(*anew, "p95") / 1000),
            waiting=0.0,
            cluster_seconds=0.0,
            memory=index + node.workers * self._growth(*memory, "private").linear(cases),
            to_fetch=index,
            publishing=figure("publishing", "p50") / 1000,
            response=figure("http", "bytes"),
        )

    def _hit(self) -> Service:
        """What a process has kept costs the same at every size."""
        finished = [each["http"]["cached"][THIS_SYSTEM] for each in self._sizes.values()]
        return Service(*(max(each[key] for each in finished) / 1000 for key in ("p50", "p95")))

    def cluster(self, cases: int, node: Node, *, steep: bool) -> Costs:
        """Of nodes that ask a cluster, whose cost was measured on one node with fewer cases.

        What is around a search costs a node what it does with the fewest cases. Each shard works on
        a part of a query, on processors of its own. How long a node waits follows from what the
        cluster's processors did, and from how the times of its answers spread: those times
        themselves are of one machine with everything on it.
        """
        sizes = sorted(self._cluster.items())

        def seconds(figure: Callable[[Mapping[str, float]], float]) -> float:
            growth = Growth(tuple((size, figure(each)) for size, each in sizes))
            return (growth.linear(cases) if steep else growth.expected(cases)) / 1000

        return self.own_index(self.sizes[0], node, steep=False)._replace(
            waiting=seconds(lambda each: each["processor"] * each["p95"] / each["p50"])
            / max(1, cases // CASES_PER_SHARD),
            cluster_seconds=seconds(lambda each: each["processor"]),
            to_fetch=0.0,
            publishing=0.0,
        )


def _at(figures: Any, path: Sequence[str]) -> Any:
    for name in path:
        figures = figures[name]
    return figures
