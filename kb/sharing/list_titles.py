"""What a list of the API is called, and where people read the same list."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from flask_babel import gettext
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.kinds import KINDS
from kb.search.labels import FACET_LABELS, NAME_FILTERS
from kb.search.service import ListRequest
from kb.translation import N_
from kb.vocabulary.terms import scheme_of

SITE = N_("Knowledge base on mixed neighbourhoods")
YEARS = {"startYearFrom": N_("Started in or after"), "startYearTo": N_("Started in or before")}


def title(session: Session, asked: ListRequest) -> str:
    """What was asked, in words: who follows several lists must tell them apart."""
    kinds = asked.parameters.get("type") or asked.types
    what = ", ".join(KINDS[kind].plural[asked.language] for kind in kinds)
    if len(kinds) == len(KINDS):
        what = gettext("Search")
    details = list(_details(session, asked))
    told = f"{what}: {', '.join(details)}" if details else what
    return f"{told} · {gettext(SITE)}"


def _details(session: Session, asked: ListRequest) -> Iterator[str]:
    if words := asked.parameters.get("q"):
        yield f"“{words}”"
    joint = " + " if asked.parameters.get("ingredientMatch") == "all" else " / "
    for name, values in asked.filters.items():
        if name != "type":
            labels = [_label(session, name, value, asked.language) for value in values]
            between = joint if name == "ingredient" else " / "
            yield f"{FACET_LABELS[name][asked.language]} {between.join(labels)}"
    for name, text in YEARS.items():
        if name in asked.parameters:
            yield f"{gettext(text)} {asked.parameters[name]}"


def _label(session: Session, name: str, value: str, language: str) -> str:
    if name == "archetype":
        return queries.titles(session, [value]).get(value, value)
    if name in NAME_FILTERS:
        return value
    return scheme_of(name).terms[value].label(language)


def page_path(asked: ListRequest) -> str:
    """The path, with its query, of the page that lists the same."""
    kinds = asked.parameters.get("type") or asked.types
    kind = kinds[0] if len(kinds) == 1 else "case"
    path = KINDS[kind].list_path
    pairs = [("type", kind)] if path == "/zoeken" and kind != "case" else []
    names = ("q", *asked.filters, *YEARS, "ingredientMatch", "lang")
    for name in names:
        value = asked.parameters.get(name)
        if name == "type" or not value or (name, value) == ("ingredientMatch", "any"):
            continue
        pairs += [(name, str(each)) for each in (value if isinstance(value, tuple) else (value,))]
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path
