"""The order of events: by year, then by month; those of an unknown month come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def chronological(events: Sequence[Any]) -> list[int]:
    """The indexes of events in order; those of the same moment as they stand.

    Events that nobody has checked yet may be anything.
    """
    return sorted(range(len(events)), key=lambda index: _moment(events[index]))


def _moment(event: Any) -> tuple[float, float]:
    values = event if isinstance(event, Mapping) else {}
    return _number(values.get("year")), _number(values.get("month"))


def _number(value: Any) -> float:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0
