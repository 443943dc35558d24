"""Who follows what by e-mail: requests, which hold no address, and what was confirmed."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from kb.cases.changes import last_number
from kb.kinds import KindName
from kb.sharing.address_seal import AddressSeal, hash_token
from kb.sharing.model import Subscription, SubscriptionRequest
from kb.vocabulary.terms import Language

REQUEST_LIFETIME = timedelta(days=3)  # that somebody has to confirm
RESEND_AFTER = timedelta(minutes=10)  # before the same request is mailed again
MAX_MAILS = 3  # for one request
MAX_REQUESTS_OF_ADDRESS = 5  # that are open at a time
MAX_REQUESTS = 2_000  # that are open at a time, of all
MAX_FAILURES = 3  # times on end that an address is refused, before we forget it
TOKEN_BYTES = 24


@dataclass(frozen=True)
class Followed:
    """A list with its words and filters, or one case."""

    kind: KindName
    query: Mapping[str, Any] = field(default_factory=dict)  # a text or several, by API parameter
    slug: str | None = None  # of the only case that it is about

    @property
    def key(self) -> str:
        """One for each list, however its filters are ordered."""
        query = {
            name: value if isinstance(value, str) else sorted(value)
            for name, value in self.query.items()
        }
        text = json.dumps([self.kind, query, self.slug], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def followed(row: Subscription | SubscriptionRequest) -> Followed:
    """What a row is about."""
    return Followed(row.kind, row.query, row.slug)  # type: ignore[arg-type]


def request(
    session: Session,
    seal: AddressSeal,
    address: str,
    what: Followed,
    language: Language,
    at: datetime,
) -> str | None:
    """A new token for the e-mail that asks to confirm; None when none is to be sent now.

    Whether the address follows anything already makes no difference here, so nobody learns it.
    """
    delete_stale(session, at)
    address_hash = seal.hash(address)
    mine = select(SubscriptionRequest).where(SubscriptionRequest.address_hash == address_hash)
    rows = list(session.scalars(mine))
    row = next((each for each in rows if each.list_key == what.key), None)
    if row is None:
        total = session.scalar(select(func.count()).select_from(SubscriptionRequest)) or 0
        if len(rows) >= MAX_REQUESTS_OF_ADDRESS or total >= MAX_REQUESTS:
            return None
        row = SubscriptionRequest(
            address_hash=address_hash,
            list_key=what.key,
            kind=what.kind,
            query=dict(what.query),
            slug=what.slug,
            began_at=at,
            mails=0,
        )
        session.add(row)
    elif row.mails >= MAX_MAILS or row.mailed_at > at - RESEND_AFTER:
        return None
    token = seal.seal(address)
    row.token_hash = hash_token(token)
    row.language, row.mailed_at, row.mails = language, at, row.mails + 1
    return token


def withdraw_request(session: Session, token: str) -> None:
    """Forget a request whose e-mail did not go."""
    session.execute(
        delete(SubscriptionRequest).where(SubscriptionRequest.token_hash == hash_token(token))
    )


def delete_stale(session: Session, at: datetime) -> None:
    """Forget the requests that nobody confirmed in time."""
    session.execute(
        delete(SubscriptionRequest).where(SubscriptionRequest.began_at <= at - REQUEST_LIFETIME)
    )


def find_request(session: Session, token: str, at: datetime) -> SubscriptionRequest | None:
    """The request that a token confirms; None when it was confirmed, has vanished or never was."""
    return session.scalar(
        select(SubscriptionRequest).where(
            SubscriptionRequest.token_hash == hash_token(token),
            SubscriptionRequest.began_at > at - REQUEST_LIFETIME,
        )
    )


def confirm(session: Session, seal: AddressSeal, token: str, at: datetime) -> Subscription | None:
    """Make a subscription of a request. From now on the address is kept, to be able to send."""
    row = find_request(session, token, at)
    if row is None:
        return None
    try:
        address = seal.open(token)
    except ValueError:  # the key is another one since
        return None
    if seal.hash(address) != row.address_hash:
        return None
    mine = (
        Subscription.address_hash == row.address_hash,
        Subscription.list_key == row.list_key,
    )
    subscription = session.scalar(select(Subscription).where(*mine))
    if subscription is None:
        subscription = Subscription(
            address=address,
            address_hash=row.address_hash,
            list_key=row.list_key,
            kind=row.kind,
            query=row.query,
            slug=row.slug,
            token=secrets.token_urlsafe(TOKEN_BYTES),
            confirmed_at=at,
            last_change=last_number(session),
            failures=0,
        )
        session.add(subscription)
    subscription.language = row.language
    session.delete(row)
    return subscription


def find(session: Session, token: str) -> Subscription | None:
    """The subscription that a token of an e-mail stops."""
    return session.scalar(select(Subscription).where(Subscription.token == token))


def unsubscribe(session: Session, token: str) -> None:
    """Delete a subscription with its address; without one nothing happens."""
    session.execute(delete(Subscription).where(Subscription.token == token))


def forget(session: Session, seal: AddressSeal, address: str) -> int:
    """Delete all that is known of an address; how many lists it followed."""
    address_hash = seal.hash(address)
    session.execute(
        delete(SubscriptionRequest).where(SubscriptionRequest.address_hash == address_hash)
    )
    gone = session.execute(
        delete(Subscription)
        .where(Subscription.address_hash == address_hash)
        .returning(Subscription.id)
    )
    return len(gone.all())


def due(session: Session, before: datetime) -> list[int]:
    """The ids of those that got no e-mail since a moment, who waits longest first."""
    statement = (
        select(Subscription.id)
        .where(or_(Subscription.sent_at.is_(None), Subscription.sent_at < before))
        .order_by(Subscription.sent_at.is_not(None), Subscription.sent_at, Subscription.id)
    )
    return list(session.scalars(statement))


def advance(session: Session, row: Subscription, change: int) -> None:
    """Remember that there is nothing to tell up to a change, unless somebody tells of it now."""
    same = (Subscription.id == row.id, Subscription.last_change == row.last_change)
    session.execute(update(Subscription).where(*same).values(last_change=change))


def claim(session: Session, row: Subscription, change: int, before: datetime, at: datetime) -> bool:
    """Take it upon us to tell of all changes up to this one; False when somebody else did.

    From the commit on they count as told, whatever happens to this process.
    """
    claimed = session.execute(
        update(Subscription)
        .where(
            Subscription.id == row.id,
            Subscription.last_change == row.last_change,
            or_(Subscription.sent_at.is_(None), Subscription.sent_at < before),
        )
        .values(last_change=change, sent_at=at)
        .returning(Subscription.id)
    )
    return claimed.one_or_none() is not None


def release(session: Session, row: Subscription, at: datetime) -> None:
    """Undo our claim of `at`: the e-mail surely did not go."""
    session.execute(
        update(Subscription)
        .where(Subscription.id == row.id, Subscription.sent_at == at)
        .values(last_change=row.last_change, sent_at=row.sent_at)
    )


def note_refusal(session: Session, row: Subscription, at: datetime) -> bool:
    """Its address was refused: try again in the next week, or forget it; True when forgotten."""
    mine = (Subscription.id == row.id, Subscription.sent_at == at)
    if row.failures + 1 >= MAX_FAILURES:
        session.execute(delete(Subscription).where(*mine))
        return True
    values = {"last_change": row.last_change, "failures": row.failures + 1}
    session.execute(update(Subscription).where(*mine).values(values))
    return False


def note_success(session: Session, row: Subscription) -> None:
    """Its address works."""
    session.execute(update(Subscription).where(Subscription.id == row.id).values(failures=0))
