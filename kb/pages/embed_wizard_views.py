"""/insluiten: the pages that write the line of HTML for another website."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from marshmallow import Schema

from kb.pages.list_parsing import query_fields
from kb.pages.rendering import render_page
from kb.sharing import embed_html, releases
from kb.sharing.embed_addresses import (
    MAP_EMBED_PATH,
    MAP_PATH,
    Parameters,
    embed_address,
    local_path,
    map_address,
    search_address,
    without_defaults,
)
from kb.sharing.evidence_map_content import axis_choices
from kb.translation import N_
from kb.vocabulary.terms import language, scheme_of
from kb.web.addresses import public_address
from kb.web.parsing import api_parameters, parse_page_query
from kb.web.policy import PagesBlueprint
from kb.web.translation import gettext
from schemas.embeds import EMBED_KINDS, EMBED_LOOKS, EMBED_PARTS, MapWizardQuery, WizardQuery
from schemas.evidence_maps import COLUMNS, ROWS, EvidenceMapQuery
from schemas.filters import CASE_FILTERS, EFFECT_FILTERS, PITFALL_FILTERS

blp = PagesBlueprint("embed_wizard", __name__, template_folder="templates")
CONTENT_FILTERS = {"municipality", "province", "country", "archetype"}  # they take any name
SEARCH_FILTERS = (*CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS)
MAP_FILTERS = tuple(
    name for name in (*CASE_FILTERS, *EFFECT_FILTERS) if name in query_fields(EvidenceMapQuery)
)


class Embed(NamedTuple):
    """Something that other websites can show."""

    template: str
    query: type[Schema]
    path: str  # of its frame
    title: str
    element: Callable[[Parameters, str, str], str]  # of the component
    page_address: Callable[[Parameters], str]
    filters: tuple[str, ...]
    size: tuple[int, int]  # of its frame, in pixels


SEARCH = Embed(
    template="embed_wizard.html",
    query=WizardQuery,
    path="/embed/zoeken",
    title=N_("Search case studies"),
    element=embed_html.element,
    page_address=search_address,
    filters=SEARCH_FILTERS,
    size=(embed_html.FRAME_WIDTH, embed_html.FRAME_HEIGHT),
)
EVIDENCE_MAP = Embed(
    template="embed_wizard_map.html",
    query=MapWizardQuery,
    path=MAP_EMBED_PATH,
    title=N_("Map of the evidence"),
    element=embed_html.map_element,
    page_address=map_address,
    filters=MAP_FILTERS,
    size=(embed_html.MAP_FRAME_WIDTH, embed_html.MAP_FRAME_HEIGHT),
)


@blp.get("/insluiten")
def embed_wizard() -> str:
    """Choose words, filters and look of search results; see them; take the line over."""
    return _page(SEARCH, parts=EMBED_PARTS, part_labels=part_labels())


@blp.get(f"/insluiten{MAP_PATH}")
def map_wizard() -> str:
    """Choose rows, columns and filters of the map of the evidence; see it; take the line over."""
    return _page(EVIDENCE_MAP, **axis_choices(ROWS, COLUMNS))


def _embedded(query: dict[str, Any]) -> Parameters:
    """The parameters of the embed itself."""
    parameters = api_parameters(query)
    embedded = {name: value for name, value in parameters.items() if name not in {"embed", "page"}}
    return {**embedded, "lang": query.get("lang", language())}


def _page(embed: Embed, **content: Any) -> str:
    """A page with what can be chosen, and the line for what was."""
    query = parse_page_query(embed.query)
    embedded, kind, title = _embedded(query), query["embed"], gettext(embed.title)
    element = embed.element(embedded, embed.page_address(embedded), title)
    frame = embed_address(embed.path, embedded)
    fragment = embed_address(embed.path, embedded, fragment="1")
    lines = {
        "component": _component(element),
        "iframe": embed_html.iframe(frame, title, *embed.size),
        "fragment": embed_html.fragment(fragment),
    }
    return render_page(
        embed.template,
        kind=kind,
        line=lines[kind],
        policy=embed_html.policies(public_address())[kind],
        element=element,
        source=local_path(fragment if kind == "fragment" else frame),
        query=query,
        parameters=without_defaults(api_parameters(query)),
        kinds=EMBED_KINDS,
        looks=EMBED_LOOKS,
        kind_labels=kind_labels(),
        look_labels=look_labels(),
        filters=_term_filters(embed.filters),
        **content,
    )


def _component(element: str) -> str:
    """The element, with the newest release of its script."""
    version = releases.newest()
    return embed_html.component(public_address(), version, releases.hashes()[version], element)


def _term_filters(names: Iterable[str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The filters that take terms: name, label, and the id and label of each term."""
    schemes = {name: scheme_of(name) for name in names if name not in CONTENT_FILTERS}
    return [
        (
            name,
            scheme.labels[language()],
            [(term.id, term.label(language())) for term in scheme.in_order],
        )
        for name, scheme in schemes.items()
    ]


def part_labels() -> dict[str, str]:
    """What the parts of an embed are called."""
    return {
        "search": gettext("Search box"),
        "count": gettext("How many were found"),
        "facts": gettext("Place and years"),
        "summary": gettext("Summary"),
        "why": gettext("Why it was found"),
        "more": gettext("More results"),
    }


def kind_labels() -> dict[str, str]:
    """What the kinds of embeds are called."""
    return {
        "component": gettext("Component: in the style of your page, with a script"),
        "iframe": gettext("Iframe: without a script, in the style of the knowledge base"),
        "fragment": gettext("Fragment: your server takes bare HTML in"),
    }


def look_labels() -> dict[str, str]:
    """What the looks of an embed are called."""
    return {
        "light": gettext("Light"),
        "dark": gettext("Dark"),
        "auto": gettext("As the reader has it"),
    }
