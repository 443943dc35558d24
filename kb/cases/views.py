"""/v1/cases/{id}: one case with everything it owns."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from kb.cases import queries
from kb.cases.model import Case
from kb.kinds import CASE
from kb.services import session
from kb.web.blueprint import Blueprint
from kb.web.negotiation import represent
from schemas import cases
from schemas.lists import OneCaseQuery

blp = Blueprint("cases", __name__, url_prefix="/v1/cases", description="What was tried.")


@blp.route("/<slug:case_id>")
class OneCase(MethodView):
    representations = CASE.representations

    @blp.arguments(OneCaseQuery, location="query")
    @blp.response(200, cases.Case)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], case_id: str) -> Any:
        """Read a published case with its ingredients, pitfalls, findings and sources.

        The whole text, as an editor may send it back. `unverified` lists the keys that nobody has
        checked against a source yet. A withdrawn case answers 410.
        """
        return represent(queries.one(session(), Case, case_id))
