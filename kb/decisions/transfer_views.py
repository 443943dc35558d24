"""/v1/transfer-checks: does a case fit another place?"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request
from flask.views import MethodView

from kb.decisions.transfer_check import context_of
from kb.decisions.transfer_report import report
from kb.services import services, session
from kb.web.addresses import public_address
from kb.web.blueprint import Blueprint
from kb.web.headers import serve_cached
from kb.web.parsing import api_parameters
from kb.web.translation import one_language
from schemas.transfer_checks import TransferCheck, TransferQuery

blp = Blueprint("transfer_checks", __name__, url_prefix="/v1", description="Does it fit here?")
blp.before_request(serve_cached)


@blp.route("/transfer-checks")
class TransferChecks(MethodView):
    @blp.arguments(TransferQuery, location="query")
    @blp.response(200, TransferCheck)
    @blp.alt_responses(301, 404, 410, 503)
    def get(self, query: dict[str, Any]) -> Response:
        """Put a case beside your own place: twelve questions, each equal, different or unknown.

        The side of the case is filled in from its text, and its figures and yours from the open
        figures of CBS. An answer is `unknown` unless both sides are known. `follows` says what it
        means for a plan, `otherCases` which other published cases did the same under your
        condition (an empty list: none; null: no list can tell). There is no score: one difference
        can outweigh eleven things that are equal. `findOutFirst` are the questions that are open,
        `capacities` what to have in your own house. Nothing is kept.
        """
        parameters = api_parameters(query)
        with one_language():
            case = services().published_case(session(), query["slug"])
            answer = report(services().search, case, context_of(parameters))
        address = urlencode([pair for pair in request.args.items(multi=True) if pair[0] != "lang"])
        links = {
            "self": {"href": public_address(f"/v1/transfer-checks?{address}")},
            "html": {"href": public_address(f"/past-het-hier?{address}")},
        }
        return jsonify({**answer, "_links": links})
