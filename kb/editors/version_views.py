"""/v1/cases/{id}/versions: what was published before, and how it changed; for everybody."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from flask.views import MethodView

from kb.editors import versions
from kb.services import session
from kb.web.blueprint import Blueprint
from schemas import versions as shapes
from schemas.links import self_link
from schemas.lists import LanguageQuery

blp = Blueprint(
    "versions", __name__, url_prefix="/v1/cases", description="What was published before."
)


@blp.route("/<slug:case_id>/versions")
class Versions(MethodView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, shapes.VersionList)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], case_id: str) -> dict[str, Any]:
        """List the publications of a case, the newest first.

        A version is a text as it was published; it never changes. As long as the case is public, so
        are they.
        """
        links = self_link("cases", case_id)["self"]["href"]
        return {
            "items": versions.every(session(), case_id),
            "links": {"self_": {"href": f"{links}/versions"}},
        }


@blp.route("/<slug:case_id>/versions/<count:version>")
class OneVersion(MethodView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, shapes.CaseVersion)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], case_id: str, version: int) -> dict[str, Any]:
        """Read a case as it was published before.

        The whole text; `updatedAt` is when it was published. A version of a withdrawn case answers
        410, and so does one that was erased.
        """
        return versions.one(session(), case_id, version)


@blp.route("/<slug:case_id>/versions/<count:version>/changes")
class Changes(MethodView):
    @blp.arguments(shapes.ChangesQuery, location="query")
    @blp.response(200, shapes.Operation(many=True), content_type=shapes.JSON_PATCH)
    @blp.alt_responses(301, 410)
    def get(self, query: dict[str, Any], case_id: str, version: int) -> Response:
        """Compare two versions of a case: what made the one the other, as JSON Patch (RFC 6902).

        The operations that lead from version `from` to this one. They leave out `version`,
        `publishedAt`, `updatedAt` and `_links`.
        """
        operations = versions.changes(session(), case_id, version, query["from_"])
        return Response(current_app.json.dumps(operations), mimetype=shapes.JSON_PATCH)
