"""/history, /revisions and /draft/changes of a thing: who did what, and every text of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, current_app, jsonify

from kb.cases.aliases import Thing
from kb.editors import history, versions
from kb.editors.blueprint import EditorsBlueprint, EditorThingView, OfKind
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision, RevisionEvent
from kb.editors.response_bodies import document_with_facts, list_page
from kb.kinds import KINDS
from kb.services import session
from kb.web.addresses import public_address
from schemas.history import HistoryPage, HistoryQuery
from schemas.lists import LanguageQuery
from schemas.versions import JSON_PATCH, Operation

blp = EditorsBlueprint("history", __name__, "Who did what to a text, and every text of it.")


@blp.for_each_kind("/<id>/history")
class History(EditorThingView):
    @blp.arguments(HistoryQuery, location="query")
    @blp.response(200, HistoryPage)
    @blp.alt_responses(301)
    def get(self, query: dict[str, Any], thing: Thing) -> dict[str, Any]:
        """List who did what to a {kind}, the last first: saving, reviews, publications and so on.

        Also of discarded drafts and withdrawals. Each step links to the text as it was after it.
        """
        size = query["page_size"]
        skip = (query["page"] - 1) * size
        events, total = history.events(session(), thing, skip=skip, limit=size)
        return list_page([_shown(event, revision) for event, revision in events], total, query)


def _shown(event: RevisionEvent, revision: Revision) -> dict[str, Any]:
    """An event; what was said of a publication stands on the revision."""
    path = f"/v1/{KINDS[revision.kind].collection}/{quote(revision.slug)}/revisions/{event.id}"
    return {
        "id": event.id,
        "what": event.what,
        "who": event.who,
        "at": event.at,
        "note": event.note or (revision.note if event.what == "published" else None),
        "restored_from": event.restored_from,
        "version": revision.version,
        "links": {"self_": {"href": public_address(path)}},
    }


@blp.for_each_kind("/<id>/revisions/<count:revision>")
class OneSavedText(EditorThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, OfKind("saved_text"))
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], thing: Thing, revision: int) -> Response:
        """Read the text of a {kind} as it was after a step of its history.

        It may be sent back as the text of a draft. A text that was erased answers 410.
        """
        saved = history.saved_text(session(), thing, revision)
        shown = document_with_facts(session(), saved.revision, saved.document) | {
            "number": revision,
            "revision": _shown(saved.event, saved.revision),
        }
        return jsonify(editable_kind(thing.kind).saved_text().dump(shown))


@blp.for_each_kind("/<id>/draft/changes")
class DraftChanges(EditorThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, Operation(many=True), content_type=JSON_PATCH)
    @blp.alt_responses(301)
    def get(self, _query: dict[str, Any], thing: Thing) -> Response:
        """Compare the draft of a {kind} with its public text, as JSON Patch (RFC 6902).

        The operations that make the public text that of the draft; a {kind} that is not public is
        compared with nothing. They leave out what is not text.
        """
        operations = versions.draft_changes(session(), thing)
        return Response(current_app.json.dumps(operations), mimetype=JSON_PATCH)
