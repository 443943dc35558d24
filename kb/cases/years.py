"""When a case ran, in words."""

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
