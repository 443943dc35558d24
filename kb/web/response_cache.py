"""Finished answers of lists, kept while what they tell is the newest that there is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import NamedTuple

from cachetools import LRUCache

MAX_CACHE_BYTES = 2**25  # bytes of answers that a process keeps, with what was asked
ENTRY_OVERHEAD_BYTES = 1000  # bytes that it takes to keep an answer, beside what is in it


class CachedResponse(NamedTuple):
    """An answer of a list as it was sent."""

    body: bytes
    headers: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers)


class CacheKey(NamedTuple):
    """What an answer is kept under."""

    version: tuple[Hashable, Hashable]  # of the index, and of the database
    asked: tuple[Hashable, ...]


class ResponseCache:
    """What was answered to a request before, of this snapshot of the index and this moment."""

    def __init__(
        self, snapshot_id: Callable[[], Hashable], moment: Callable[[], Hashable] | None = None
    ) -> None:
        """`snapshot_id` gives another value whenever the index answers otherwise.

        `moment` tells the last change that was seen in the database; without it, only what the
        index tells is looked at.
        """
        self._snapshot_id = snapshot_id
        self._moment = moment
        self._lock = threading.Lock()
        self._current: Hashable = None
        self._answers = self._none()

    @staticmethod
    def _none() -> LRUCache[Hashable, tuple[CachedResponse, int]]:
        return LRUCache(MAX_CACHE_BYTES, getsizeof=lambda kept: kept[1])

    def name(self, *asked: Hashable) -> CacheKey:
        """What the answer to a request is kept under, as things are now."""
        return CacheKey((self._snapshot_id(), self._moment() if self._moment else None), asked)

    def find(self, name: CacheKey) -> CachedResponse | None:
        """The answer that was kept under a name."""
        with self._lock:
            kept = self._answers.get(name.asked) if name.version == self._current else None
        return kept[0] if kept else None

    def keep(self, name: CacheKey, answer: CachedResponse, moment: Hashable = None) -> None:
        """Keep an answer, if it is not too long for that and wholly of what its name says.

        `moment` is that of its rows. The index may have come to another snapshot, or the rows be
        newer than the moment that was seen: such an answer is not kept.
        """
        if self.name(*name.asked) != name or (self._moment and moment != name.version[1]):
            return
        with self._lock:
            if name.version != self._current:  # nobody will ask for the former ones
                self._current, self._answers = name.version, self._none()
            size = answer.size + sum(len(str(part)) for part in name.asked) + ENTRY_OVERHEAD_BYTES
            if size < MAX_CACHE_BYTES:
                self._answers[name.asked] = answer, size
