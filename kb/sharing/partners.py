"""Partners by name: which websites may frame us, and how often their pages ask something."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from kb.database import Database, now
from kb.sharing.model import Partner, PartnerOrigin, PartnerUse

FLUSH_EVERY = 60.0  # seconds between two writes of what was counted
MOST_ORIGINS = 1000  # that are counted between two writes; what invents more is not counted
PORTS = {"http": 80, "https": 443}  # that an origin leaves out
HOST = set("abcdefghijklmnopqrstuvwxyz0123456789.-")  # IPv6 addresses are no websites
log = logging.getLogger("kb.sharing")


class PartnerRefused(Exception):
    """A partner cannot be added as asked; the text says why."""


class Use(NamedTuple):
    """How many requests came from a partner's pages on a day."""

    name: str
    day: date
    requests: int


def origin_of(address: str) -> str | None:
    """The origin of an address, as browsers write it; None when it has none.

    Two ways to write one origin give the same: capitals, a port that goes without saying.
    """
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname, parts.port
        host = host and host.encode("idna").decode()
    except (UnicodeError, ValueError):
        return None
    if parts.scheme not in PORTS or not host or not set(host) <= HOST or len(host) > 253:
        return None
    usual = port in {None, PORTS[parts.scheme]}
    return f"{parts.scheme}://{host}" + ("" if usual else f":{port}")


def add(session: Session, name: str, origins: Sequence[str], at: datetime) -> Partner:
    """Register a website, or give one that is known more origins. Raises PartnerRefused."""
    if not 0 < len(name) <= 200:
        raise PartnerRefused("The name must have 1 to 200 characters.")
    partner = session.scalar(select(Partner).where(Partner.name == name))
    if partner is None:
        partner = Partner(name=name, added_at=at, origins=[])
        session.add(partner)
    for given in origins:
        origin = origin_of(given)
        if origin is None or urlsplit(given.strip()).path not in {"", "/"} or "?" in given:
            raise PartnerRefused(f"{given!r} is no origin; it looks like https://www.example.nl.")
        known = session.get(PartnerOrigin, origin)
        if known is None:
            partner.origins.append(PartnerOrigin(origin=origin))
        elif known not in partner.origins:
            raise PartnerRefused(f"{origin} belongs to another partner already.")
    session.flush()
    return partner


def every(session: Session) -> list[Partner]:
    """All partners, by name."""
    return list(session.scalars(select(Partner).order_by(Partner.name)))


def remove(session: Session, name: str) -> bool:
    """Forget a partner, its origins and its use; whether there was one."""
    partner = session.scalar(select(Partner).where(Partner.name == name))
    if partner is not None:
        session.delete(partner)
    return partner is not None


def frame_ancestors(session: Session) -> list[str]:
    """The origins of all partners: whose pages may frame our embeds."""
    return list(session.scalars(select(PartnerOrigin.origin).order_by(PartnerOrigin.origin)))


def usage(session: Session, since: date) -> list[Use]:
    """The use of each partner since a day, by name and day; days without any are left out."""
    asked = (
        select(Partner.name, PartnerUse.day, PartnerUse.requests)
        .join(PartnerUse, PartnerUse.partner_id == Partner.id)
        .where(PartnerUse.day >= since)
        .order_by(Partner.name, PartnerUse.day)
    )
    return [Use(*row) for row in session.execute(asked)]


class UseCounter:
    """Counts in memory which origins ask, and writes it down now and then.

    Nothing but the origin and the day is kept, and in the end only those of partners.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._counted: Counter[tuple[str, date]] = Counter()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def note(self, headers: Headers | Mapping[str, str]) -> None:
        """Count a request, by the page that it came from (Origin, or else Referer)."""
        told = headers.get("Origin") or headers.get("Referer") or ""
        origin = origin_of(told) if told else None
        if origin is None:
            return
        key = (origin, now().date())
        with self._lock:
            if key in self._counted or len(self._counted) < MOST_ORIGINS:
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
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kb-partners", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and no more."""
        if self._thread is not None:
            self._ended.set()
            self._thread.join()
            self._thread = None
        self.flush()

    def _run(self) -> None:
        while not self._ended.wait(FLUSH_EVERY):
            self.flush()


def _write(session: Session, counted: Mapping[tuple[str, date], int]) -> None:
    origins = {origin for origin, _ in counted}
    asked = select(PartnerOrigin.origin, PartnerOrigin.partner_id)
    known = session.execute(asked.where(PartnerOrigin.origin.in_(origins)))
    owners = {origin: partner for origin, partner in known}
    totals: Counter[tuple[int, date]] = Counter()
    for (origin, day), number in counted.items():
        if origin in owners:
            totals[owners[origin], day] += number
    for (partner, day), number in sorted(totals.items()):  # always in this order: no deadlock
        _add_up(session, partner, day, number)


def _add_up(session: Session, partner: int, day: date, number: int) -> None:
    known = (PartnerUse.partner_id == partner) & (PartnerUse.day == day)
    more = update(PartnerUse).where(known).values(requests=PartnerUse.requests + number)
    if session.scalar(select(func.count()).select_from(PartnerUse).where(known)):
        session.execute(more)
    else:  # when another process was there just before, `Database.write` begins anew
        session.add(PartnerUse(partner_id=partner, day=day, requests=number))
        session.flush()
