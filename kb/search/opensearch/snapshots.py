"""Which index of the cluster is searched now, and what it holds.

An alias names the index that answers; in it a document of its own holds the state. It is looked at
once a second at most, by whoever asks then.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

from kb.search.engine import IndexState, SearchUnavailable
from kb.search.opensearch.cluster import Cluster, Json, NotThere
from kb.search.opensearch.mapping import FORMAT, STATE_ID

POLL_SECONDS = 1.0
POINT_IN_TIME = "5m"  # that a stream may wait for its reader between two pages
PAGE = 500


@dataclass(frozen=True)
class Snapshot:
    """An index, and how far it is."""

    cluster: Cluster
    index: str  # its own name, not the alias
    state: IndexState
    commits: int  # how often it was written to
    means: dict[str, list[float]]
    seq_no: int  # of the document with the state, …
    primary_term: int  # … for who writes the next

    def search(self, body: Json) -> Json:
        """Ask the index. Raises SearchUnavailable."""
        try:
            return self.cluster.search(f"/{self.index}/_search", body)
        except NotThere:
            raise SearchUnavailable("the index was replaced", retry_after=1) from None

    def walk(self, body: Json) -> Iterator[Json]:
        """All pages of a search as it is now, whatever is written meanwhile.

        Raises SearchUnavailable.
        """
        path = f"/{self.index}/_search/point_in_time?keep_alive={POINT_IN_TIME}"
        try:
            point = self.cluster.write("POST", path)["pit_id"]
            try:
                yield from self._pages(body | {"pit": {"id": point, "keep_alive": POINT_IN_TIME}})
            finally:
                with suppress(SearchUnavailable, NotThere):  # then it ends by itself
                    self.cluster.write("DELETE", "/_search/point_in_time", {"pit_id": [point]})
        except NotThere:
            raise SearchUnavailable("the index was replaced", retry_after=1) from None

    def _pages(self, body: Json) -> Iterator[Json]:
        page = body | {"size": PAGE}
        while True:
            answer = self.cluster.search("/_search", page)
            yield answer
            hits = answer["hits"]["hits"]
            if len(hits) < PAGE:
                return
            page = body | {"size": PAGE, "search_after": hits[-1]["sort"]}


class Snapshots:
    """The newest snapshot of an alias."""

    def __init__(self, cluster: Cluster, alias: str) -> None:
        self._cluster, self._alias = cluster, alias
        self._current: Snapshot | None = None
        self._read_at = -math.inf
        self._lock = Lock()

    def current(self) -> Snapshot:
        """What is searched now, at most a second old. Raises SearchUnavailable."""
        with self._lock:
            if time.monotonic() - self._read_at >= POLL_SECONDS:
                self._current = self.newest()
                self._read_at = time.monotonic()
            if self._current is None:
                raise SearchUnavailable("there is no index yet")
            return self._current

    def newest(self) -> Snapshot | None:
        """What the alias names at this moment; None without an index of ours."""
        try:
            answer = self._cluster.get(f"/{self._alias}/_doc/{STATE_ID}")
        except NotThere:
            return None
        content: dict[str, Any] = answer["_source"]["state"]
        if content["format"] != FORMAT:
            return None
        return Snapshot(
            self._cluster,
            answer["_index"],
            IndexState(content["change"], content["fingerprint"], content["nonce"]),
            content["commits"],
            content["means"],
            answer["_seq_no"],
            answer["_primary_term"],
        )

    def forget(self) -> None:
        """Look again: it was written to."""
        with self._lock:
            self._read_at = -math.inf
