"""Who writes now: a document in the cluster, which is taken over when its holder says no more.

It saves double work, no more: a writer that was taken for gone moves no change number. A process
takes back at once what it could not let go of, because the cluster was away just then.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

from kb.search.engine import IndexBusy, SearchUnavailable
from kb.search.opensearch.cluster import Cluster, Conflict, Json, NotThere, Refused

SECONDS = 20.0  # after which a holder that says nothing is taken for gone
RENEWAL_SECONDS = 5.0
POLL_SECONDS = 0.1


class Lease:
    """The right to write to an alias."""

    def __init__(self, cluster: Cluster, alias: str, replicas: int) -> None:
        self._cluster, self._alias, self._replicas = cluster, alias, replicas
        self.index = f"{alias}-leases"
        self._path = f"/{self.index}/_doc/writer"
        self._holder = secrets.token_hex(8)
        self._ours = Lock()  # held by the thread that writes

    @contextmanager
    def held(self, timeout: float) -> Iterator[None]:
        """Keep others from the same work. Raises IndexBusy after so many seconds."""
        end = time.monotonic() + timeout
        busy = IndexBusy(f"another writer held {self._alias} for {timeout} s")
        if not self._ours.acquire(timeout=timeout):
            raise busy
        try:
            self._make_index()
            while (version := self._take()) is None:
                if time.monotonic() > end:
                    raise busy
                time.sleep(POLL_SECONDS)
            with self._renewed(version):
                yield
        finally:
            self._ours.release()

    @contextmanager
    def _renewed(self, version: str) -> Iterator[None]:
        """Go on having the lease until the end of the block, and let go of it then."""
        ended = Event()
        versions = [version]
        renewal = Thread(target=self._renew, args=(versions, ended), daemon=True)
        renewal.start()
        try:
            yield
        finally:
            ended.set()
            renewal.join()
            with suppress(SearchUnavailable, NotThere, Conflict):
                self._cluster.write("DELETE", f"{self._path}?{versions[-1]}")

    def _take(self) -> str | None:
        """The version of the lease, when it is ours now."""
        lease = self._lease()
        try:
            return _version(self._cluster.write("PUT", f"{self._path}?op_type=create", lease))
        except Conflict:
            with suppress(NotThere, Conflict):
                held = self._cluster.get(self._path)
                is_ours = held["_source"]["holder"] == self._holder
                if is_ours or held["_source"]["until"] < time.time():
                    path = f"{self._path}?{_version(held)}"
                    return _version(self._cluster.write("PUT", path, lease))
        return None

    def _renew(self, versions: list[str], ended: Event) -> None:
        """Say again and again that its holder is at work, until it has ended or lost it."""
        while not ended.wait(RENEWAL_SECONDS):
            with suppress(SearchUnavailable):
                try:
                    path = f"{self._path}?{versions[-1]}"
                    versions.append(_version(self._cluster.write("PUT", path, self._lease())))
                except (Conflict, NotThere):
                    return

    def _lease(self) -> Json:
        return {"holder": self._holder, "until": time.time() + SECONDS}

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


def _version(answer: Json) -> str:
    """The version of a document that was read or written, as a condition of the next write."""
    return f"if_seq_no={answer['_seq_no']}&if_primary_term={answer['_primary_term']}"
