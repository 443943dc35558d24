"""/v1/ingredients/{id}: one active ingredient, and in how many cases it stands."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from kb.cases import queries
from kb.services import session
from kb.web.blueprint import Blueprint
from schemas import vocabularies
from schemas.lists import LanguageQuery

blp = Blueprint("ingredients", __name__, url_prefix="/v1/ingredients", description="What worked.")


@blp.route("/<slug:ingredient_id>")
class OneIngredient(MethodView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, vocabularies.Ingredient)
    def get(self, _query: dict[str, Any], ingredient_id: str) -> queries.CountedIngredient:
        """Read an active ingredient: its definition, other names, and how many cases have it.

        An unknown id answers 404 with ids that come near.
        """
        return queries.ingredient_with_notes(session(), ingredient_id)
