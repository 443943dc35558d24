"""A database that does not do its work: what kind of outage it is, and a breaker that ends waits.

SQLite and PostgreSQL tell the same things in other words; requests hear one of REASONS.
"""

from __future__ import annotations

import threading
import time
from typing import Literal

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

Reason = Literal["away", "busy", "read-only", "full", "not-upgraded", "not-seeded"]
NO_SUCH_TERM = 787  # SQLITE_CONSTRAINT_FOREIGNKEY; what else rows refer to, we look at ourselves

SQLITE: dict[int, Reason] = {  # primary result codes (sqlite.org/rescode.html)
    5: "busy",  # SQLITE_BUSY
    6: "busy",  # SQLITE_LOCKED
    8: "read-only",  # SQLITE_READONLY
    10: "away",  # SQLITE_IOERR
    11: "away",  # SQLITE_CORRUPT
    13: "full",  # SQLITE_FULL
    14: "away",  # SQLITE_CANTOPEN
    15: "busy",  # SQLITE_PROTOCOL: a race for the lock of the journal
    26: "away",  # SQLITE_NOTADB
}
SQLSTATES: dict[str, Reason] = {  # the longest beginning counts (PostgreSQL, Appendix A)
    "08": "away",  # connection exceptions
    "23503": "not-seeded",  # foreign key violation: a term of this release is not there
    "25006": "read-only",
    "28": "away",  # the server does not let us in
    "3D000": "away",  # no such database
    "42501": "read-only",  # insufficient privilege
    "42P01": "not-upgraded",  # undefined table
    "42703": "not-upgraded",  # undefined column
    "53": "away",  # insufficient resources
    "53100": "full",
    "55P03": "busy",  # lock not available
    "57": "away",  # operator intervention
    "57014": "busy",  # the time of a statement was over
    "58": "away",  # system errors
    "XX": "away",  # damage
}


class Unavailable(SQLAlchemyError):
    """The database was away a moment ago; who comes now does not wait for it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the database is not available ({reason})")
        self.reason = reason


class Breaker:
    """After one has waited in vain, others are refused at once; each pause one may try again."""

    def __init__(self, pause: float = 1.0, trial: float = 2.0) -> None:
        """`pause` until the next try, and `trial`: how long a try may take; in seconds."""
        self._pause = pause
        self._trial = trial
        self._lock = threading.Lock()
        self._reason: Reason | None = None
        self._next_try = 0.0  # by the monotonic clock

    @property
    def is_open(self) -> bool:
        """Whether the last one waited in vain."""
        return self._reason is not None

    def check(self) -> None:
        """Raise Unavailable, unless the database answers or it is time for a try."""
        if self._reason is None:
            return
        with self._lock:
            if self._reason is None:
                return
            if time.monotonic() < self._next_try:
                raise Unavailable(self._reason)
            self._next_try = time.monotonic() + self._trial

    def trip(self, reason: Reason) -> None:
        """Tell that somebody has waited in vain."""
        with self._lock:
            self._reason = reason
            self._next_try = time.monotonic() + self._pause

    def reset(self) -> None:
        """Tell that the database did its work."""
        with self._lock:
            self._reason = None


def reason_of(error: BaseException) -> Reason | None:
    """What kind of outage an error of the database is; None when it is a mistake of ours."""
    if isinstance(error, Unavailable):
        return error.reason
    if isinstance(error, PoolTimeout):
        return "busy"
    cause = error.orig if isinstance(error, DBAPIError) else error
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        if code == 1 and str(cause).startswith("no such "):  # a table or column
            return "not-upgraded"
        return "not-seeded" if code == NO_SUCH_TERM else SQLITE.get(code & 0xFF)
    return _reason_of_postgresql(cause)


def _reason_of_postgresql(cause: BaseException | None) -> Reason | None:
    state = getattr(cause, "sqlstate", None)
    if state is None:  # what no server has told: psycopg could not reach it, or lost it
        is_lost = type(cause).__module__.startswith("psycopg") and (
            type(cause).__name__ in {"OperationalError", "ConnectionTimeout", "InterfaceError"}
        )
        return "away" if is_lost else None
    known = (SQLSTATES.get(state[:length]) for length in (5, 2))
    return next((reason for reason in known if reason), None)
