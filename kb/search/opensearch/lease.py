"""Who writes now: a document in the cluster, which is taken over when its holder says no more.

It saves double work, no more: a writer that was taken for gone moves no change number.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from kb.search.engine import IndexBusy, SearchUnavailable
from kb.search.opensearch.cluster import Cluster, Conflict, Json, NotThere, Refused

SECONDS = 60.0  # after which a holder that says nothing is taken for gone
RENEWAL_SECONDS = 15.0
POLL_SECONDS = 0.1


class Lease:
    """The right to write to an alias."""

    def __init__(self, cluster: Cluster, alias: str, replicas: int) -> None:
        self._cluster, self._alias, self._replicas = cluster, alias, replicas
        self.index = f"{alias}-leases"
        self._path = f"/{self.index}/_doc/writer"

    @contextmanager
    def held(self, timeout: float) -> Iterator[None]:
        """Keep others from the same work. Raises IndexBusy after so many seconds."""
        self._make_index()
        holder = secrets.token_hex(8)
        end = time.monotonic() + timeout
        while (version := self._take(holder)) is None:
            if time.monotonic() > end:
                raise IndexBusy(f"another writer held {self._alias} for {timeout} s")
            time.sleep(POLL_SECONDS)
        ended = Event()
        versions = [version]
        renewal = Thread(target=self._renew, args=(holder, versions, ended), daemon=True)
        renewal.start()
        try:
            yield
        finally:
            ended.set()
            renewal.join()
            with suppress(SearchUnavailable, NotThere, Conflict):
                self._cluster.write("DELETE", f"{self._path}?{versions[-1]}")

    def _take(self, holder: str) -> str | None:
        """The version of the lease, when it is ours now."""
        try:
            return _version(self._cluster.write("PUT", f"{self._path}?op_type=create", _by(holder)))
        except Conflict:
            with suppress(NotThere, Conflict):
                held = self._cluster.get(self._path)
                if held["_source"]["until"] < time.time():
                    path = f"{self._path}?{_version(held)}"
                    return _version(self._cluster.write("PUT", path, _by(holder)))
        return None

    def _renew(self, holder: str, versions: list[str], ended: Event) -> None:
        """Say again and again that its holder is at work, until it has ended or lost it."""
        while not ended.wait(RENEWAL_SECONDS):
            with suppress(SearchUnavailable):
                try:
                    path = f"{self._path}?{versions[-1]}"
                    versions.append(_version(self._cluster.write("PUT", path, _by(holder))))
                except (Conflict, NotThere):
                    return

    def _make_index(self) -> None:
        """Make the index of leases, unless it is there."""
        if self._cluster.has(f"/{self.index}"):
            return
        body = {
            "settings": {"number_of_shards": 1, "number_of_replicas": self._replicas},
            "mappings": {
                "dynamic": "strict",
                "properties": {"holder": {"type": "keyword"}, "until": {"type": "double"}},
            },
        }
        with suppress(Refused):  # another was first
            self._cluster.write("PUT", f"/{self.index}", body)


def _by(holder: str) -> Json:
    return {"holder": holder, "until": time.time() + SECONDS}


def _version(answer: Json) -> str:
    """The version of a document that was read or written, as a condition of the next write."""
    return f"if_seq_no={answer['_seq_no']}&if_primary_term={answer['_primary_term']}"
