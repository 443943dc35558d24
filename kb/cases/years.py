"""When a case ran, and when something happened in it."""

from __future__ import annotations

from kb.web.translation import gettext


def year_range(first: int | None, last: int | None) -> str:
    """When a case ran, as far as is known; empty when nothing is."""
    if first and last:
        return str(first) if first == last else f"{first}–{last}"
    text: str = gettext("since %(year)s", year=first) if first else ""
    if last:
        text = gettext("until %(year)s", year=last)
    return text


def iso_month(year: int, month: int | None) -> str:
    """A month as machines read it, such as 2014-03; the year alone when the month is unknown."""
    return f"{year:04}-{month:02}" if month else f"{year:04}"
