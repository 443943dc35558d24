"""Noting in memory what was not found; a thread writes it down, so no search waits for it."""

from __future__ import annotations

import logging
import re
import threading
from datetime import date
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from kb.database import Database, now
from kb.repeated_work import RepeatedWork
from kb.search.analysis.analyzer import fold
from kb.search.unmet.model import MAX_LENGTH
from kb.search.unmet.queries import write

FLUSH_INTERVAL_SECONDS = 60.0
MAX_NOTES = 1000  # between two writes; what comes more is not counted
PERSONAL = re.compile(r"@|\d{5,}|://")  # an e-mail address, a number of somebody, a link
log = logging.getLogger("kb.search")


def normalise(typed: str) -> str | None:
    """The words as they are counted; None for what is too long, or may be about a person."""
    words = " ".join(fold(typed).split())
    if not 0 < len(words) <= MAX_LENGTH or PERSONAL.search(words):
        return None
    return words


class UnmetSearches:
    """What was not found since the last write, and by which address: that is stored as a hash."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._day: date | None = None
        self._notes: set[tuple[str, str]] = set()  # words and address
        self._flushing = RepeatedWork("kb-unmet", self.flush, FLUSH_INTERVAL_SECONDS, at_once=False)

    def note(self, typed: str, visitor: str) -> None:
        """Note that this visitor did not find this."""
        words = normalise(typed)
        if words is None:
            return
        today = now().date()
        with self._lock:
            if self._day != today:  # what was not written of a day that is over is forgotten
                self._day, self._notes = today, set()
            if len(self._notes) < MAX_NOTES:
                self._notes.add((words, visitor))

    def flush(self) -> None:
        """Write it down; when that fails it is tried again the next time, on the same day."""
        with self._lock:
            day, notes, self._notes = self._day, self._notes, set()
        if not notes or day is None or day != now().date():
            return
        try:
            self._database.write(partial(write, day=day, notes=notes))
        except SQLAlchemyError:
            log.exception("what was not found could not be written; it is kept for later")
            with self._lock:
                if self._day == day:
                    self._notes |= notes

    def start(self) -> None:
        """Write from now on each minute, until `stop`."""
        self._flushing.start()

    def stop(self) -> None:
        """Write what is left, and no more."""
        self._flushing.stop()
        self.flush()
