"""One run over the addresses that are due: in turns between hosts, saved one by one."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import zip_longest

from sqlalchemy.orm import Session

from kb.database import Database, now
from kb.editors.link_checks.checker import LinkChecker, host_of
from kb.editors.link_checks.judge import GONE_AFTER, Outcome, judge
from kb.editors.link_checks.model import LinkCheck, hash_of
from kb.editors.link_checks.queries import cited_links, every_check

MAX_PATIENCE_SECONDS = 120.0  # a host that asks to wait longer is left for another run
Report = Callable[[LinkCheck], None]


def due_links(session: Session, *, older_than: timedelta, at: datetime) -> list[str]:
    """The addresses to check now, in turns between their hosts.

    Those never checked come first, then those checked longest ago, when that is longer than
    `older_than`; for what fails GONE_AFTER is long enough. A host that asked to wait waits.
    """
    checks = every_check(session)
    waiting = {
        host_of(each.url) for each in checks.values() if each.retry_at and each.retry_at > at
    }
    due: dict[str, datetime] = {}
    for url in cited_links(session):
        check = checks.get(url)
        if host_of(url) in waiting:
            continue
        if check is None:
            due[url] = datetime.min.replace(tzinfo=at.tzinfo)
        else:
            age = min(older_than, GONE_AFTER) if check.state == "failing" else older_than
            if at - check.checked_at >= age:
                due[url] = check.checked_at
    return list(_in_turns(sorted(due, key=lambda url: (due[url], url))))


def _in_turns(urls: Iterable[str]) -> Iterator[str]:
    """The first of each host, then the second of each, and so on."""
    by_host: dict[str, list[str]] = {}
    for url in urls:
        by_host.setdefault(host_of(url), []).append(url)
    for round_ in zip_longest(*by_host.values()):
        yield from (url for url in round_ if url is not None)


def check_links(
    database: Database, checker: LinkChecker, urls: Iterable[str], report: Report
) -> Counter[str]:
    """Check these addresses and save what came of each that a public text has.

    Gives how many are in which state, and how many were `postponed` for a host that asked for it.
    """
    with database.reading() as session:
        cited = cited_links(session).keys()
    counts: Counter[str] = Counter()
    waiting, again = deque(dict.fromkeys(urls)), set[str]()
    while waiting:
        url = waiting.popleft()
        if checker.pace.seconds_until_free(host_of(url)) > MAX_PATIENCE_SECONDS:
            counts["postponed"] += 1
            continue
        outcome = checker.check(url)
        if outcome.retry_after:
            checker.pace.hold(outcome.host, outcome.retry_after)
            if outcome.retry_after <= MAX_PATIENCE_SECONDS and url not in again:
                again.add(url)
                waiting.append(url)
                continue
        check = _saved(database, url, outcome, is_cited=url in cited)
        counts[check.state] += 1
        report(check)
    return counts


def _saved(database: Database, url: str, outcome: Outcome, *, is_cited: bool) -> LinkCheck:
    """The new row of an address; saved, unless no public text has it."""

    def save(session: Session) -> LinkCheck:
        before = session.get(LinkCheck, hash_of(url))
        check = judge(url, outcome, before, now())
        return session.merge(check) if is_cited else check

    return database.write(save)
