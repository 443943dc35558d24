"""Which index of the cluster is searched now, and what it holds.

An alias names the index that answers; in it a document of its own holds the state. It is looked at
once a second, by one request at a time; the others go on with what was read last. While the cluster
does not say what is newer, that does for half a minute. Nobody goes back: a node that was cut off
from the others may know an older state than they do, and is left for another one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from kb.search.engine import IndexState, SearchUnavailable
from kb.search.opensearch.cluster import Cluster, Json, NotThere
from kb.search.opensearch.mapping import FORMAT, STATE_ID

POLL_SECONDS = 1.0
MAX_AGE_SECONDS = 30.0  # of what was read last, while the cluster does not answer
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
    end: float = math.inf  # by when all searches of a page must be answered, on the monotonic clock

    def for_page(self) -> Snapshot:
        """The same for the searches of one page, which have the time of one together."""
        return replace(self, end=time.monotonic() + self.cluster.read_seconds)

    def search(self, body: Json) -> Json:
        """Ask the index. Raises SearchUnavailable."""
        try:
            return self.cluster.search(f"/{self.index}/_search", body, self.end)
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
        self._tried_at = self._read_at = -math.inf
        self._trouble: SearchUnavailable | None = None  # of the last time that it was looked at
        self._polling = Lock()

    def current(self) -> Snapshot:
        """What is searched now, at most a second old, or as it was last. Raises SearchUnavailable.

        Its first reader waits for another who is reading it; all others do not.
        """
        is_due = time.monotonic() - self._tried_at >= POLL_SECONDS
        if is_due and self._polling.acquire(blocking=self._current is None):
            try:
                self._poll()
            finally:
                self._polling.release()
        trouble = self._trouble
        is_old = time.monotonic() - self._read_at > MAX_AGE_SECONDS
        if trouble and (is_old or self._current is None):
            raise type(trouble)(str(trouble), retry_after=trouble.retry_after)
        if self._current is None:
            raise SearchUnavailable("there is no index yet")
        return self._current

    def confirmed(self) -> Snapshot:
        """The same, and the cluster said so a moment ago. Raises SearchUnavailable."""
        current = self.current()
        if trouble := self._trouble:
            raise type(trouble)(str(trouble), retry_after=trouble.retry_after)
        return current

    def _poll(self) -> None:
        """Read what is newest, unless another has just done so."""
        if time.monotonic() - self._tried_at < POLL_SECONDS:
            return
        try:
            newest = self.newest()
            if newest is not None and self._is_older(newest):
                self._cluster.turn()
                raise SearchUnavailable("a node of the search cluster knows less than others")
        except SearchUnavailable as error:
            self._trouble = error
        else:
            self._current, self._read_at, self._trouble = newest, time.monotonic(), None
        finally:
            self._tried_at = time.monotonic()

    def _is_older(self, read: Snapshot) -> bool:
        """Whether a node knows less than was read before."""
        current = self._current
        if current is None or current.index != read.index:
            return False
        return current.commits > read.commits

    def newest(self) -> Snapshot | None:
        """What the alias names at this moment; None without an index of ours."""
        try:
            answer = self._cluster.get(f"/{self._alias}/_doc/{STATE_ID}")
        except NotThere:
            return None
        if not {"_source", "_index", "_seq_no"} <= answer.keys():  # of a proxy, say
            raise SearchUnavailable("what answers is no search cluster")
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
        self._tried_at = -math.inf
