"""What Prometheus may ask for: how many requests, how fast, and what an operator has to watch.

Labels have few values, always: a route is the rule of an address, never the address itself. In
`kb serve` each process writes its values into files (`metrics_server`), elsewhere into memory.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kb.observing.state import OperatingState
from kb.web.headers import API_VERSION
from kb.web.wsgi import CACHED, NO_ROUTE, PROBLEM, ROUTE, Environ, method_of

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
MAX_SERIES = 2_000  # of routes, methods and kinds of status that are remembered


class RequestSeries(NamedTuple):
    """The series that requests of one sort add to."""

    requests: Counter
    seconds: Histogram


class Metrics:
    """All metrics of one process; any thread may write them."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """`registry` is where they can be read, if they are in memory."""
        self.registry = registry or CollectorRegistry()
        self._requests = self._counter(
            "kb_http_requests", "Requests that were answered.", "route", "method", "status"
        )
        self._seconds = self._histogram(
            "kb_http_request_duration_seconds", "Time until the response began.", "route"
        )
        self._problems = self._counter(
            "kb_problems", "Requests that were answered with a problem, by its name.", "problem"
        )
        self._cache_hits = self._counter(
            "kb_response_cache_hits", "Requests that were answered from the response cache."
        )
        self._searches = self._histogram(
            "kb_search_duration_seconds", "Time that the search of a list took."
        )
        self.connections = self._gauge("kb_connections", "Open connections.", "livesum")
        self.queued = self._gauge(
            "kb_requests_queued", "Requests that wait for a thread.", "livesum"
        )
        self._state = StateMetrics(self)
        self._series = lru_cache(maxsize=MAX_SERIES)(self._series_of)
        self._gauge("kb_info", "What runs.", "livemax", "version").labels(API_VERSION).set(1)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(name, text, labels, registry=self.registry, buckets=BUCKETS)

    def _gauge(self, name: str, text: str, mode: str, *labels: str) -> Gauge:
        """`mode` says what the gauges of several processes are together."""
        return Gauge(name, text, labels, registry=self.registry, multiprocess_mode=mode)  # type: ignore[arg-type]

    def _series_of(self, route: str, method: str, status: str) -> RequestSeries:
        requests = self._requests.labels(route, method, status)
        return RequestSeries(requests, self._seconds.labels(route))

    def observe_request(self, environ: Environ, status: str, seconds: float) -> None:
        """Count a request; `status` is the status line of its response."""
        series = self._series(
            environ.get(ROUTE) or NO_ROUTE,
            method_of(environ),
            f"{status[:1]}xx",
        )
        series.requests.inc()
        series.seconds.observe(seconds)
        if CACHED in environ:
            self._cache_hits.inc()
        if PROBLEM in environ:
            self._problems.labels(environ[PROBLEM]).inc()

    def observe_search(self, seconds: float) -> None:
        """Count a search."""
        self._searches.observe(seconds)

    def observe_state(self, state: OperatingState, at: float) -> None:
        """Set what the database, the index and the disk are like; `at` is in seconds since 1970."""
        self._state.set(state, at)


class StateMetrics:
    """What was read of the database, the index and the disk; each process reads for itself."""

    def __init__(self, metrics: Metrics) -> None:
        gauge = metrics._gauge
        self._read_at = gauge(
            "kb_state_timestamp_seconds", "When the state below was read.", "livemin"
        )
        self._database = gauge("kb_database_up", "Whether the database can be read.", "livemin")
        self._search = gauge(
            "kb_search_ready", "Whether the index can answer and is level.", "livemin"
        )
        self._lag_changes = gauge(
            "kb_index_lag_changes", "Changes that the index does not hold yet.", "livemax"
        )
        self._lag_seconds = gauge(
            "kb_index_lag_seconds", "Age of the oldest change that it does not hold.", "livemax"
        )
        self._reviews = gauge("kb_reviews_waiting", "Drafts that wait for a review.", "livemax")
        self._review_age = gauge(
            "kb_reviews_oldest_seconds", "Since when the longest of them waits.", "livemax"
        )
        self._links = gauge(
            "kb_links", "Addresses in public texts, by their last check.", "livemax", "state"
        )
        self._links_at = gauge(
            "kb_links_checked_timestamp_seconds", "When an address was checked last.", "livemax"
        )
        self._backup_at = gauge(
            "kb_backup_timestamp_seconds", "When `kb backup` made a copy last.", "livemax"
        )
        self._free = gauge(
            "kb_disk_free_bytes", "Room where this process writes.", "livemin", "folder"
        )

    def set(self, state: OperatingState, at: float) -> None:
        """Take it over; what could not be read stays as it was."""
        self._database.set(state.database is not None)
        self._search.set(bool(state.database and state.database.is_search_ready))
        for folder, free in state.free_bytes.items():
            self._free.labels(folder).set(free)
        if known := state.database:
            self._lag_changes.set(known.lag_changes)
            self._lag_seconds.set(known.lag_seconds)
            self._reviews.set(known.reviews_waiting)
            self._review_age.set(known.oldest_review_seconds)
            for name, number in known.links.items():
                self._links.labels(name).set(number)
            if known.links_checked_at:
                self._links_at.set(known.links_checked_at.timestamp())
            if known.backed_up_at:
                self._backup_at.set(known.backed_up_at.timestamp())
        self._read_at.set(at)
