"""/insluiten: the page that writes the line of HTML for another website."""

from __future__ import annotations

from flask_babel import gettext

from kb.pages.rendering import render_page
from kb.sharing import embed_html, releases
from kb.vocabulary.terms import Scheme, language, scheme_of
from kb.web.addresses import public_address
from kb.web.parsing import api_parameters, parse_page_query
from kb.web.policy import PagesBlueprint
from schemas.embeds import EMBED_KINDS, EMBED_LOOKS, EMBED_PARTS, WizardQuery
from schemas.filters import CASE_FILTERS, EFFECT_FILTERS, PITFALL_FILTERS

blp = PagesBlueprint("insluiten", __name__, template_folder="templates")
BY_NAME = {"municipality", "province", "country", "archetype"}  # filters that take any name


@blp.get("/insluiten")
def write_a_line() -> str:
    """Choose words, filters and look; see it; take the line over."""
    query = parse_page_query(WizardQuery)
    parameters = api_parameters(query)
    kind = query["embed"]
    asked = {name: value for name, value in parameters.items() if name not in {"embed", "page"}}
    asked["lang"] = query.get("lang", language())
    source = public_address("/embed/zoeken" + embed_html.query_of(asked))
    bare = public_address("/embed/zoeken" + embed_html.query_of(asked, fragment="1"))
    newest = releases.newest()
    everything = public_address("/zoeken" + embed_html.query_of(embed_html.of_search(asked)))
    element = embed_html.element(asked, everything, gettext("Search case studies"))
    written = {
        "component": embed_html.component(
            public_address(), newest, releases.hashes()[newest], element
        ),
        "iframe": embed_html.iframe(source, gettext("Search case studies")),
        "fragment": embed_html.fragment(bare),
    }
    return render_page(
        "embed_wizard.html",
        kind=kind,
        line=written[kind],
        policy=embed_html.policies(public_address())[kind],
        element=element,
        source=embed_html.local(bare if kind == "fragment" else source, public_address()),
        filters=_filters(),
        query=query,
        parameters=embed_html.chosen(parameters),
        kinds=EMBED_KINDS,
        looks=EMBED_LOOKS,
        parts=EMBED_PARTS,
        part_names=part_names(),
        kind_names=kind_names(),
        look_names=look_names(),
    )


def _filters() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The filters that take terms: name, label, and each term with its label."""
    found: list[tuple[str, str, list[tuple[str, str]]]] = []
    for name in (*CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS):
        if name not in BY_NAME:
            scheme: Scheme = scheme_of(name)
            terms = [(term.id, term.label(language())) for term in scheme.in_order]
            found.append((name, scheme.labels[language()], terms))
    return found


def part_names() -> dict[str, str]:
    """What the parts of an embed are called."""
    return {
        "search": gettext("Search box"),
        "count": gettext("How many were found"),
        "facts": gettext("Place and years"),
        "summary": gettext("Summary"),
        "why": gettext("Why it was found"),
        "more": gettext("More results"),
    }


def kind_names() -> dict[str, str]:
    """What the kinds of embeds are called."""
    return {
        "component": gettext("Component: in the style of your page, with a script"),
        "iframe": gettext("Iframe: without a script, in the style of the knowledge base"),
        "fragment": gettext("Fragment: your server takes bare HTML in"),
    }


def look_names() -> dict[str, str]:
    """What the looks of an embed are called."""
    return {
        "light": gettext("Light"),
        "dark": gettext("Dark"),
        "auto": gettext("As the reader has it"),
    }
