"""/v1/vocabularies: the schemes, and each with its terms."""

from __future__ import annotations

from typing import Any

from flask import g
from flask.views import MethodView

from kb.problems import UnknownId
from kb.vocabulary.terms import schemes
from kb.web.blueprint import Blueprint
from kb.web.negotiation import represent
from schemas import vocabularies
from schemas.lists import VOCABULARY_REPRESENTATIONS, VocabularyQuery

blp = Blueprint(
    "vocabularies",
    __name__,
    url_prefix="/v1/vocabularies",
    description="The words we agreed on.",
    statuses=(),  # it asks neither the database nor the index
)


@blp.route("")
class Vocabularies(MethodView):
    representations = VOCABULARY_REPRESENTATIONS

    @blp.arguments(VocabularyQuery, location="query")
    @blp.response(200, vocabularies.VocabularyList)
    def get(self, _query: dict[str, Any]) -> Any:
        """List the term schemes, and the filter that takes the terms of each.

        The terms are left out here; each vocabulary has them.
        """
        if g.representation != "json":
            return represent(tuple(schemes().values()))
        return {"items": schemes().values()}


@blp.route("/<slug:scheme>")
class OneVocabulary(MethodView):
    representations = VOCABULARY_REPRESENTATIONS

    @blp.arguments(VocabularyQuery, location="query")
    @blp.response(200, vocabularies.Vocabulary)
    def get(self, _query: dict[str, Any], scheme: str) -> Any:
        """Read a scheme: every term with labels, definition and what else people call it.

        The ids are the values of the filter in `parameter`; the synonyms are words that search
        understands as the term.
        """
        if scheme not in schemes():
            raise UnknownId(scheme, schemes())
        return represent(schemes()[scheme])
