"""/v1/openapi.json: the document of this API."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView

from kb.services import services
from kb.web.blueprint import Blueprint
from schemas.lists import LanguageQuery

blp = Blueprint("openapi", __name__, url_prefix="/v1", description="How all this is asked.")


@blp.route("/openapi.json")
class ApiDocument(MethodView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, {"type": "object"})
    def get(self, _query: dict[str, Any]) -> Response:
        """Read this document.

        This document, for programs; any website may read it.
        """
        return jsonify(services().api_document())
