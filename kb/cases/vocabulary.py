"""The vocabulary that is in force: that of the database, read anew when a change says so.

The last change of a vocabulary has a nonce that no other change has, so what was read after it is
known by that, whichever connection or restored copy it came from.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from cachetools import LRUCache
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.database import Database
from kb.vocabulary import queries, terms
from kb.vocabulary.terms import Vocabulary

RECENT_VOCABULARIES = 8  # that a process remembers: of several databases, in tests
LOOK_SECONDS = 1.0  # between two looks at the database, where nobody follows it
_recent: LRUCache[str, Vocabulary] = LRUCache(RECENT_VOCABULARIES)
_lock = threading.Lock()


def vocabulary_in(session: Session) -> Vocabulary:
    """The vocabulary in the snapshot that a session reads; that of the release before any seed."""
    nonce = changes.vocabulary_nonce(session)
    if nonce is None:
        return terms.released()
    with _lock:
        known = _recent.get(nonce)
    if known is None:
        known = Vocabulary(queries.read_schemes(session), nonce)
        with _lock:
            known = _recent.setdefault(nonce, known)
    return known


class VocabularyInForce:
    """What one process answers with: the newest vocabulary that it knows of, for any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._vocabulary = terms.released()
        self._next_look = 0.0  # by the monotonic clock

    @property
    def newest(self) -> Vocabulary:
        """The newest one that is known."""
        return self._vocabulary

    def read(self, session: Session) -> Vocabulary:
        """Take over what this session, which only reads, sees; it is the newest from now on."""
        self._vocabulary = vocabulary_in(session)
        return self._vocabulary

    def look(self) -> Vocabulary:
        """Take over what the database has now. Raises SQLAlchemyError."""
        with self._database.reading() as session:
            return self.read(session)

    def for_request(self, is_followed: Callable[[], bool]) -> Vocabulary:
        """What a request is answered with.

        Where a thread follows the database that knows best; elsewhere we look once a second. While
        the database is away the last one counts.
        """
        if not is_followed() and time.monotonic() >= self._next_look:
            with suppress(SQLAlchemyError):
                self.look()
            self._next_look = time.monotonic() + LOOK_SECONDS
        return self._vocabulary
