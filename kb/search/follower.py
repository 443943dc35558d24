"""The thread of a serving process in which its index follows the database."""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from kb.cases.changes import Position, last_position
from kb.cases.vocabulary import VocabularyInForce
from kb.database import Database
from kb.search.catch_up import catch_up
from kb.search.engine import IndexBusy, IndexInUse, SearchEngine, SearchUnavailable

log = logging.getLogger("kb.search")


class Follower(threading.Thread):
    """Looks again and again whether the index is behind, and catches up when nobody else does."""

    def __init__(
        self,
        database: Database,
        engine: SearchEngine,
        vocabulary: VocabularyInForce | None = None,
        *,
        poll_seconds: float = 1.0,
    ) -> None:
        """`vocabulary` is what its process answers with; it is kept level with the database."""
        super().__init__(name="kb-follower", daemon=True)
        self._database = database
        self._engine = engine
        self._vocabulary = vocabulary
        self._poll_seconds = poll_seconds
        self._stopping = threading.Event()
        self._had_nonce = False  # whether the index had a nonce once: then this release made it
        self._trouble = ""  # what kept the last poll from following; it is logged once
        self.newest_change: Position | None = None  # in the database, at the last poll
        self.has_polled = threading.Event()  # once or more, whatever came of it

    def run(self) -> None:
        """Follow until `stop`; whatever goes wrong in one poll, the next one tries again."""
        while not self._stopping.is_set():
            try:
                self.poll()
            except IndexBusy:
                log.info("another process is bringing the index up to date")
            except Exception as error:
                self._report(error)
            else:
                self._report_end()
            self.has_polled.set()
            self._stopping.wait(self._poll_seconds)

    def poll(self) -> None:
        """Catch up once, be known as a user of the index, and tidy it. Raises whatever goes wrong.

        Releases before nonces make an index anew that has one, without looking for its users; so
        one that lost its nonce is left to them, or both would do so for ever.
        """
        with self._database.reading() as session:
            newest = last_position(session)
            if self._vocabulary:
                self._vocabulary.read(session)
        self.newest_change = newest  # last: who answers with it has its terms
        state = self._engine.state()
        if self._had_nonce and state.fingerprint and not state.nonce:
            raise IndexInUse("a process of an older release makes the index; stop that one")
        catch_up(self._database, self._engine)
        self._engine.claim()
        self._engine.start_merging()
        self._had_nonce = True

    def _report(self, error: Exception) -> None:
        """Log what went wrong, once for as long as it stays the same."""
        trouble, self._trouble = self._trouble, type(error).__qualname__
        if trouble == self._trouble:
            return
        if isinstance(error, IndexInUse):
            log.error("the index is left as it is: %s", error)
        elif isinstance(error, SQLAlchemyError | SearchUnavailable | OSError):
            log.warning("the index could not follow the database yet: %s", error)
        else:
            log.error("the index could not follow the database yet", exc_info=error)

    def _report_end(self) -> None:
        if self._trouble:
            log.warning("the index follows the database again")
        self._trouble = ""

    def stop(self) -> None:
        """Ask it to end; it does after the poll it is busy with."""
        self._stopping.set()
