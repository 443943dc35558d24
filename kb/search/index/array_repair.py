"""Making segment files again that are missing or damaged, of Whoosh's segments.

One process does it, in a thread beside its requests, while it is the only writer of the index.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from kb.search.analysis.analyzer import Analyzer
from kb.search.engine import IndexBusy
from kb.search.index.schema import refuse_other_schema
from kb.search.index.segment_file import CorruptIndex, is_transient
from kb.search.index.segment_maker import make_segment_file
from kb.search.index.snapshot import (
    FileVersion,
    Segment,
    SegmentChecks,
    newest_commit_point,
    open_storage,
    read_commit_point,
)

RETRY_SECONDS = 1.0  # after another process, or a full disk, was in the way; at least
log = logging.getLogger("kb.search")


def repair_arrays(folder: Path, analyzer: Analyzer) -> None:
    """Make the segment files again that the newest commit lacks; for its only writer.

    Raises CorruptIndex when a segment of Whoosh is damaged too, or of another schema; and OSError.
    """
    checks, toc = SegmentChecks(folder), read_commit_point(folder, newest_commit_point(folder))
    refuse_other_schema(toc.schema, analyzer)
    for segment in toc.segments:
        checks.verify(segment)
        try:
            Segment(folder, segment.segment_id())
        except CorruptIndex as error:
            log.warning("the segment file of the search index is made again: %s", error)
            make_segment_file(open_storage(folder), segment, analyzer)


class ArrayRepairer:
    """Repairs the arrays of an index in the background, one attempt at a time."""

    def __init__(
        self,
        folder: Path,
        analyzer: Analyzer,
        lock: Callable[[], AbstractContextManager[None]],
        finished: Callable[[], object],
    ) -> None:
        """`lock` makes it the only writer or raises IndexBusy; `finished` is called afterwards."""
        self._folder = folder
        self._analyzer = analyzer
        self._lock = lock
        self._finished = finished
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._next_attempt = 0.0  # by the monotonic clock
        self._irreparable: FileVersion | None = None  # a commit whose arrays cannot be made

    def start(self) -> None:
        """Begin an attempt, unless one is going on, has just failed or must always fail."""
        with self._starting:
            is_busy = self._thread is not None and self._thread.is_alive()
            if is_busy or time.monotonic() < self._next_attempt or self.is_hopeless():
                return
            self._thread = threading.Thread(target=self._run, name="kb-arrays", daemon=True)
            self._thread.start()

    def is_hopeless(self) -> bool:
        """Whether the arrays of the newest commit cannot be made."""
        try:
            return newest_commit_point(self._folder) == self._irreparable
        except OSError:
            return True  # there is no commit

    def _run(self) -> None:
        commit_point, begin = None, time.monotonic()
        try:
            with self._lock():
                commit_point = newest_commit_point(self._folder)
                repair_arrays(self._folder, self._analyzer)
            self._finished()
        except IndexBusy as error:
            log.info("the arrays of the search index are left as they are: %s", error)
        except Exception as error:
            log.warning("the arrays of the search index cannot be made: %r", error)
            if not is_transient(error):
                self._irreparable = commit_point
        end = time.monotonic()
        self._next_attempt = end + max(RETRY_SECONDS, end - begin)

    def close(self) -> None:
        """Wait for the attempt that is going on."""
        if self._thread is not None:
            self._thread.join()
