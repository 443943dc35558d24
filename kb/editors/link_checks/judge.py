"""What the outcome of a check says of an address: pure functions.

An address is gone at once when its server says so (404, 410, confirmed with a GET). What may pass,
as a name that is not found, silence or a broken server, is failing first, and gone when a second
check fails at least GONE_AFTER later. Who refuses a program says nothing of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from kb.editors.link_checks.model import LinkCheck, hash_of

GONE_AFTER = timedelta(days=3)  # between the first failing check and the one that decides
STATES = {  # of each reason, at the first check
    "ok": "ok",
    "moved": "redirected",
    "not-found": "gone",
    "gone": "gone",
    "forbidden": "refused",
    "too-many-requests": "refused",
    "robots": "refused",
    "private-address": "refused",
    "dns": "failing",
    "timeout": "failing",
    "tls": "failing",
    "connection": "failing",
    "redirects": "failing",
    "server-error": "failing",
    "bad-address": "failing",
}
OF_STATUS = {
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.GONE: "gone",
    HTTPStatus.TOO_MANY_REQUESTS: "too-many-requests",
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one check."""

    reason: str  # a key of STATES
    http_status: int | None = None
    moved_to: str | None = None
    retry_after: float | None = None  # seconds that the host asked to wait
    host: str = ""  # that asked it


def reason_of(status: int) -> str:
    """What the status of a final response says; what is no redirect, that is."""
    if status in OF_STATUS:
        return OF_STATUS[HTTPStatus(status)]
    if status < HTTPStatus.BAD_REQUEST:
        return "ok"
    is_broken = HTTPStatus.INTERNAL_SERVER_ERROR <= status < HTTPStatus.INTERNAL_SERVER_ERROR + 100
    return "server-error" if is_broken else "forbidden"


def judge(url: str, outcome: Outcome, before: LinkCheck | None, at: datetime) -> LinkCheck:
    """The row of an address after a check; `before` is its row until now."""
    state = STATES[outcome.reason]
    fails = state in {"gone", "failing"}
    failed = before is not None and before.state in {"gone", "failing"}
    since = (before.failing_since if before and failed else at) if fails else None
    failures = (before.failures if before and failed else 0) + 1 if fails else 0
    if state == "failing" and since is not None and failures > 1 and at - since >= GONE_AFTER:
        state = "gone"
    retry_after = outcome.retry_after
    return LinkCheck(
        hash=hash_of(url),
        url=url,
        state=state,
        reason=outcome.reason,
        http_status=outcome.http_status,
        checked_at=at,
        failing_since=since,
        failures=failures,
        moved_to=outcome.moved_to,
        retry_at=at + timedelta(seconds=retry_after) if retry_after else None,
    )
