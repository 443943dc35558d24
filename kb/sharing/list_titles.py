"""The title of a list of the API, and the path where people read the same list."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from babel.numbers import format_decimal
from flask_babel import gettext

from kb.kinds import CASE, KINDS
from kb.search.engine import SearchEngine
from kb.search.filters import FACET_LABELS, NAME_FILTERS, RANGE_LABELS
from kb.search.service import ListRequest, titles
from kb.translation import N_
from kb.vocabulary.terms import scheme_of

SITE = N_("Knowledge base on mixed neighbourhoods")
WITHOUT = N_("without:")  # any value of a filter


def list_title(engine: SearchEngine, list_request: ListRequest) -> str:
    """A list request in words, by which a reader of several feeds tells them apart."""
    return f"{list_heading(engine, list_request)} · {gettext(SITE)}"


def list_heading(engine: SearchEngine, list_request: ListRequest) -> str:
    """The same on a page of ours, which need not say whose list it is."""
    kinds = list_request.parameters.get("type") or list_request.types
    what = ", ".join(KINDS[kind].plural[list_request.language] for kind in kinds)
    if len(kinds) == len(KINDS):
        what = gettext("Search")
    conditions = list(_conditions(engine, list_request))
    return f"{what}: {', '.join(conditions)}" if conditions else what


def _conditions(engine: SearchEngine, list_request: ListRequest) -> Iterator[str]:
    if words := list_request.parameters.get("q"):
        yield f"“{words}”"
    joint = " + " if list_request.parameters.get("ingredientMatch") == "all" else " / "
    for name, values in list_request.filters.items():
        if name != "type":
            labels = [_label(engine, name, value, list_request.language) for value in values]
            between = joint if name == "ingredient" else " / "
            yield f"{FACET_LABELS[name][list_request.language]} {between.join(labels)}"
    for name in list_request.parameters.get("missing", ()):
        yield f"{gettext(WITHOUT)} {FACET_LABELS[name][list_request.language]}"
    for name, text in RANGE_LABELS.items():
        if name in list_request.parameters:
            number = list_request.parameters[name]
            is_year = name.startswith("startYear")
            shown = number if is_year else format_decimal(number, locale=list_request.language)
            yield f"{gettext(text)} {shown}"


def _label(engine: SearchEngine, name: str, value: str, language: str) -> str:
    if name == "archetype":
        return titles(engine, CASE, [value]).get(value, value)
    if name in NAME_FILTERS:
        return value
    return scheme_of(name).terms[value].label(language)


def page_path(list_request: ListRequest) -> str:
    """The path, with its query, of the page that lists the same."""
    kinds = list_request.parameters.get("type") or list_request.types
    kind = kinds[0] if len(kinds) == 1 else "case"
    path = KINDS[kind].list_path
    pairs = [("type", kind)] if path == "/zoeken" and kind != "case" else []
    names = ("q", *list_request.filters, "missing", *RANGE_LABELS, "ingredientMatch", "lang")
    for name in names:
        value = list_request.parameters.get(name)
        if name == "type" or not value or (name, value) == ("ingredientMatch", "any"):
            continue
        pairs += [(name, str(each)) for each in (value if isinstance(value, tuple) else (value,))]
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path
