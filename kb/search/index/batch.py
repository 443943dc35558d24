"""A series of changes to a Whoosh index, written when it ends."""

from __future__ import annotations

from kb.search.engine import IndexState, SearchDocument
from kb.search.index.index_writer import IndexWriter
from kb.search.index.snapshot import Snapshot


class WhooshBatch:
    """The `IndexBatch` of Whoosh: it writes a key once, since Whoosh would keep both documents."""

    def __init__(
        self,
        writer: IndexWriter,
        snapshot: Snapshot | None,
        fingerprint: str,
        *,
        afresh: bool,
    ) -> None:
        """`snapshot` is what the index holds; None when it is new.

        `fingerprint` is that of the analysis, for an index that has none yet. With `afresh` the
        index loses what it holds, and each key may be put only once.
        """
        self.before = snapshot.state if snapshot else IndexState()
        start = IndexState() if afresh else self.before
        self.change, self.mark = start.change, start.mark
        self._fingerprint = start.fingerprint or fingerprint
        self._writer = writer
        self._snapshot = None if afresh else snapshot
        self._afresh = afresh
        self._documents: dict[str, SearchDocument | None] = {}  # by key; None: removed
        self._owned_keys: dict[str, list[str]] = {}  # of what was put, by owner

    def put(self, document: SearchDocument) -> None:
        """Add a document, or take the place of the one with its key."""
        if self._afresh:
            self._writer.add(document)
            return
        self._documents[document.key] = document
        if document.owner:
            self._owned_keys.setdefault(document.owner, []).append(document.key)

    def remove(self, key: str) -> None:
        """Take a document out."""
        self._documents[key] = None

    def remove_owned(self, owner: str) -> None:
        """Take out the pitfalls and findings of a case or study."""
        if self._snapshot:
            self._writer.delete_documents(self._snapshot.owned_by(owner))
        for key in self._owned_keys.pop(owner, ()):
            self._documents[key] = None

    def finish(self) -> None:
        """Write what was collected, and the state of the index; nothing is committed yet."""
        for key, document in self._documents.items():
            if self._snapshot:
                self._writer.delete_documents(self._snapshot.with_key(key))
            if document is not None:
                self._writer.add(document)
        if self._snapshot:
            self._writer.delete_documents(self._snapshot.state_documents())
        self._writer.add_state(IndexState(self.change, self._fingerprint, self.mark))
