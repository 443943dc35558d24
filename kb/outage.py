"""A database that does not do its work: why, and a circuit breaker that ends waiting in vain.

SQLite and PostgreSQL say the same things in other words; requests hear a `Reason`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal, TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

T = TypeVar("T")
Reason = Literal["away", "busy", "damaged", "full", "read-only", "not-upgraded", "not-seeded"]
FOREIGN_KEY_VIOLATION = (
    787  # SQLITE_CONSTRAINT_FOREIGNKEY; what else rows refer to, we look at ourselves
)

REASON_BY_SQLITE_CODE: dict[int, Reason] = {  # primary result codes (sqlite.org/rescode.html)
    5: "busy",  # SQLITE_BUSY
    6: "busy",  # SQLITE_LOCKED
    8: "read-only",  # SQLITE_READONLY
    10: "away",  # SQLITE_IOERR
    11: "damaged",  # SQLITE_CORRUPT
    13: "full",  # SQLITE_FULL
    14: "away",  # SQLITE_CANTOPEN
    15: "busy",  # SQLITE_PROTOCOL: a race for the lock of the journal
    26: "damaged",  # SQLITE_NOTADB
}
REASON_BY_SQLSTATE: dict[str, Reason] = {  # the longest beginning counts (PostgreSQL, Appendix A)
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
    "XX": "away",  # an internal error
    "XX001": "damaged",  # data corrupted
    "XX002": "damaged",  # index corrupted
}


class BreakerOpen(SQLAlchemyError):
    """The breaker is open: the database was away a moment ago, and nobody waits for it now."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the database is not available ({reason})")
        self.reason = reason


class CircuitBreaker:
    """After one has waited in vain, others are refused at once; now and then one may try again."""

    def __init__(
        self,
        open_seconds: float = 1.0,
        trial_seconds: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_seconds` until the next try, and `trial_seconds` that a try may take."""
        self._open_seconds = open_seconds
        self._trial_seconds = trial_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._reason: Reason | None = None
        self._next_try = 0.0  # by that clock

    @property
    def is_open(self) -> bool:
        """Whether the last one waited in vain."""
        return self._reason is not None

    def check(self) -> None:
        """Raise BreakerOpen, unless the database answers or it is time for a try."""
        if self._reason is None:
            return
        with self._lock:
            if self._reason is None:
                return
            if self._clock() < self._next_try:
                raise BreakerOpen(self._reason)
            self._next_try = self._clock() + self._trial_seconds

    def trip(self, reason: Reason) -> None:
        """Tell that somebody has waited in vain."""
        with self._lock:
            self._reason = reason
            self._next_try = self._clock() + self._open_seconds

    def reset(self) -> None:
        """Tell that the database did its work."""
        with self._lock:
            self._reason = None


def outage_reason(error: BaseException) -> Reason | None:
    """What kind of outage an error of the database is; None when it is a mistake of ours."""
    if isinstance(error, BreakerOpen):
        return error.reason
    if isinstance(error, PoolTimeout):
        return "busy"
    cause = error.orig if isinstance(error, DBAPIError) else error
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        if code == 1 and str(cause).startswith("no such "):  # a table or column
            return "not-upgraded"
        return (
            "not-seeded"
            if code == FOREIGN_KEY_VIOLATION
            else REASON_BY_SQLITE_CODE.get(code & 0xFF)
        )
    return _postgresql_reason(cause)


def unless_away(read: Callable[[], T]) -> T | None:
    """What is read from the database; None while that is away, for what can be left out."""
    try:
        return read()
    except SQLAlchemyError as error:
        if outage_reason(error) is None:
            raise
        return None


def _postgresql_reason(cause: BaseException | None) -> Reason | None:
    state = getattr(cause, "sqlstate", None)
    if state is None:  # what no server has told: psycopg could not reach it, or lost it
        is_lost = type(cause).__module__.startswith("psycopg") and (
            type(cause).__name__ in {"OperationalError", "ConnectionTimeout", "InterfaceError"}
        )
        return "away" if is_lost else None
    reasons = (REASON_BY_SQLSTATE.get(state[:length]) for length in (5, 2))
    return next((reason for reason in reasons if reason), None)
