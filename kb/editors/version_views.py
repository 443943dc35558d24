"""/versions of a thing: what was published before, and how it changed; for everybody."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify

from kb.cases.aliases import Thing
from kb.editors import versions
from kb.editors.blueprint import KindsBlueprint, OfKind, ThingView
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision
from kb.services import session
from schemas import versions as shapes
from schemas.links import self_link
from schemas.lists import LanguageQuery

blp = KindsBlueprint(
    "versions", __name__, url_prefix="/v1", description="What was published before."
)


@blp.for_each_kind("/<id>/versions")
class Versions(ThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, shapes.VersionList)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], thing: Thing) -> dict[str, Any]:
        """List the publications of a {kind}, the newest first.

        A version is a text as it was published; it never changes. As long as the {kind} is public,
        so are they.
        """
        address = f"{self_link(self.kind.collection, thing.slug)['self']['href']}/versions"
        every = versions.every(session(), thing)
        return {
            "items": [_shown(each, f"{address}/{each.version}") for each in every],
            "links": {"self_": {"href": address}},
        }


def _shown(revision: Revision, address: str) -> dict[str, Any]:
    """One publication in the list of them."""
    return {
        "version": revision.version,
        "published_at": revision.published_at,
        "note": revision.note,
        "erased_at": revision.erased_at,
        "reason": revision.erased_because,
        "links": {"self_": {"href": address}},
    }


@blp.for_each_kind("/<id>/versions/<count:version>")
class OneVersion(ThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, OfKind("version"))
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], thing: Thing, version: int) -> Response:
        """Read a {kind} as it was published before.

        The whole text; `updatedAt` is when it was published. A version of a withdrawn {kind}
        answers 410, and so does one that was erased.
        """
        text = versions.one(session(), thing, version)
        return jsonify(editable_kind(thing.kind).version().dump(text))


@blp.for_each_kind("/<id>/versions/<count:version>/changes")
class Changes(ThingView):
    @blp.arguments(shapes.ChangesQuery, location="query")
    @blp.response(200, shapes.Operation(many=True), content_type=shapes.JSON_PATCH)
    @blp.alt_responses(301, 410)
    def get(self, query: dict[str, Any], thing: Thing, version: int) -> Response:
        """Compare two versions of a {kind}: what made the one the other, as JSON Patch (RFC 6902).

        The operations that lead from version `from` to this one. They leave out `version`,
        `publishedAt`, `updatedAt` and `_links`.
        """
        operations = versions.changes(session(), thing, version, query["from_"])
        return Response(current_app.json.dumps(operations), mimetype=shapes.JSON_PATCH)
