"""/v1/schemas/{kind}: what a text of each kind that editors write may have."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from kb.editors.blueprint import KindsBlueprint, ThingView
from kb.vocabulary.terms import language
from schemas.json_schema import document_schema
from schemas.lists import LanguageQuery

blp = KindsBlueprint("schemas", __name__, url_prefix="/v1", description="What a document may be.")


@blp.for_each_kind("", at="/schemas/{kind}")
class DocumentSchema(ThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, {"type": "object"})
    def get(self, _query: dict[str, Any]) -> Response:
        """Read the JSON Schema of a {kind}: what a draft may have, and what publishing needs.

        JSON Schema 2020-12, for editors' tools. What publishing needs on top of a draft is marked
        with `x-required-to-publish`.
        """
        return jsonify(document_schema(self.kind.name, language()))
