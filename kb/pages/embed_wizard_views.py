"""/insluiten: the page that writes the line of HTML for another website."""

from __future__ import annotations

from kb.pages.rendering import render_page
from kb.sharing import embed_html, releases
from kb.sharing.embed_addresses import (
    embed_address,
    local_path,
    search_address,
    without_defaults,
)
from kb.vocabulary.terms import language, scheme_of
from kb.web.addresses import public_address
from kb.web.parsing import api_parameters, parse_page_query
from kb.web.policy import PagesBlueprint
from kb.web.translation import gettext
from schemas.embeds import EMBED_KINDS, EMBED_LOOKS, EMBED_PARTS, WizardQuery
from schemas.filters import CASE_FILTERS, EFFECT_FILTERS, PITFALL_FILTERS

blp = PagesBlueprint("embed_wizard", __name__, template_folder="templates")
CONTENT_FILTERS = {"municipality", "province", "country", "archetype"}  # they take any name


@blp.get("/insluiten")
def embed_wizard() -> str:
    """Choose words, filters and look; see it; take the line over."""
    query = parse_page_query(WizardQuery)
    parameters = api_parameters(query)
    kind = query["embed"]
    embedded = {name: value for name, value in parameters.items() if name not in {"embed", "page"}}
    embedded["lang"] = query.get("lang", language())
    frame = embed_address("/embed/zoeken", embedded)
    fragment = embed_address("/embed/zoeken", embedded, fragment="1")
    title = gettext("Search case studies")
    element = embed_html.element(embedded, search_address(embedded), title)
    lines = {
        "component": _component(element),
        "iframe": embed_html.iframe(frame, title),
        "fragment": embed_html.fragment(fragment),
    }
    return render_page(
        "embed_wizard.html",
        kind=kind,
        line=lines[kind],
        policy=embed_html.policies(public_address())[kind],
        element=element,
        source=local_path(fragment if kind == "fragment" else frame),
        filters=_term_filters(),
        query=query,
        parameters=without_defaults(parameters),
        kinds=EMBED_KINDS,
        looks=EMBED_LOOKS,
        parts=EMBED_PARTS,
        part_labels=part_labels(),
        kind_labels=kind_labels(),
        look_labels=look_labels(),
    )


def _component(element: str) -> str:
    """The element, with the newest release of its script."""
    version = releases.newest()
    return embed_html.component(public_address(), version, releases.hashes()[version], element)


def _term_filters() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The filters that take terms: name, label, and the id and label of each term."""
    schemes = {
        name: scheme_of(name)
        for name in (*CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS)
        if name not in CONTENT_FILTERS
    }
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
