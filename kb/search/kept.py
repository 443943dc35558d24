"""Finished answers of lists, kept while what they tell is the newest that there is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import NamedTuple

from cachetools import LRUCache

KEPT = 2**25  # bytes of answers that a process keeps


class KeptAnswer(NamedTuple):
    """An answer of a list as it was sent."""

    body: bytes
    headers: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        """In bytes; headers weigh little."""
        return len(self.body) + 1000


class KeptAnswers:
    """What was answered to a request before."""

    def __init__(self, version: Callable[[], Hashable]) -> None:
        """`version` tells another value whenever answers may have changed."""
        self._version = version
        self._lock = threading.Lock()
        self._answers: LRUCache[Hashable, KeptAnswer] = LRUCache(
            KEPT, getsizeof=lambda answer: answer.size
        )

    def name(self, *asked: Hashable) -> Hashable:
        """What the answer to a request is kept under, as things are now."""
        return self._version(), *asked

    def find(self, name: Hashable) -> KeptAnswer | None:
        """The answer that was kept under a name."""
        with self._lock:
            return self._answers.get(name)

    def keep(self, name: Hashable, answer: KeptAnswer) -> None:
        """Keep an answer, if it is not too long for that."""
        with self._lock:
            if answer.size < KEPT:
                self._answers[name] = answer
