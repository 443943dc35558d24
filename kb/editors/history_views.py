"""/v1/cases/{id}/history, /revisions and /draft/changes: who did what, and every text of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, current_app, jsonify

from kb.editors import history, versions
from kb.editors.blueprint import EditorsBlueprint, EditorView
from kb.editors.model import Revision, RevisionEvent
from kb.editors.response_bodies import document_with_facts, list_page
from kb.services import session
from kb.web.addresses import public_address
from schemas import drafts
from schemas.history import HistoryPage, HistoryQuery
from schemas.lists import LanguageQuery
from schemas.versions import JSON_PATCH, Operation

blp = EditorsBlueprint("history", __name__, "Who did what to a case, and every text of it.")


@blp.route("/cases/<slug:case_id>/history")
class History(EditorView):
    @blp.arguments(HistoryQuery, location="query")
    @blp.response(200, HistoryPage)
    @blp.alt_responses(301)
    def get(self, query: dict[str, Any], case_id: str) -> dict[str, Any]:
        """List who did what to a case, the last first: saving, reviews, publications and so on.

        Also of discarded drafts and withdrawals. Each step links to the text as it was after it.
        """
        size = query["page_size"]
        skip = (query["page"] - 1) * size
        events, total = history.events(session(), case_id, skip=skip, limit=size)
        return list_page([_shown(event, revision) for event, revision in events], total, query)


def _shown(event: RevisionEvent, revision: Revision) -> dict[str, Any]:
    """An event; what was said of a publication stands on the revision."""
    path = f"/v1/cases/{quote(revision.slug)}/revisions/{event.id}"
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


@blp.route("/cases/<slug:case_id>/revisions/<count:revision>")
class OneSavedText(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, drafts.SavedText)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], case_id: str, revision: int) -> Response:
        """Read the text of a case as it was after a step of its history.

        It may be sent back as the text of a draft. A text that was erased answers 410.
        """
        saved = history.saved_text(session(), case_id, revision)
        shown = document_with_facts(session(), saved.revision, saved.document) | {
            "number": revision,
            "revision": _shown(saved.event, saved.revision),
        }
        return jsonify(drafts.SavedText().dump(shown))


@blp.route("/cases/<slug:case_id>/draft/changes")
class DraftChanges(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, Operation(many=True), content_type=JSON_PATCH)
    @blp.alt_responses(301)
    def get(self, _query: dict[str, Any], case_id: str) -> Response:
        """Compare the draft of a case with its public text, as JSON Patch (RFC 6902).

        The operations that make the public text that of the draft; a case that is not public is
        compared with nothing. They leave out what is not text.
        """
        operations = versions.draft_changes(session(), case_id)
        return Response(current_app.json.dumps(operations), mimetype=JSON_PATCH)
