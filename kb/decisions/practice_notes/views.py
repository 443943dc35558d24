"""/v1/practice-notes: sending in a note, and what publishers decide of it."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView
from sqlalchemy.orm import Session

from kb.cases.changes import Change
from kb.cases.practice_note import PracticeNote
from kb.database import now
from kb.decisions.practice_notes import workflow
from kb.decisions.practice_notes.model import SubmittedNote
from kb.editors.blueprint import EditorsBlueprint, PublisherView, current_editor, database
from kb.editors.idempotency.requests import respond_once, store_response
from kb.editors.response_bodies import list_page
from kb.problems import NotFound
from kb.services import services, session
from kb.vocabulary.terms import language
from kb.web.blueprint import Blueprint
from kb.web.components import header_refs
from kb.web.policy import Policy
from kb.web.rate_limits import limit_visitor
from schemas import practice_notes
from schemas.base import cached_schema
from schemas.links import self_link
from schemas.lists import LanguageQuery

public = Blueprint(
    "practice-notes",
    __name__,
    Policy(cross_origin=True, for_programs=True),
    url_prefix="/v1",
    description="What people from practice tell, ask and nominate.",
    statuses=(429, 503),
)
blp = EditorsBlueprint(
    "practice-note-decisions", __name__, "What publishers decide of notes from practice."
)


@public.before_request
def check_enabled() -> None:
    """Take nothing in when KB_PRACTICE_NOTES is off; publishers go on. Raises NotFound."""
    if not services().settings.practice_notes:
        raise NotFound


@public.route("/practice-notes")
class NewNotes(MethodView):
    @public.arguments(LanguageQuery, location="query")
    @public.arguments(practice_notes.NoteInput)
    @public.response(201, practice_notes.ReceivedNote)
    @public.idempotent
    def post(self, _query: dict[str, Any], body: dict[str, Any]) -> Response:
        """Send in an experience or a question about something here, or nominate a project.

        Anybody may, without a token. Nobody but publishers sees it until one of them approves or
        answers it; then its text stands with the thing that it is about, as experience and not as
        evidence. Organisation and e-mail address are never public, and the address is deleted
        after 90 days. How often one address may send something is limited.
        """
        limit_visitor("practice-notes", workflow.SENDING_LIMIT)

        def keep(session: Session) -> Response:
            note = workflow.receive(session, body, at=now())
            response = jsonify(cached_schema(practice_notes.ReceivedNote).dump(note))
            response.status_code = 201
            return response

        return respond_once(keep)


@blp.route("/practice-notes")
class Notes(PublisherView):
    @blp.arguments(practice_notes.NoteListQuery, location="query")
    @blp.response(200, practice_notes.SubmittedNotePage, headers=header_refs("Link"))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List what was sent in, that what waits longest comes first.

        With `state=new` what nobody has decided yet.
        """
        page, total = workflow.list_notes(
            session(),
            states=query.get("state", ()),
            skip=(query["page"] - 1) * query["page_size"],
            limit=query["page_size"],
        )
        return list_page([_as_publishers_see(session(), each) for each in page], total, query)


@blp.route("/practice-notes/<slug:note_id>")
class OneNote(PublisherView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, practice_notes.SubmittedNote, headers=header_refs("ETag"))
    def get(self, _query: dict[str, Any], note_id: str) -> Response:
        """Read what was sent in, and what was decided of it.

        Its ETag goes into If-Match of a decision.
        """
        return _note_response(session(), workflow.get_note(session(), note_id))


@blp.route("/practice-notes/<slug:note_id>/decisions")
class Decisions(PublisherView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.arguments(practice_notes.NoteDecision)
    @blp.response(200, practice_notes.SubmittedNote, headers=header_refs("ETag"))
    def post(
        self, _query: dict[str, Any], body: dict[str, Any], note_id: str, etags: set[str]
    ) -> Response:
        """Approve a note, answer it, reject it, or begin a draft with it.

        `reject` also takes back what was approved, `answer` also gives another answer. `draft`
        begins a new case of a nomination (`text` is its title), or the next draft of the case that
        the note is about, with the note in its history; from there on it is an editor's draft.
        """
        who = current_editor().owner

        def decide(session: Session) -> tuple[Response, Change | None]:
            note = workflow.lock_note(session, note_id, etags)
            change = workflow.decide(
                session, note, body["decision"], body["text"], who=who, at=now()
            )
            session.flush()
            response = _note_response(session, note)
            store_response(session, response)
            return response, change

        response, change = database().write(decide)
        if change is not None:
            services().after_publication(change.number)
        return response


def _note_response(session: Session, note: SubmittedNote) -> Response:
    """A note with its ETag."""
    shown = _as_publishers_see(session, note)
    response = jsonify(cached_schema(practice_notes.SubmittedNote).dump(shown))
    response.set_etag(f"{note.etag}-{language()}")
    return response


def _as_publishers_see(session: Session, note: SubmittedNote) -> dict[str, Any]:
    """A note with what it is about now, its answer and what was decided."""
    subject = workflow.subject_of(session, note)
    public_note = session.get(PracticeNote, note.slug)
    return {
        **{
            key: getattr(note, key)
            for key in ("slug", "kind", "text", "organisation", "email", "state", "draft")
        },
        "about": subject and {"type": subject.kind, "slug": subject.slug},
        "answer": public_note and public_note.answer,
        "received_at": note.received_at,
        "history": note.decisions,
        "links": {"self_": self_link("practice-notes", note.slug)["self"]},
    }
