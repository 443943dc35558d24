"""/effecten and /kaart-van-het-bewijs: what findings say together, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.evidence import effects
from kb.evidence.evidence import evidence_of
from kb.evidence.evidence_map import CREDITED, evidence_map
from kb.evidence.summary_writer import method
from kb.evidence.verdicts import Word
from kb.pages import evidence_picture
from kb.pages.labels import terms_of
from kb.pages.links import link
from kb.pages.list_parsing import parse_query
from kb.pages.list_state import ListState
from kb.pages.rendering import render_page
from kb.problems import UnknownId
from kb.search.labels import FACET_LABELS, NAME_FILTERS
from kb.services import services
from kb.translation import N_
from kb.vocabulary.terms import language, scheme_of, schemes
from kb.web.addresses import local_address
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint
from kb.web.translation import gettext
from schemas.effects import EffectsQuery
from schemas.evidence_maps import COLUMNS, ROWS, EvidenceMapQuery

blp = PagesBlueprint("evidence_pages", __name__, template_folder="templates")
blp.before_request(serve_cached)
NARROWING = ("targetGroup", "strategy", "scale", "effectLevel")  # filters with a menu of their own
ORDERS = {
    "vocabulary": N_("By group"),
    "contradicted": N_("Most contradicted first"),
    "gap": N_("Largest gaps first"),
}
NO_TERM = {
    "ingredient": N_("No ingredient named"),
    "strategy": N_("No strategy named"),
    "targetGroup": N_("No target group named"),
    "pitfallCategory": N_("No pitfall named"),
}


@blp.get("/effecten")
def all_effects() -> str:
    """Every effect with its verdict, by lane."""
    state, parameters, errors = parse_query(EffectsQuery)
    every = effects.every_effect(evidence_of(parameters))
    return _page("effects.html", state, "/effects", errors=errors, effects=every)


@blp.get("/effecten/<slug:effect_domain>")
def one_effect(effect_domain: str) -> str:
    """One effect: both sides, what differs between them, and what would change the verdict."""
    if effect_domain not in schemes()["effect-domains"].terms:
        raise UnknownId(effect_domain, schemes()["effect-domains"].terms)
    state, parameters, errors = parse_query(EffectsQuery)
    effect = effects.one_effect(evidence_of(parameters), services().search, effect_domain)
    return _page("effect.html", state, f"/effects/{effect_domain}", errors=errors, effect=effect)


@blp.get("/kaart-van-het-bewijs")
def map_of_evidence() -> str:
    """What was found of each effect, by what was done or for whom: a picture, and a table."""
    state, parameters, errors = parse_query(EvidenceMapQuery)
    document = evidence_picture.with_words(evidence_map(evidence_of(parameters)))
    lanes = schemes()["evidence-lanes"]
    row_field = parameters["rows"]
    no_term = gettext(NO_TERM[row_field])
    return _page(
        "evidence_map.html",
        state,
        "/evidence-map",
        errors=errors,
        map=document,
        picture=evidence_picture.draw(document, tuple(lanes.terms), no_term),
        table=_table(document, no_term, has_credited=row_field in CREDITED),
        has_credited=row_field in CREDITED,
        parameters=parameters,
        row_choices=[(each, FACET_LABELS[each][language()]) for each in ROWS],
        column_choices=[(each, FACET_LABELS[each][language()]) for each in COLUMNS],
        order_choices=[(each, gettext(label)) for each, label in ORDERS.items()],
        lanes=[each.label(language()) for each in lanes.in_order],
    )


def _page(template: str, state: ListState, api_path: str, **content: Any) -> str:
    """A page about evidence, with what each of them says of itself."""
    return render_page(
        template,
        state=state,
        state_link=lambda path: link(path, state.filters),
        chosen=_chosen(state),
        choices={
            name: (FACET_LABELS[name][language()], terms_of(scheme_of(name).id))
            for name in NARROWING
        },
        pictures=evidence_picture,
        directions=[each for each in schemes()["outcomes"].terms if each != Word.NOT_STUDIED],
        method=method(),
        change=services().search.snapshot_state().change,
        api_address=ListState(f"/v1{api_path}", state.parameters).address,
        local_address=local_address,
        **content,
    )


def _chosen(state: ListState) -> list[tuple[str, str, str]]:
    """Each value of a filter: what the filter and it are called, and the page without it."""
    chosen = []
    for name, values in state.filters.items():
        terms = {} if name in NAME_FILTERS else scheme_of(name).terms
        for value in values:
            label = terms[value].label(language()) if value in terms else value
            heading = FACET_LABELS[name][language()]
            chosen.append((heading, label, state.without(name, value).address))
    return chosen


def _table(
    evidence_map: Mapping[str, Any], no_term: str, *, has_credited: bool
) -> list[dict[str, Any]]:
    """The rows of the map with the cells of each: the label of their column, and their parts."""
    columns = {each["id"]: each["label"] for each in evidence_map["columns"]["terms"]}
    names = ("together", "credited") if has_credited else ("together",)
    cells: dict[str | None, list[tuple[str, list[Mapping[str, Any]]]]] = {}
    for cell in evidence_map["cells"]:
        parts = [cell[name] for name in names]
        cells.setdefault(cell["row"], []).append((columns[cell["column"]], parts))
    rows = [(each["id"], each["label"]) for each in evidence_map["rows"]["terms"]]
    return [
        {
            "label": label,
            "cells": cells.get(row, []),
            "contradictory": sum(map(_is_contradictory, cells.get(row, []))),
        }
        for row, label in [*rows, *([(None, no_term)] if None in cells else [])]
    ]


def _is_contradictory(cell: tuple[str, list[Mapping[str, Any]]]) -> bool:
    words = {Word.CONTRADICTORY, Word.DIVERGENT}
    return any(part and part["verdict"]["id"] in words for part in cell[1])
