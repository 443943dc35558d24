"""What is not to be kept for ever goes by itself, while a server runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kb.database import Database, now

INTERVAL_SECONDS = 3600.0


class Forget(Protocol):
    """Deletes what is old enough by now."""

    def __call__(self, session: Session, /, at: datetime) -> object: ...


log = logging.getLogger("kb.retention")


class Retention:
    """A thread that deletes every hour what was there long enough."""

    def __init__(
        self,
        database: Database,
        forgetting: Sequence[Forget],
        interval: float = INTERVAL_SECONDS,
    ) -> None:
        self._database = database
        self._forgetting = forgetting
        self._interval = interval  # seconds
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def start(self) -> None:
        """Do so now, and every hour until `stop`."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kb-retention", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        if self._thread is not None:
            self._ended.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            for forget in self._forgetting:
                try:
                    self._database.write(partial(forget, at=now()))
                except SQLAlchemyError:
                    log.exception("what is too old could not be deleted; it is tried again")
            if self._ended.wait(self._interval):
                return
