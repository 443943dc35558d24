"""Writing to the cluster: many documents, one after the other, then the change number by itself.

A document has the number of its change as its version, so that an older copy never takes the place
of a newer one; the change number of the index moves last, and only when nobody else has moved it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np

from kb.search.analysis.analyzer import Analyzer
from kb.search.engine import IndexState, SearchDocument, SearchUnavailable
from kb.search.index.fields import TEXT_FIELDS
from kb.search.index.segment_writer import StoredDocument, from_stored, to_stored
from kb.search.opensearch.cluster import Cluster
from kb.search.opensearch.mapping import fields_of, lengths_of

BULK_BYTES = 4_000_000  # of one request, about
BULK_DOCUMENTS = 500  # of one request, at most
ATTEMPTS = 5  # to write what the cluster was too busy for
COMMIT_BITS = 20  # of a version, beside the change: how often the index was written to
Means = dict[str, list[float]]  # by type: the mean length of each text field, in terms


class Batch:
    """What an `IndexBatch` collects; nothing is written before the end of the block.

    What replaces everything waits in a file, since it may be more than memory holds.
    """

    def __init__(
        self,
        before: IndexState,
        analyzer: Analyzer,
        means: Mapping[str, list[float]],
        *,
        afresh: bool,
    ) -> None:
        self.before = before
        start = IndexState() if afresh else before
        self.change, self.nonce = start.change, start.nonce
        self.fingerprint = start.fingerprint or analyzer.fingerprint()
        self.owners: set[str] = set()  # whose pitfalls and findings are removed
        self._analyzer = analyzer
        self._known_means = {} if afresh else dict(means)
        self._totals: dict[str, Any] = {}  # by type: documents, then terms of each text field
        self._documents: dict[str, SearchDocument | None] = {}  # by key; None: removed
        self._owned: dict[str, list[str]] = {}  # keys of what was put, by owner
        self._spool: IO[str] | None = None
        if afresh:
            self._spool = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  # `close` does
        self.keys: set[str] = set()  # of what was put afresh

    def put(self, document: SearchDocument) -> None:
        """Add a document, or take the place of the one with its key."""
        if document.type not in self._known_means:
            totals = self._totals.setdefault(
                document.type, np.zeros(len(TEXT_FIELDS) + 1, np.int64)
            )
            totals += [1, *lengths_of(document, self._analyzer)]
        if self._spool is None:
            self._documents[document.key] = document
            if document.owner:
                self._owned.setdefault(document.owner, []).append(document.key)
            return
        self.keys.add(document.key)
        self._spool.write(json.dumps(to_stored(document)._asdict()) + "\n")

    def remove(self, key: str) -> None:
        """Take a document out, if it is there."""
        if self._spool is None:
            self._documents[key] = None
            return
        self.keys.discard(key)
        self._spool.write(json.dumps({"removed": key}) + "\n")

    def remove_owned(self, owner: str) -> None:
        """Take out the pitfalls and findings of a case or study."""
        if self._spool is None:
            self.owners.add(owner)
            for key in self._owned.pop(owner, ()):
                self._documents[key] = None
            return
        for key in [key for key in self.keys if key.partition(":")[2].startswith(f"{owner}--")]:
            self.remove(key)

    def weigh_anew(self, types: Iterable[str]) -> None:
        """Have all documents of these types weighed by their own lengths; all must be put."""
        for type_ in types:
            self._known_means.pop(type_, None)

    @property
    def state(self) -> IndexState:
        """What the index holds when this is saved."""
        return IndexState(self.change, self.fingerprint, self.nonce)

    @property
    def means(self) -> Means:
        """The mean lengths that documents are weighed by."""
        new = {type_: (totals[1:] / totals[0]).tolist() for type_, totals in self._totals.items()}
        return {**self._known_means, **new}

    def operations(self, owned: Iterable[str] = ()) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Each key with the fields of its document, None to remove it; the last one counts.

        `owned` are the keys in the index of what the `owners` own.
        """
        means = self.means
        for key in owned:
            if key not in self._documents:
                yield key, None
        for key, document in self._collected():
            if document is None:
                yield key, None
            else:
                yield key, fields_of(document, self._analyzer, means[document.type])

    def _collected(self) -> Iterator[tuple[str, SearchDocument | None]]:
        if self._spool is None:
            yield from self._documents.items()
            return
        self._spool.seek(0)
        for line in self._spool:
            content = json.loads(line)
            if "removed" in content:
                yield content["removed"], None
            else:
                document = from_stored(StoredDocument(**content))
                yield document.key, document

    def close(self) -> None:
        """Let go of the file."""
        if self._spool is not None:
            self._spool.close()


def version_of(change: int, commits: int) -> int:
    """The version of what is written with a change: a later change always has a greater one."""
    return change << COMMIT_BITS | commits % (1 << COMMIT_BITS)


def write_all(
    cluster: Cluster,
    index: str,
    operations: Iterable[tuple[str, dict[str, Any] | None]],
    version: int,
) -> None:
    """Write documents in pieces. Raises SearchUnavailable, Refused; a part may then be written."""
    piece: list[list[str]] = []
    size = 0
    for key, fields in operations:
        about = {"_id": key, "version": version, "version_type": "external_gte"}
        lines = [json.dumps({"delete" if fields is None else "index": about})]
        if fields is not None:
            lines.append(json.dumps(fields, ensure_ascii=False))
        piece.append(lines)
        size += sum(map(len, lines))
        if size > BULK_BYTES or len(piece) >= BULK_DOCUMENTS:
            _write(cluster, index, piece)
            piece, size = [], 0
    if piece:
        _write(cluster, index, piece)


def _write(cluster: Cluster, index: str, piece: list[list[str]]) -> None:
    """Write a piece; what the cluster was too busy for again, after a while."""
    for attempt in range(ATTEMPTS):
        answer = cluster.bulk(f"/{index}/_bulk", (line for lines in piece for line in lines))
        outcomes = [next(iter(each.values())) for each in answer["items"]]
        again = []
        for lines, outcome in zip(piece, outcomes, strict=True):
            status = outcome["status"]
            if status == 429 or status >= 500:
                again.append(lines)
            elif status >= 400 and status not in {404, 409}:  # gone already, or newer there
                kind = outcome.get("error", {}).get("type", "")
                raise RuntimeError(f"the cluster refuses a document: {status} {kind}")
            elif status == 404 and "error" in outcome:
                raise SearchUnavailable("the index was deleted while it was written")
        if not again:
            return
        piece = again
        time.sleep(0.2 * 2**attempt)
    raise SearchUnavailable("the search cluster is too busy to be written to")
