"""Labels: what keys, kinds, places, years and numbers are called in the language of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel.numbers import format_decimal
from flask_babel import format_date, get_locale

from kb.cases.years import iso_month as iso_month
from kb.cases.years import year_range as year_range
from kb.kinds import KINDS, KindName
from kb.search.execute.highlight import marked_html
from kb.search.filters import FACET_LABELS
from kb.search.filters import RANGE_LABELS as RANGE_LABELS
from kb.translation import N_
from kb.vocabulary.terms import Term, language, schemes
from kb.web.translation import gettext, ngettext

KEY_LABELS = {  # of documents, as `match.fields` and `unverified` name them
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
    "events": N_("the timeline"),
    "images": N_("the images"),
    "searchTerms": N_("the search words"),
    "practiceNotes": N_("reactions from practice (experience, not evidence)"),
    "description": N_("the description"),
    "avoidance": N_("the advice"),
    "category": N_("the category"),
    "phase": N_("the phase"),
    "claim": N_("the claim"),
    "domain": N_("the effect domain"),
    "level": N_("the level"),
    "direction": N_("the direction"),
    "evidence": N_("the kind of evidence"),
    "lane": N_("the lane of evidence"),
    "conditions": N_("the conditions"),
    "programme": N_("the programme"),
    "covers": N_("the studies it covers"),
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
    "month": N_("the month"),
    "what": N_("what happened"),
    "url": N_("the web address"),
    "how": N_("how it was used"),
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
CASE_KIND_LABELS = {  # short, for the line above a title
    "praktijk": N_("Practice"),
    "archetype": N_("Type of intervention"),
}
MAX_MATCHED_KEYS = 4  # that a sentence about a match names
DIRECTION_SIGNS = {
    "positief": "▲",
    "negatief": "▼",
    "gemengd": "◆",
    "geen-effect": "—",
    "onduidelijk": "?",
    "verdeeld": "⇄",
}
SORT_LABELS = {
    "relevance": N_("Best match"),
    "-updatedAt": N_("Last updated"),
    "-updatedAt,-startYear": N_("Last updated"),  # on the same day the newest project first
    "lane,-year": N_("Strongest evidence"),  # within a lane the newest publication first
    "title": N_("Title"),
    "-startYear": N_("Start year"),
    "population": N_("Smallest municipality"),
    "-population": N_("Largest municipality"),
    "-socialRent": N_("Most housing association dwellings"),
    "-year": N_("Year"),
}

PARAMETER_LABELS = {  # of addresses, as far as they are no facets
    "q": N_("Search words"),
    "page": N_("Page"),
    "pageSize": N_("Results on a page"),
    "sort": N_("Order"),
    **RANGE_LABELS,
    "missing": N_("Without"),
    "ingredientMatch": N_("One or all of the ingredients"),
    "clusterDirection": N_("The cluster as a whole"),
    "rows": N_("Rows"),
    "columns": N_("Columns"),
    "order": N_("Order"),
}
OWN_PLACE_LABELS = {  # of the addresses of transfer checks
    "population": N_("Inhabitants"),
    "socialRent": N_("Housing association dwellings (percent)"),
    "need": N_("The same problem"),
    "motivation": N_("Willing and able"),
    "ingredients": N_("Active ingredients"),
    "funding": N_("Money, time and management"),
}


def parameter_label(name: str) -> str:
    """What a parameter of an address is called; one without a name as it is."""
    return label_of({**PARAMETER_LABELS, **OWN_PLACE_LABELS}, name)


def kind_label(name: str) -> str:
    """What one thing of a kind is called."""
    return KINDS[name].label[language()]


def plural(name: KindName) -> str:
    """What things of a kind are called."""
    return KINDS[name].plural[language()]


def suggestion_labels() -> dict[str, str]:
    """What each type of suggestion is called: a kind, a place, or the filter of a term."""
    code = language()
    names = {each.parameter for each in schemes().values() if each.parameter}
    return {
        **{kind.name: kind.label[code] for kind in KINDS.values() if kind.is_suggested},
        **{name: FACET_LABELS[name][code] for name in sorted(names)},
        "place": gettext("Place"),
        "province": FACET_LABELS["province"][code],
    }


def label_of(labels: Mapping[str, str], key: str) -> str:
    """A label in the language of the page; a key without one as it is."""
    label: str = gettext(labels[key]) if key in labels else key
    return label


def key_label(key: str) -> str:
    """A key of a document in words; one below another, as `pitfalls.avoidance`, in both."""
    names = [label_of(KEY_LABELS, each) for each in key.split(".")]
    if len(names) == 2:
        label: str = gettext("%(part)s with %(whole)s", part=names[1], whole=names[0])
        return label
    return names[0]


def key_labels(keys: Iterable[str]) -> list[str]:
    """Keys of a document in words."""
    return [key_label(key) for key in keys]


def match_sentence(match: Mapping[str, Any]) -> str:
    """The keys through which a thing matches, the first few of them, as one sentence."""
    keys = [key for key in match["fields"] if key not in {"id", "searchTerms"}]
    if not keys and "searchTerms" in match["fields"]:
        return gettext("According to the editors it goes with your words.")
    keys = keys or match["fields"]
    names = [key_label(key) for key in keys[:MAX_MATCHED_KEYS]]
    more = len(keys) - MAX_MATCHED_KEYS
    if more > 0:
        names.append(ngettext("%(num)s other part", "%(num)s other parts", more))
    sentence: str = gettext("Your words stand in %(parts)s.", parts=join_words(names))
    return sentence


def snippet_of(match: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    """The first marked passage under a key of a document that matches."""
    return next((each for each in match["snippets"] if each["field"] == key), None)


def marked(plain: str, snippet: Mapping[str, Any]) -> str:
    """A text as HTML with the marks of a snippet of it; the snippet when it is of another text."""
    text: str = snippet["text"]
    at = plain.find(text.removeprefix("… ").removesuffix(" …"))
    if at < 0:
        html: str = snippet["html"]
        return html
    shift = at - (len("… ") if text.startswith("… ") else 0)
    return marked_html(plain, [[start + shift, end + shift] for start, end in snippet["ranges"]])


def quoted(words: Iterable[str]) -> list[str]:
    """Each of these words in quotes."""
    return [f"“{each}”" for each in words]


def join_words(words: Sequence[str], conjunction: str | None = None) -> str:
    """Words one after another, the last after “and”: “a, b and c”."""
    conjunction = conjunction or gettext("and")
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def definition(scheme: str, term_id: str) -> str:
    """What a term means, in Dutch; empty for a term that is no more."""
    term = schemes()[scheme].terms.get(term_id)
    return term.definition if term else ""


def other_names(scheme: str, term_id: str) -> tuple[str, ...]:
    """What else a term is called in the language of the page."""
    return schemes()[scheme].terms[term_id].synonyms[language()]


def terms_of(scheme: str) -> tuple[Term, ...]:
    """The terms of a scheme that may be chosen, in its own order."""
    return schemes()[scheme].current


def term_label(scheme: str, term_id: str) -> str:
    """What a term is called in the language of the page; the id of a term that is no more."""
    term = schemes()[scheme].terms.get(term_id)
    return term.label(language()) if term else term_id


def case_kind_label(kind: str) -> str:
    """The kind of a case, shortly."""
    return label_of(CASE_KIND_LABELS, kind)


def place_label(place: Mapping[str, Any]) -> str:
    """Where a case is, from near to far; our own country only when nothing nearer is known."""
    near = [place["neighbourhood"], place["municipality"]]
    if not any(near):
        near = [place["province"]]
    country = place["country"]
    far = country_label(country) if country and (country != "NL" or not any(near)) else None
    return ", ".join(filter(None, [*near, far]))


def country_label(code: str) -> str:
    """A country in the language of the page by its ISO 3166-1 code; an unknown code as it is."""
    locale = get_locale()
    return str(locale.territories.get(code, code)) if locale else code


def party_labels(party: Mapping[str, Any]) -> tuple[str, str]:
    """The name and the role of a party, which do not say the same twice (“COA, COA (…)”)."""
    name, role = party["name"], party["role"]["label"]
    head, _, more = role.partition(" (")
    if head.casefold() == name.casefold():
        role = more.removesuffix(")")
    elif more:
        role = f"{head}, {more.removesuffix(')')}"
    return name, role


def format_day(moment: datetime | str) -> str:
    """The day of a moment, or of its ISO 8601 text, as people write it."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return _format_date(moment.date(), language())


def format_month(year: int, month: int | None) -> str:
    """A month as people write it; the year alone when the month is unknown."""
    text: str = format_date(date(year, month, 1), "MMMM y") if month else str(year)
    return text


def format_number(number: int) -> str:
    """A number as people write it."""
    return _format_decimal(number, language())


@lru_cache(maxsize=1000)
def _format_date(day: date, _locale: str) -> str:
    text: str = format_date(day, "d MMMM y")
    return text


@lru_cache(maxsize=1000)
def _format_decimal(number: int, locale: str) -> str:
    return format_decimal(number, locale=locale)


def host(url: str) -> str:
    """The website of an address."""
    return url.partition("//")[2].partition("/")[0]


def paragraphs(text: str | None) -> list[str]:
    """The paragraphs of a running text."""
    return [part.strip() for part in re.split(r"\n\s*\n|\n", text or "") if part.strip()]


def is_web_address(url: str | None) -> bool:
    """Whether an address may become a link: nothing but the web."""
    return bool(url and re.match(r"https?://[^\s/]", url, re.IGNORECASE))
