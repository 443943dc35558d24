"""Partners by name: which websites may frame us, and how often their pages ask something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.sharing.model import Partner, PartnerOrigin, PartnerUse

PORTS = {"http": 80, "https": 443}  # that an origin leaves out
HOST = set("abcdefghijklmnopqrstuvwxyz0123456789.-")  # IPv6 addresses are no websites


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
    for address in origins:
        origin = origin_of(address)
        if origin is None or urlsplit(address.strip()).path not in {"", "/"} or "?" in address:
            raise PartnerRefused(f"{address!r} is no origin; it looks like https://www.example.nl.")
        row = session.get(PartnerOrigin, origin)
        if row is None:
            partner.origins.append(PartnerOrigin(origin=origin))
        elif row not in partner.origins:
            raise PartnerRefused(f"{origin} belongs to another partner already.")
    session.flush()
    return partner


def all_partners(session: Session) -> list[Partner]:
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
    rows = (
        select(Partner.name, PartnerUse.day, PartnerUse.requests)
        .join(PartnerUse, PartnerUse.partner_id == Partner.id)
        .where(PartnerUse.day >= since)
        .order_by(Partner.name, PartnerUse.day)
    )
    return [Use(*row) for row in session.execute(rows)]
