"""The snapshot that a process searches, and when it goes on to a newer one.

A newer snapshot is opened in a thread of its own; the one before answers until it is ready.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from kb.search.engine import SearchUnavailable
from kb.search.index.commit_point import FileVersion, newest_commit_point
from kb.search.index.corrupt_index import CorruptIndex, is_transient
from kb.search.index.snapshot import Snapshot

POLL_SECONDS = 0.02  # between two looks for a newer commit
RETRY_SECONDS = 1.0  # after a newer commit could not be read
MAX_TRIES = 5  # to open a snapshot whose files a writer deletes meanwhile
log = logging.getLogger("kb.search")


class SnapshotManager:
    """Holds the current snapshot of the index in a folder, for all threads of a process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opening = threading.Lock()  # one thread at a time opens a snapshot
        self._current: Snapshot | None = None
        self._unreadable: FileVersion | None = None  # the last commit that could not be read
        self._refresh_thread: threading.Thread | None = None
        self._next_look = 0.0  # for a newer commit, by the monotonic clock

    def current(self) -> Snapshot:
        """The newest snapshot that is ready; a newer one is opened in the background.

        Raises SearchUnavailable when none can be opened.
        """
        if self._current is None:
            try:
                self.refresh()
            except Exception as error:
                raise SearchUnavailable(str(self._folder)) from error
        snapshot = self._current
        assert snapshot is not None
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + POLL_SECONDS
            self._refresh_if_behind(snapshot)
        return snapshot

    def _refresh_if_behind(self, snapshot: Snapshot) -> None:
        try:
            newest = newest_commit_point(self._folder)
        except OSError:
            return  # the index was lost, and is being made again
        if newest not in {snapshot.commit_point, self._unreadable} and not self._opening.locked():
            self._refresh_thread = threading.Thread(target=self._refresh_in_background, daemon=True)
            self._refresh_thread.start()

    def _refresh_in_background(self) -> None:
        try:
            self.refresh()
        except Exception as error:
            self._next_look = time.monotonic() + RETRY_SECONDS
            log.warning("a newer search index cannot be read: %r", error)

    def refresh(self) -> Snapshot:
        """Open the newest commit, if it is not open yet.

        Raises anything when it is damaged: pickles and packed numbers fail in any way. What the
        machine could not read just now is read the next time.
        """
        with self._opening:
            for tries_left in reversed(range(MAX_TRIES)):
                commit_point = None
                try:
                    commit_point = newest_commit_point(self._folder)
                    return self._open(commit_point)
                except Exception as error:
                    if is_transient(error):
                        raise
                    if not tries_left or (commit_point and self._is_newest(commit_point)):
                        self._unreadable = commit_point
                        raise
            raise AssertionError

    def _open(self, commit_point: FileVersion) -> Snapshot:
        current = self._current
        if current is not None and current.is_current(self._folder):
            return current
        snapshot = Snapshot(self._folder, commit_point, current.segments if current else {})
        self._current = snapshot
        return snapshot

    def verified(self) -> Snapshot:
        """The newest snapshot, its files as they were written. Raises anything when damaged."""
        for tries_left in reversed(range(MAX_TRIES)):
            snapshot = self.refresh()
            try:
                snapshot.verify(self._folder)
                return snapshot
            except CorruptIndex:  # or a writer has deleted them since
                if not tries_left or self._is_newest(snapshot.commit_point):
                    raise
        raise AssertionError

    def _is_newest(self, commit_point: FileVersion) -> bool:
        return newest_commit_point(self._folder) == commit_point

    def close(self) -> None:
        """Let go of the snapshot; `current` opens it again."""
        if self._refresh_thread:
            self._refresh_thread.join()
        self._current = None
