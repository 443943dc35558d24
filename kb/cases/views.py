"""/v1/cases/{id}: one case with everything it owns."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView

from kb.kinds import CASE
from kb.services import services, session
from kb.web.blueprint import Blueprint
from kb.web.negotiation import represent_document
from schemas import cases
from schemas.lists import OneCaseQuery

blp = Blueprint("cases", __name__, url_prefix="/v1/cases", description="What was tried.")


@blp.route("/<slug:case_id>")
class OneCase(MethodView):
    representations = CASE.representations

    @blp.arguments(OneCaseQuery, location="query")
    @blp.response(200, cases.Case)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], case_id: str) -> Response:
        """Read a published case with its ingredients, pitfalls, findings and sources.

        The whole text, as an editor may send it back. `unverified` lists the keys that nobody has
        checked against a source yet. A withdrawn case answers 410.
        """
        return represent_document(services().published_case(session(), case_id))
