"""How often the pages of partners ask something: counted in memory, written down each minute."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kb.database import Database, now
from kb.repeated_work import RepeatedWork
from kb.sharing.model import PartnerOrigin, PartnerUse
from kb.sharing.partners import origin_of
from kb.web.wsgi import Environ, StartResponse, WSGIApplication

COUNTED_PATHS = ("/v1/", "/embed/")
FLUSH_INTERVAL_SECONDS = 60.0
MAX_ORIGINS = 1000  # that are counted between two writes; what invents more is not counted
log = logging.getLogger("kb.sharing")


class PartnerUseMiddleware:
    """Counts the requests of the API and of embeds, before a cache or a limit answers them."""

    def __init__(self, app: WSGIApplication, counter: UseCounter) -> None:
        self._app = app
        self._counter = counter

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Count a request by the page that it came from, and let the application answer it."""
        if environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"].startswith(COUNTED_PATHS):
            self._counter.note(environ.get("HTTP_ORIGIN") or environ.get("HTTP_REFERER", ""))
        return self._app(environ, start_response)


class UseCounter:
    """Counts in memory which origins ask, and writes it down now and then.

    Nothing but the origin and the day is kept, and in the end only those of partners.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._counted: Counter[tuple[str, date]] = Counter()
        self._flushing = RepeatedWork(
            "kb-partners", self.flush, FLUSH_INTERVAL_SECONDS, at_once=False
        )

    def note(self, address: str) -> None:
        """Count a request of a page, by the origin in its address; without one it is nobody's."""
        origin = origin_of(address) if address else None
        if origin is None:
            return
        key = (origin, now().date())
        with self._lock:
            if key in self._counted or len(self._counted) < MAX_ORIGINS:
                self._counted[key] += 1

    def flush(self) -> None:
        """Write down what was counted; when that fails it is tried again the next time."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        if not counted:
            return
        try:
            self._database.write(lambda session: _write(session, counted))
        except SQLAlchemyError:
            log.exception("the use of partners could not be written; it is kept for later")
            with self._lock:
                self._counted += counted

    def start(self) -> None:
        """Write from now on each minute, until `stop`."""
        self._flushing.start()

    def stop(self) -> None:
        """Write what is left, and no more."""
        self._flushing.stop()
        self.flush()


def _write(session: Session, counted: Mapping[tuple[str, date], int]) -> None:
    origins = {origin for origin, _ in counted}
    rows = select(PartnerOrigin.origin, PartnerOrigin.partner_id)
    registered = session.execute(rows.where(PartnerOrigin.origin.in_(origins)))
    owners = {origin: partner for origin, partner in registered}
    totals: Counter[tuple[int, date]] = Counter()
    for (origin, day), number in counted.items():
        if origin in owners:
            totals[owners[origin], day] += number
    for (partner, day), number in sorted(totals.items()):  # always in this order: no deadlock
        _add_up(session, partner, day, number)


def _add_up(session: Session, partner: int, day: date, number: int) -> None:
    row = (PartnerUse.partner_id == partner) & (PartnerUse.day == day)
    more = update(PartnerUse).where(row).values(requests=PartnerUse.requests + number)
    if session.scalar(select(func.count()).select_from(PartnerUse).where(row)):
        session.execute(more)
    else:  # when another process was there just before, `Database.write` begins anew
        session.add(PartnerUse(partner_id=partner, day=day, requests=number))
        session.flush()
