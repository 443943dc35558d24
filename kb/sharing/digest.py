"""The weekly e-mail: to everybody what is new in the list that they follow, at most once.

An e-mail is claimed in a transaction of its own before it is sent. So when the process dies in
between, or the connection at the wrong moment, it is not sent at all rather than twice; what was
in it stands in the list. When it surely did not go, the claim is undone.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Literal

from flask_babel import force_locale
from marshmallow import ValidationError

from kb.database import Database
from kb.kinds import CASE
from kb.search.engine import SearchEngine
from kb.search.service import titles
from kb.settings import Settings
from kb.sharing import letters, subscriptions
from kb.sharing.list_titles import list_heading, page_path
from kb.sharing.mail import AddressRefused, MailServer, NotSent, Uncertain, message
from kb.sharing.model import Subscription
from kb.sharing.news import News, find_news, list_request
from kb.sharing.subscriptions import followed
from kb.vocabulary.terms import in_language
from kb.web.addresses import public_address
from kb.web.translation import gettext

MAX_TROUBLE = 3  # e-mails on end that do not go, before the run ends
log = logging.getLogger("kb.sharing")
Outcome = Literal[
    "sent",
    "nothing",  # is new
    "not-sent",
    "refused",  # its address was
    "forgotten",  # that too, for the last time
    "lost",  # nobody knows whether it went
    "taken",  # another process sends it
    "broken",  # the list is no more
]


@dataclass(frozen=True)
class Run:
    """What sends, from what and when."""

    settings: Settings
    database: Database
    engine: SearchEngine
    server: MailServer
    at: datetime

    @property
    def monday(self) -> datetime:
        """When this week began: who got an e-mail since gets none now."""
        return week_start(self.at)


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """Inside, everything is in this language."""
    with force_locale(code), in_language("en" if code == "en" else "nl"):
        yield


def stop_address(token: str, code: str) -> str:
    """Where an e-mail is stopped."""
    return public_address(f"/volgen/stoppen/{token}{'?lang=en' if code == 'en' else ''}")


def heading_of(engine: SearchEngine, what: subscriptions.Followed) -> str:
    """What a list or case is called. Raises ValidationError when there is no such list any more."""
    if what.slug:
        return titles(engine, CASE, [what.slug]).get(what.slug, what.slug)
    return list_heading(engine, list_request(what))


def send_digests(run: Run) -> Counter[Outcome]:
    """Send everybody what is new, and say how often each outcome was. Raises SearchUnavailable."""
    outcomes: Counter[Outcome] = Counter()
    with run.database.transaction() as session:
        subscriptions.delete_stale(session, run.at)
        waiting = subscriptions.due(session, run.monday)
    trouble = 0
    for subscription_id in waiting:
        outcome = _send_one(run, subscription_id)
        outcomes[outcome] += 1
        trouble = {"not-sent": trouble + 1, "sent": 0}.get(outcome, trouble)
        if trouble >= MAX_TROUBLE:
            break
    return outcomes


def week_start(at: datetime) -> datetime:
    """The Monday that a week began with, at midnight in UTC."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=at.weekday())


def _send_one(run: Run, id: int) -> Outcome:
    with run.database.reading() as session:
        row = session.get(Subscription, id)
        if row is None:  # stopped a moment ago
            return "nothing"
        try:
            with spoken(row.language):
                news = find_news(run.engine, session, followed(row), row.last_change)
                is_news = news.items or news.withdrawal is not None
                digest = _message(run, row, news) if is_news else None
        except ValidationError:
            log.warning("subscription %s is of a list that is no more", row.id)
            return "broken"
    if digest is None:
        if news.change > row.last_change:
            with run.database.transaction() as session:
                subscriptions.advance(session, row, news.change)
        return "nothing"
    with run.database.transaction() as session:
        if not subscriptions.claim(session, row, news.change, run.monday, run.at):
            return "taken"
    return _deliver(run, row, digest)


def _deliver(run: Run, row: Subscription, digest: EmailMessage) -> Outcome:
    """Send what was claimed, and note what became of it."""
    try:
        run.server.send(digest)
    except AddressRefused as error:
        log.warning("subscription %s: its address is refused: %s", row.id, error)
        with run.database.transaction() as session:
            return "forgotten" if subscriptions.note_refusal(session, row, run.at) else "refused"
    except NotSent as error:
        log.warning("subscription %s: not sent: %s", row.id, error)
        with run.database.transaction() as session:
            subscriptions.release(session, row, run.at)
        return "not-sent"
    except Uncertain as error:
        log.warning("subscription %s: nobody knows whether it was sent: %s", row.id, error)
        return "lost"
    if row.failures:
        with run.database.transaction() as session:
            subscriptions.note_success(session, row)
    return "sent"


def _message(run: Run, row: Subscription, news: News) -> EmailMessage:
    what = followed(row)
    page = f"/casussen/{what.slug}" if what.slug else page_path(list_request(what))
    if row.language == "en":
        page += "&lang=en" if "?" in page else "?lang=en"
    stop = stop_address(row.token, row.language)
    heading = heading_of(run.engine, what)
    if news.withdrawal is None:
        letter = letters.digest(heading, news.items, news.more, public_address(page), stop)
    else:
        letter = letters.withdrawal(heading, news.withdrawal, public_address(page), stop)
    return message(
        run.settings,
        letter,
        to=row.address,
        id=f"{hashlib.sha256(row.token.encode()).hexdigest()[:16]}.{news.change}",
        at=run.at,
        name=gettext("Knowledge base on mixed neighbourhoods"),
        unsubscribe=stop,
    )
