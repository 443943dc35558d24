"""Work that a thread does again and again while a server runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger("kb.background")


class RepeatedWork:
    """A thread that works at an interval, from `start` until `stop`; what fails is tried again."""

    def __init__(
        self,
        name: str,
        work: Callable[[], object],
        interval: float,
        *,
        at_once: bool = True,
    ) -> None:
        """`interval` is in seconds; `at_once` whether the first time is now or after it."""
        self._name = name
        self._work = work
        self._interval = interval
        self._at_once = at_once
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin; after a `stop` it may begin anew."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the work that it is at."""
        if self._thread is not None:
            self._stopping.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        if not self._at_once:
            self._stopping.wait(self._interval)
        while not self._stopping.is_set():
            try:
                self._work()
            except Exception:
                log.exception("%s failed; it is tried again", self._name)
            self._stopping.wait(self._interval)
