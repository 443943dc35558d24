"""What a serving process does beside answering: follow the changes, and write its counts down."""

from __future__ import annotations

import atexit
import os
import threading

from kb.cases.changes import Position
from kb.database import Database
from kb.search.catch_up import Follower
from kb.search.engine import SearchEngine
from kb.sharing.partners import UseCounter

ENDING = 5.0  # seconds that the follower has to end what it is at


class Background:
    """The threads of one process. They begin with the server, after it has forked."""

    def __init__(self, database: Database, search: SearchEngine, use: UseCounter) -> None:
        self._database = database
        self._search = search
        self._use = use
        self._lock = threading.Lock()
        self._process: int | None = None  # whose threads they are; those of a parent are no more
        self.follower: Follower | None = None

    @property
    def seen(self) -> Position | None:
        """The last change in the database at the follower's last look; None before that."""
        return self.follower.seen if self.follower else None

    def start(self) -> None:
        """Begin, if this process has not begun yet; they stop with it."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process == os.getpid():
                return
            self.follower = Follower(self._database, self._search)
            self.follower.start()
            self._use.start()
            self._process = os.getpid()
            atexit.register(self.stop)

    def stop(self) -> None:
        """End them, if they run; what was counted is written down."""
        with self._lock:
            if self._process != os.getpid():
                return
            self._process = None
            atexit.unregister(self.stop)
            if self.follower:
                self.follower.stop()
                self.follower.join(ENDING)
            self._use.stop()
