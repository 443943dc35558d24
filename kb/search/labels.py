"""What facets are called, in Dutch and English."""

from __future__ import annotations

from collections.abc import Mapping

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
