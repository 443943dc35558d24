"""/v1/comparisons: two to five cases side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, jsonify
from flask.views import MethodView

from kb.evidence.comparison_limits import limits
from kb.evidence.comparison_table import table
from kb.evidence.comparisons import Case, compare, similarities
from kb.services import services, session
from kb.web.addresses import public_address
from kb.web.blueprint import Blueprint
from kb.web.headers import serve_cached
from kb.web.translation import one_language
from schemas.comparisons import COLUMN_KEYS, REPRESENTATIONS, Comparison, ComparisonQuery

blp = Blueprint("comparisons", __name__, url_prefix="/v1", description="Cases side by side.")
blp.before_request(serve_cached)


@blp.route("/comparisons")
class Comparisons(MethodView):
    representations = REPRESENTATIONS

    @blp.arguments(ComparisonQuery, location="query")
    @blp.response(200, Comparison)
    @blp.alt_responses(301, 404, 410)
    def get(self, query: dict[str, Any]) -> Response:
        """Compare two to five published cases: what differs first, and what cannot be said.

        A row for each question, a cell for each case; a cell without values says why in `gap`.
        `similarities` are the reasons for which the cases can be compared, as in “similar cases”.
        `limits` says what they side by side do not show. An unknown id answers 404, a withdrawn
        case 410.
        """
        with one_language():
            cases = [services().published_case(session(), slug) for slug in query["cases"]]
            rows = compare(cases)
            if g.representation == "csv":
                return services().write_table(table(cases, rows))
            return jsonify(
                {
                    "cases": [{key: case[key] for key in COLUMN_KEYS} for case in cases],
                    "similarities": similarities(cases),
                    "limits": list(limits(cases)),
                    "rows": rows,
                    "_links": _links(cases),
                }
            )


def _links(cases: Sequence[Case]) -> dict[str, dict[str, str]]:
    """This answer, and its page."""
    query = urlencode([("case", case["id"]) for case in cases])
    return {
        "self": {"href": public_address(f"/v1/comparisons?{query}")},
        "html": {"href": public_address(f"/vergelijken?{query}")},
    }
