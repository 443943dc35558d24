"""A copy of the database that lags: it answers anonymous readers while it has what we show already.

Everything public changes with a number, so a copy that has a change, with the nonce of that change,
has all that was public then (docs/decisions/0062-reading-from-a-replica.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import ExitStack

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kb.cases.changes import Position, nonce_of
from kb.database import Database
from kb.outage import outage_reason
from kb.web.policy import is_for_everybody

log = logging.getLogger("kb.database")


class ReadReplica:
    """Reads from the replica where that is good enough."""

    def __init__(self, database: Database, shown: Callable[[], Iterable[Position] | None]) -> None:
        """`shown` are the positions that this process has shown readers; None: not known yet."""
        self.database = database
        self._shown = shown

    def open(self, reading: ExitStack) -> Session | None:
        """A session on the replica for this request, which `reading` closes.

        None when the request needs the newest, and when the replica is away or behind what this
        process shows.
        """
        positions = self._shown() if is_for_everybody() else None
        if positions is None:
            return None
        with ExitStack() as opening:
            try:
                session = opening.enter_context(self.database.reading())
                if all(nonce_of(session, each.number) == each.nonce for each in set(positions)):
                    reading.push(opening.pop_all())
                    return session
            except SQLAlchemyError as error:
                if outage_reason(error) is None:
                    raise
                log.info("the replica cannot be read: %s", getattr(error, "orig", error))
        return None
