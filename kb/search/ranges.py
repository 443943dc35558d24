"""Numbers by which lists are filtered from one to another, and what pages call either end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kb.translation import N_

RANGES = ("startYear", "population", "socialRent")  # of a case; each has a parameter for each end
NAMES = {  # of each number
    "startYear": {"nl": "Beginjaar", "en": "Start year"},
    "population": {"nl": "Inwoners van de gemeente", "en": "Inhabitants of the municipality"},
    "socialRent": {"nl": "Corporatiewoningen", "en": "Housing association dwellings"},
}
RANGE_LABELS = {  # what a list says before the number, by parameter
    "startYearFrom": N_("Started in or after"),
    "startYearTo": N_("Started in or before"),
    "populationFrom": N_("Inhabitants of the municipality, at least"),
    "populationTo": N_("Inhabitants of the municipality, at most"),
    "socialRentFrom": N_("Housing association dwellings (percent), at least"),
    "socialRentTo": N_("Housing association dwellings (percent), at most"),
}


class Range(NamedTuple):
    """Numbers from one to another, both included; None where it has no end."""

    first: int | None = None
    last: int | None = None


def ranges_of(parameters: Mapping[str, Any]) -> dict[str, Range]:
    """The ranges that parameters of a list name, by number; their ends are numbers or digits."""
    ends = {name: [parameters.get(f"{name}{end}") for end in ("From", "To")] for name in RANGES}
    return {
        name: Range(*(None if end is None else int(end) for end in both))
        for name, both in ends.items()
        if both != [None, None]
    }
