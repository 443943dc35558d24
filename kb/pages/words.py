"""How pages say what answers have: the keys of things, their kinds and places, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import format_date, format_decimal, get_locale, gettext

from kb.problems import N_

KEYS = {  # of documents, as `match.fields` and `unverified` name them
    "title": N_("the title"),
    "id": N_("the address"),
    "summary": N_("the summary"),
    "context": N_("the context"),
    "approach": N_("the approach"),
    "results": N_("the results"),
    "collaboration": N_("the collaboration"),
    "place": N_("the place"),
    "parties": N_("the parties"),
    "archetype": N_("the type of intervention"),
    "strategies": N_("the strategies"),
    "targetGroups": N_("the target groups"),
    "ingredients": N_("the active ingredients"),
    "pitfalls": N_("the pitfalls"),
    "findings": N_("the findings"),
    "sources": N_("the sources"),
    "description": N_("the description"),
    "avoidance": N_("the advice"),
    "category": N_("the category"),
    "phase": N_("the phase"),
    "claim": N_("the claim"),
    "domain": N_("the effect domain"),
    "level": N_("the level"),
    "direction": N_("the direction"),
    "evidence": N_("the strength of evidence"),
    "conditions": N_("the conditions"),
    "source": N_("the source"),
    "authors": N_("the authors"),
    "publisher": N_("the publisher"),
    "answer": N_("the answer"),
    "theme": N_("the theme"),
    "studies": N_("the studies"),
    "pitfallCategories": N_("the pitfall categories"),
    "effectDomains": N_("the effect domains"),
    "synonyms": N_("other names"),
    "definition": N_("the definition"),
    "case": N_("the case it belongs to"),
    "study": N_("the study it belongs to"),
    "startYear": N_("the start year"),
    "endYear": N_("the end year"),
    "dwellings": N_("the number of dwellings"),
    "status": N_("the status"),
    "scale": N_("the scale"),
    "year": N_("the year"),
    "url": N_("the web address"),
    "how": N_("how it worked"),
    "role": N_("the role"),
    "name": N_("the name"),
    "label": N_("the name"),
    "sourceType": N_("the type of source"),
    "kind": N_("the kind"),
    "municipality": N_("the municipality"),
    "province": N_("the province"),
    "country": N_("the country"),
    "neighbourhood": N_("the neighbourhood"),
}
KINDS = {  # short, for the line above a title
    "praktijk": N_("Practice"),
    "archetype": N_("Type of intervention"),
}
MOST_KEYS = 4  # of a match that are told
SIGNS = {"positief": "▲", "negatief": "▼", "gemengd": "◆", "geen-effect": "—", "onduidelijk": "?"}
TYPES = {
    "case": N_("Cases"),
    "finding": N_("Findings"),
    "pitfall": N_("Pitfalls"),
    "study": N_("Studies"),
    "question": N_("Questions"),
    "ingredient": N_("Active ingredients"),
    "place": N_("Place"),
}
SORTS = {
    "relevance": N_("Best match"),
    "-updatedAt": N_("Last updated"),
    "title": N_("Title"),
    "-startYear": N_("Start year"),
    "-year": N_("Year"),
}


def key_name(key: str) -> str:
    """A key of a document in words; one below another, as `pitfalls.avoidance`, in both."""
    names = [one_of(KEYS, each) for each in key.split(".")]
    if len(names) == 2:
        said: str = gettext("%(part)s with %(whole)s", part=names[1], whole=names[0])
        return said
    return names[0]


def found_in(match: Mapping[str, Any]) -> str:
    """Through which keys a thing was found, the first few of them."""
    keys = [key for key in match["fields"] if key != "id"] or match["fields"]
    told = ", ".join(key_name(key) for key in keys[:MOST_KEYS])
    more = len(keys) - MOST_KEYS
    beyond = gettext("and %(number)s more", number=more)
    return f"{told} {beyond}" if more > 0 else told


def met_otherwise(word: Mapping[str, Any]) -> list[str]:
    """The words of a thing by which it has a word of the query, other than that word itself."""
    return [each for each in word["met"] if each != word["input"].lower()][:3]


def one_of(words: Mapping[str, str], word: str) -> str:
    """A known word in the language of the page; an unknown one as it is."""
    said: str = gettext(words[word]) if word in words else word
    return said


def kind_name(kind: str) -> str:
    """The kind of a case, shortly."""
    return one_of(KINDS, kind)


def place_name(place: Mapping[str, Any]) -> str:
    """Where a case is, from near to far; the country only when it is another."""
    locale = get_locale()
    country = place["country"]
    far = locale.territories.get(country, country) if locale and country != "NL" else None
    near = [place["neighbourhood"], place["municipality"]]
    if not any(near):
        near = [place["province"]]
    return ", ".join(filter(None, [*near, far]))


def years(first: int | None, last: int | None) -> str:
    """When a case ran, as far as is known."""
    if first and last:
        return str(first) if first == last else f"{first}–{last}"
    said: str = gettext("since %(year)s", year=first) if first else ""
    if last:
        said = gettext("until %(year)s", year=last)
    return said


def on_day(moment: str) -> str:
    """The day of a moment such as `2026-11-25T09:30:00Z`."""
    day: date = datetime.fromisoformat(moment).date()
    told: str = format_date(day, "long")
    return told


def number(count: int) -> str:
    """A number as people write it."""
    said: str = format_decimal(count)
    return said


def host(url: str) -> str:
    """The website of an address."""
    return url.partition("//")[2].partition("/")[0]


def paragraphs(text: str | None) -> list[str]:
    """A running text, part by part."""
    return [part.strip() for part in re.split(r"\n\s*\n|\n", text or "") if part.strip()]


def is_followable(url: str | None) -> bool:
    """Whether an address may become a link: nothing but the web."""
    return bool(url and re.match(r"https?://[^\s/]", url, re.IGNORECASE))
