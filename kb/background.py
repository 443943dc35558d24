"""What a serving process does beside answering: follow changes, write counts, forget in time."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from kb.cases.changes import Position
from kb.cases.vocabulary import VocabularyInForce
from kb.database import Database
from kb.decisions.practice_notes import workflow as practice_notes
from kb.editors import audit
from kb.observing.state import READ_INTERVAL_SECONDS, OperatingState, read_state
from kb.repeated_work import RepeatedWork
from kb.retention import FORGET_INTERVAL_SECONDS, forget_old
from kb.search.analysis.analyzer import DUTCH
from kb.search.analysis.synonyms import concepts
from kb.search.engine import SearchEngine
from kb.search.follower import Follower
from kb.search.unmet.counter import UnmetSearches
from kb.search.unmet.queries import close_days
from kb.settings import Settings
from kb.sharing.partner_use import UseCounter

STOP_TIMEOUT_SECONDS = 5.0  # that the follower has to end what it is at


class Background:
    """The threads of one process: they start and stop with its server, never with `create_app`.

    A server may load the application before it forks, as long as it answers after that: threads
    and connections do not survive a fork, so each process starts its own.
    """

    def __init__(
        self,
        database: Database,
        search: SearchEngine,
        vocabulary: VocabularyInForce,
        settings: Settings,
        partner_use: UseCounter,
        unmet_searches: UnmetSearches,
        observe_state: Callable[[OperatingState, float], None] | None = None,
    ) -> None:
        """`observe_state` is told now and then what an operator has to watch."""
        self._database = database
        self._settings = settings
        self._search = search
        self._vocabulary = vocabulary
        self.partner_use = partner_use
        self.unmet_searches = unmet_searches
        forgetting = [practice_notes.forget, self._forget_acts, close_days]
        self._repeated = [
            RepeatedWork(
                "kb-retention", partial(forget_old, database, forgetting), FORGET_INTERVAL_SECONDS
            )
        ]
        if observe_state:
            self._repeated.append(
                RepeatedWork(
                    "kb-state", partial(self._observe, observe_state), READ_INTERVAL_SECONDS
                )
            )
        self._lock = threading.Lock()
        self._process_id: int | None = None  # of the process that started them
        self._follower: Follower | None = None

    @property
    def is_running(self) -> bool:
        """Whether the threads are of this process, and were started."""
        return self._process_id == os.getpid()

    @property
    def newest_change(self) -> Position | None:
        """The last change in the database when the follower looked last; None before that."""
        return self._follower.newest_change if self._follower and self.is_running else None

    def start(self) -> None:
        """Open the index and start the threads, unless this process has; they end with it."""
        if self.is_running:
            return
        with self._lock:
            if self.is_running:
                return
            concepts(DUTCH)  # no request has to wait for the words, nor for the index
            with suppress(OSError):  # too many open files, say: the follower looks again
                self._search.change()
            self._follower = Follower(self._database, self._search, self._vocabulary)
            self._follower.start()
            self.partner_use.start()
            if self._settings.search_report:
                self.unmet_searches.start()
            for each in self._repeated:
                each.start()
            self._process_id = os.getpid()
            atexit.register(self.stop)

    def wait_for_first_poll(self, seconds: float) -> None:
        """Wait until the index is level with the database, or could not be made so, or that long.

        A process that was away for a while would else begin with lists of then.
        """
        if self._follower:
            self._follower.has_polled.wait(seconds)

    def stop(self) -> None:
        """End the threads, if they run; what was counted is written down."""
        with self._lock:
            if not self.is_running:
                return
            self._process_id = None
            atexit.unregister(self.stop)
            if self._follower:
                self._follower.stop()
                self._follower.join(STOP_TIMEOUT_SECONDS)
            self.partner_use.stop()
            self.unmet_searches.stop()
            for each in self._repeated:
                each.stop()

    def _observe(self, observe_state: Callable[[OperatingState, float], None]) -> None:
        """Read what an operator has to watch, and tell it."""
        observe_state(read_state(self._database, self._search, self._settings), time.time())

    def _forget_acts(self, session: Session, at: datetime) -> None:
        """Delete what the audit log has had for long enough."""
        audit.forget(session, at - timedelta(days=self._settings.audit_days))
