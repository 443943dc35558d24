"""/v1/effects and /v1/evidence-map: what findings say together."""

from __future__ import annotations

from typing import Any

from flask import Response, g
from flask.views import MethodView

from kb.evidence import effects
from kb.evidence.evidence import Evidence, evidence_of
from kb.evidence.evidence_map import evidence_map
from kb.evidence.evidence_map_writer import map_json, table
from kb.evidence.summary_writer import Document, method
from kb.problems import UnknownId
from kb.search.stored_items import to_json
from kb.services import services
from kb.vocabulary.terms import schemes
from kb.web.blueprint import Blueprint
from kb.web.headers import serve_cached
from kb.web.parsing import api_parameters
from kb.web.translation import one_language
from schemas import evidence_maps
from schemas.effects import Effect, Effects, EffectsQuery, includes_studies
from schemas.evidence_maps import REPRESENTATIONS, EvidenceMapQuery

blp = Blueprint("effects", __name__, url_prefix="/v1", description="What findings say together.")
blp.before_request(serve_cached)


def answer(evidence: Evidence, document: Document) -> Response:
    """A document about evidence, with what each of them says of itself."""
    return Response(to_json({**document, **about(evidence)}), mimetype="application/json")


def about(evidence: Evidence) -> Document:
    """What each answer about evidence says of itself."""
    return {
        "change": services().search.snapshot_state().change,
        "filters": evidence.list_request.described_filters,
        "includesStudies": includes_studies(evidence.list_request.parameters),
        "method": method(),
    }


@blp.route("/effects")
class AllEffects(MethodView):
    @blp.arguments(EffectsQuery, location="query")
    @blp.response(200, Effects)
    def get(self, query: dict[str, Any]) -> Response:
        """Read what all findings say of each effect: a verdict by lane, with the counts behind it.

        Filters choose the findings, so “for older people” is `targetGroup=ouderen`. Every number
        counts clusters: publications and programmes, each with one voice. Nothing is averaged, and
        what contradicts stays in sight. What merely went together with an ingredient, a strategy or
        a kind of pitfall that was chosen gets no word beyond `te-weinig`.
        """
        with one_language():
            evidence = evidence_of(api_parameters(query))
            return answer(evidence, {"items": effects.every_effect(evidence)})


@blp.route("/effects/<slug:effect_domain>")
class OneEffect(MethodView):
    @blp.arguments(EffectsQuery, location="query")
    @blp.response(200, Effect)
    def get(self, query: dict[str, Any], effect_domain: str) -> Response:
        """Read one effect: both sides, what differs between them, and what would change our mind.

        An unknown id answers 404 with ids that come near.
        """
        if effect_domain not in schemes()["effect-domains"].terms:
            raise UnknownId(effect_domain, schemes()["effect-domains"].terms)
        with one_language():
            evidence = evidence_of(api_parameters(query))
            return answer(evidence, effects.one_effect(evidence, services().search, effect_domain))


@blp.route("/evidence-map")
class EvidenceMap(MethodView):
    representations = REPRESENTATIONS

    @blp.arguments(EvidenceMapQuery, location="query")
    @blp.response(200, evidence_maps.EvidenceMap)
    def get(self, query: dict[str, Any]) -> Response:
        """Read the map of the evidence: of each effect, what was found by what was done.

        A cell tells what went together in the same case, and apart from it what a source credits. A
        cell that is not there was not studied. Rows of ingredients, strategies and pitfalls get no
        word beyond `te-weinig` for what went together. A table has a line for each lane of a cell.
        """
        with one_language():
            evidence = evidence_of(api_parameters(query))
            if g.representation == "csv":
                return services().write_table(table(evidence_map(evidence)))
            text = map_json(evidence_map(evidence), about(evidence))
            return Response(text, mimetype="application/json")
