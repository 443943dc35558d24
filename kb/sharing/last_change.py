"""When anything changed last, read once for a request."""

from __future__ import annotations

from datetime import datetime

from flask import g

from kb.cases.changes import changed_since, last_number
from kb.database import now
from kb.services import session


def last_change() -> datetime:
    """The moment of the newest change; now when there is none."""
    if "last_change" not in g:
        changes = changed_since(session(), last_number(session()) - 1, 1)
        g.last_change = changes[0].changed_at if changes else now()
    moment: datetime = g.last_change
    return moment
