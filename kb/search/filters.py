"""By what lists are filtered: terms, names, and numbers from one to another; with their labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kb.translation import N_

FILTERS = (  # on terms or names, in the order in which they are shown
    *("type", "kind", "strategy", "ingredient", "targetGroup", "municipality", "province"),
    *("country", "scale", "status", "partyRole", "archetype", "outcome", "urbanity"),
    *("effectDomain", "effectLevel", "effectDirection", "lane", "evidence", "creditedIngredient"),
    "ownerPitfallCategory",
    *("pitfallCategory", "phase", "theme"),
)
NAME_FILTERS = {"municipality", "province", "country", "archetype", "type"}  # not on terms
FACET_LABELS: Mapping[str, Mapping[str, str]] = {  # by facet and language
    "type": {"nl": "Soort", "en": "Type"},
    "kind": {"nl": "Soort casus", "en": "Kind of case"},
    "strategy": {"nl": "Strategie", "en": "Strategy"},
    "ingredient": {"nl": "Werkzaam bestanddeel", "en": "Active ingredient"},
    "targetGroup": {"nl": "Doelgroep", "en": "Target group"},
    "scale": {"nl": "Schaal", "en": "Scale"},
    "status": {"nl": "Status", "en": "Status"},
    "partyRole": {"nl": "Rol van een partij", "en": "Role of a party"},
    "outcome": {"nl": "Wat er is gevonden", "en": "What was found"},
    "urbanity": {"nl": "Stedelijkheid van de gemeente", "en": "Urbanity of the municipality"},
    "effectDomain": {"nl": "Effectgebied", "en": "Effect domain"},
    "effectLevel": {"nl": "Niveau van het effect", "en": "Effect level"},
    "effectDirection": {"nl": "Richting van het effect", "en": "Effect direction"},
    "lane": {"nl": "Spoor van bewijs", "en": "Lane of evidence"},
    "evidence": {"nl": "Soort bewijs", "en": "Kind of evidence"},
    "creditedIngredient": {
        "nl": "Bestanddeel dat de bron het effect toeschrijft",
        "en": "Ingredient that the source credits",
    },
    "ownerPitfallCategory": {
        "nl": "Soort valkuil van de casus of het onderzoek",
        "en": "Pitfall category of the case or study",
    },
    "pitfallCategory": {"nl": "Soort valkuil", "en": "Pitfall category"},
    "phase": {"nl": "Fase", "en": "Phase"},
    "theme": {"nl": "Thema", "en": "Theme"},
    "municipality": {"nl": "Gemeente", "en": "Municipality"},
    "province": {"nl": "Provincie", "en": "Province"},
    "country": {"nl": "Land", "en": "Country"},
    "archetype": {"nl": "Type interventie", "en": "Archetype"},
}
RANGES = ("startYear", "population", "socialRent")  # of a case; each has a parameter for each end
RANGE_NAMES = {  # of each number
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
