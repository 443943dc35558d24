"""Who writes to an alias of the cluster: one at a time, and never back in time.

    lease      a document that says who writes; it saves double work, no more
    documents  in pieces, each with its change as its version, then one refresh shows them
    state      written last, if it is as it was read: else somebody else was first

To write everything afresh makes another index beside the old one; when it was counted, the state
of the old one is touched, so that nobody can write to it any more, and the alias names the new one.
The old one stays for a while, for who is still reading it; what a writer left that died or lost the
cluster is swept with it.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kb.search.analysis.analyzer import Analyzer
from kb.search.engine import EMPTY_INDEX, IndexBusy, IndexState, SearchUnavailable
from kb.search.opensearch.batch import Batch, Means, version_of, write_all
from kb.search.opensearch.cluster import Cluster, Conflict, NotThere, Refused
from kb.search.opensearch.lease import Lease
from kb.search.opensearch.mapping import FORMAT, STATE_ID, index_body
from kb.search.opensearch.snapshots import Snapshot, Snapshots

GRACE_SECONDS = 600.0  # that an index is read from after another has taken its place, at most
OWNED_AT_ONCE = 10_000  # pitfalls and findings of what one batch removes


class Writer:
    """Writes to one alias."""

    def __init__(
        self,
        cluster: Cluster,
        alias: str,
        snapshots: Snapshots,
        analyzer: Analyzer,
        *,
        shards: int,
        replicas: int,
        lock_timeout: float,
    ) -> None:
        self._cluster, self._alias, self._snapshots = cluster, alias, snapshots
        self._analyzer, self._lock_timeout = analyzer, lock_timeout
        self._shards, self._replicas = shards, replicas
        self._lease = Lease(cluster, alias, replicas)

    @contextmanager
    def writing(self, *, afresh: bool = False) -> Iterator[Batch]:
        """See the promise. Raises IndexBusy, SearchUnavailable."""
        with self._lease.held(self._lock_timeout):
            before = self._snapshots.newest()
            is_new = afresh or before is None
            batch = Batch(
                before.state if before else EMPTY_INDEX,
                self._analyzer,
                before.means if before else {},
                afresh=is_new,
            )
            try:
                yield batch
                if is_new or before is None:
                    self._save_afresh(batch, before)
                else:
                    self._save(batch, before)
            except Conflict:
                raise IndexBusy("another writer was first") from None
            finally:
                batch.close()
                self._snapshots.forget()

    def _save(self, batch: Batch, before: Snapshot) -> None:
        owned = self._owned(batch, before) if batch.owners else []
        commits = before.commits + 1
        version = version_of(batch.change, commits)
        write_all(self._cluster, before.index, batch.operations(owned), version)
        self._refresh(before.index)
        self._put_state(before.index, batch.state, commits, batch.means, before)

    def _owned(self, batch: Batch, before: Snapshot) -> list[str]:
        """The keys of what those owners own, also when a writer that failed has just put it."""
        self._refresh(before.index)
        answer = before.search(
            {
                "size": OWNED_AT_ONCE,
                "query": {"terms": {"owner": sorted(batch.owners)}},
                "_source": False,
                "docvalue_fields": ["key"],
                "track_total_hits": True,
            }
        )
        if answer["hits"]["total"]["value"] > OWNED_AT_ONCE:
            raise OverflowError("a batch removes too much at once; make the index anew")
        return [hit["fields"]["key"][0] for hit in answer["hits"]["hits"]]

    def _save_afresh(self, batch: Batch, before: Snapshot | None) -> None:
        index = f"{self._alias}-{secrets.token_hex(8)}"
        self._cluster.write("PUT", f"/{index}", index_body(self._shards, self._replicas))
        try:
            version = version_of(batch.change, 0)
            write_all(self._cluster, index, batch.operations(), version)
            self._put_state(index, batch.state, 0, batch.means, None)
            self._refresh(index)
            self._verify(index, len(batch.keys))
            if before is not None:  # who writes to the old index from now on, writes in vain
                self._put_state(before.index, before.state, before.commits, before.means, before)
        except BaseException:
            with suppress(SearchUnavailable, NotThere, Refused):
                self._cluster.write("DELETE", f"/{index}")
            raise
        self._name(index)  # if that fails it may have been done: the index stays, or is swept

    def sweep(self) -> None:
        """Delete the indexes of this alias that nobody reads any more, and never the one it names.

        Raises IndexBusy, SearchUnavailable.
        """
        with self._lease.held(0):  # so nobody is making one
            live = self._snapshots.newest()
            created_at = self._indexes()
            if live is None or live.index not in created_at:
                return
            if time.time() - created_at[live.index] < GRACE_SECONDS:
                return  # the one before may be read from
            for name in created_at.keys() - {live.index}:
                with suppress(NotThere):
                    self._cluster.write("DELETE", f"/{name}")

    def _indexes(self) -> dict[str, float]:
        """The indexes of this alias, and of no other, with the time at which each was made."""
        ours = re.compile(rf"{re.escape(self._alias)}-[0-9a-f]{{16}}")
        answer = self._cluster.get(f"/{self._alias}-*/_settings/index.creation_date")
        return {
            name: int(each["settings"]["index"]["creation_date"]) / 1000
            for name, each in answer.items()
            if ours.fullmatch(name)
        }

    def _verify(self, index: str, documents: int) -> None:
        """Raises SearchUnavailable unless an index has so many documents, and its state."""
        count = self._cluster.search(f"/{index}/_count", {"query": {"exists": {"field": "key"}}})
        if count["count"] != documents:
            raise SearchUnavailable(f"{count['count']} of {documents} documents were written")

    def _name(self, index: str) -> None:
        """Have the alias name an index, and no other."""
        named = {"index": index, "alias": self._alias}
        removed = [
            {"remove": {"index": name, "alias": self._alias, "must_exist": False}}
            for name in self._indexes()
            if name != index
        ]
        self._cluster.write("POST", "/_aliases", {"actions": [*removed, {"add": named}]})

    def _refresh(self, index: str) -> None:
        """Show what was written. Raises SearchUnavailable when a part of it stays hidden."""
        answer = self._cluster.write("POST", f"/{index}/_refresh")
        if answer["_shards"]["failed"]:
            raise SearchUnavailable("a part of the search cluster shows nothing new")

    def _put_state(
        self,
        index: str,
        state: IndexState,
        commits: int,
        means: Means,
        expected: Snapshot | None,
    ) -> None:
        """Move the change number of an index. Raises Conflict unless its state is as expected."""
        path = f"/{index}/_doc/{STATE_ID}"
        if expected is not None:
            path += f"?if_seq_no={expected.seq_no}&if_primary_term={expected.primary_term}"
        content = state._asdict() | {"commits": commits, "means": means, "format": FORMAT}
        self._cluster.write("PUT", path, {"state": content})
