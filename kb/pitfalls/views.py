"""/v1/pitfalls/{id}: one pitfall of a case or a study."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from kb.cases import queries
from kb.cases.model import Pitfall
from kb.services import session
from kb.web.blueprint import Blueprint
from schemas import pitfalls
from schemas.lists import LanguageQuery

blp = Blueprint("pitfalls", __name__, url_prefix="/v1/pitfalls", description="What went wrong.")


@blp.route("/<slug:pitfall_id>")
class OnePitfall(MethodView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, pitfalls.Pitfall)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], pitfall_id: str) -> Pitfall:
        """Read a pitfall: when it showed, what happened, and advice on how to avoid it.

        An unknown id answers 404 with ids that come near.
        """
        return queries.one(session(), Pitfall, pitfall_id)
