"""/effecten and /kaart-van-het-bewijs: what findings say together, for people."""

from __future__ import annotations

from typing import Any

from kb.evidence import effects
from kb.evidence.evidence import evidence_of
from kb.evidence.evidence_picture import anchor_of
from kb.evidence.summary_writer import is_together, method
from kb.pages.labels import terms_of
from kb.pages.links import link, more_query
from kb.pages.list_parsing import parse_query
from kb.pages.list_state import ListState
from kb.pages.rendering import render_page
from kb.problems import UnknownId
from kb.search.filters import FACET_LABELS, NAME_FILTERS
from kb.services import services
from kb.sharing.evidence_map_content import axis_choices, map_content
from kb.vocabulary.terms import language, scheme_of, schemes
from kb.web.addresses import local_address
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint
from kb.web.translation import one_language
from schemas.effects import EffectsQuery, includes_studies
from schemas.evidence_maps import COLUMNS, ROWS, EvidenceMapQuery

blp = PagesBlueprint("evidence_pages", __name__, template_folder="templates")
blp.before_request(serve_cached)
NARROWING = ("targetGroup", "strategy", "scale", "effectLevel")  # filters with a menu of their own


@blp.get("/effecten")
def all_effects() -> str:
    """Every effect with its verdict, by lane."""
    state, parameters, errors, _ = parse_query(EffectsQuery)
    every = effects.every_effect(evidence_of(parameters))
    return _page("effects.html", state, "/effects", parameters, errors=errors, effects=every)


@blp.get("/effecten/<slug:effect_domain>")
def one_effect(effect_domain: str) -> str:
    """One effect: both sides, what differs between them, and what would change the verdict."""
    if effect_domain not in schemes()["effect-domains"].terms:
        raise UnknownId(effect_domain, schemes()["effect-domains"].terms)
    state, parameters, errors, _ = parse_query(EffectsQuery)
    with one_language():
        effect = effects.one_effect(evidence_of(parameters), services().search, effect_domain)
        api_path = f"/effects/{effect_domain}"
        findings = ListState("/v1/findings", {**state.filters, "effectDomain": (effect_domain,)})
        return _page(
            "effect.html",
            state,
            api_path,
            parameters,
            errors=errors,
            effect=effect,
            followed=findings.address,
        )


@blp.get("/kaart-van-het-bewijs")
def map_of_evidence() -> str:
    """What was found of each effect, by what was done or for whom: a picture, and a table."""
    state, parameters, errors, _ = parse_query(EvidenceMapQuery)
    with one_language():
        return _page(
            "evidence_map.html",
            state,
            "/evidence-map",
            parameters,
            errors=errors,
            embed_wizard=link("/insluiten/kaart-van-het-bewijs", state.parameters),
            axes=parameters,
            **axis_choices(ROWS, COLUMNS),
            **map_content(parameters, anchor_of(local_address("/bevindingen"), more_query())),
        )


def _page(
    template: str, state: ListState, api_path: str, parameters: dict[str, Any], **content: Any
) -> str:
    """A page about evidence, with what each of them says of itself."""
    return render_page(
        template,
        state=state,
        includes_studies=includes_studies(parameters),
        is_together=is_together(parameters),
        state_link=lambda path: link(path, state.filters),
        chosen=_chosen(state),
        choices={
            name: (FACET_LABELS[name][language()], terms_of(scheme_of(name).id))
            for name in NARROWING
        },
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
