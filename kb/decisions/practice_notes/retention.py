"""What is not to be kept for ever goes by itself, while a server runs."""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from kb.database import Database, now
from kb.decisions.practice_notes import workflow

INTERVAL_SECONDS = 3600.0
log = logging.getLogger("kb.decisions")


class NoteRetention:
    """A thread that deletes every hour what was kept long enough (`workflow.forget`)."""

    def __init__(self, database: Database, interval: float = INTERVAL_SECONDS) -> None:
        self._database = database
        self._interval = interval  # seconds
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def start(self) -> None:
        """Do so now, and every hour until `stop`."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kb-notes", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        if self._thread is not None:
            self._ended.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            try:
                self._database.write(lambda session: workflow.forget(session, now()))
            except SQLAlchemyError:
                log.exception("old addresses could not be deleted; it is tried again")
            if self._ended.wait(self._interval):
                return
