"""/v1/vocabularies/{scheme}/terms/{id}: terms as editors write them."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from kb.database import now
from kb.editors import reviews
from kb.editors.blueprint import (
    EditorsBlueprint,
    EditorView,
    PublisherView,
    current_editor,
    database,
    if_match_etags,
)
from kb.editors.idempotency.requests import respond_once, store_response
from kb.editors.model import RevisionEvent
from kb.editors.revisions import events_of
from kb.editors.terms import texts, workflow
from kb.editors.terms.workflow import TermState
from kb.input_errors import Mistake
from kb.problems import Conflict, Forbidden, invalid_body
from kb.services import services, session
from kb.translation import N_
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.components import header_refs
from schemas import publications, term_texts
from schemas.json_fields import Identifier
from schemas.lists import LanguageQuery

blp = EditorsBlueprint("terms", __name__, "The terms of vocabularies, as editors write them.")
TERM = "/vocabularies/<slug:scheme>/terms/<slug:term_id>"


@blp.route("/term-proposals")
class Proposals(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, term_texts.TermProposalList)
    def get(self, _query: dict[str, Any]) -> dict[str, Any]:
        """List what is proposed for terms, in every vocabulary, and how far each proposal is.

        The one that was saved longest ago comes first.
        """
        return {"items": workflow.open_proposals(session())}


@blp.route("/vocabularies/<slug:scheme>/terms")
class Terms(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, term_texts.TermList)
    def get(self, _query: dict[str, Any], scheme: str) -> dict[str, Any]:
        """List the terms of a vocabulary: how often each is used, and what is proposed.

        Deprecated terms and terms that are only proposed are listed too.
        """
        return {"items": workflow.listed_terms(session(), scheme)}


@blp.route(TERM)
class OneTerm(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, term_texts.TermState, headers=header_refs("ETag"))
    def get(self, _query: dict[str, Any], scheme: str, term_id: str) -> Response:
        """Read a term: what is proposed when something is, else what is public.

        With how many public things have it. `_draft` says how far a proposal is. Its ETag goes
        into If-Match.
        """
        return _response(session(), workflow.existing_state(session(), scheme, term_id))

    @blp.arguments(LanguageQuery, location="query")
    @blp.arguments(term_texts.TermText)
    @blp.response(200, term_texts.TermState, headers=header_refs("ETag"))
    @blp.alt_response(201, schema=term_texts.TermState, headers=header_refs("ETag", "Location"))
    @blp.alt_responses(409, 412, 428)
    def put(
        self, _query: dict[str, Any], body: dict[str, Any], scheme: str, term_id: str
    ) -> Response:
        """Propose what a term is to be, all of it; or, with `If-None-Match: *`, a new term.

        Nothing is public before another publisher approves it. The id never changes. A deprecated
        term that is proposed so comes back.
        """
        who, at = current_editor().owner, now()
        is_new = request.headers.get("If-None-Match") == "*"
        etags = set() if is_new else if_match_etags()
        text = {**_text(body), "deprecated": False, "replacedBy": None}

        def save(session: Session) -> Response:
            state = workflow.term_state(session, scheme, term_id, lock=True)
            if is_new:
                _check_new(state)
            else:
                state = workflow.existing_state(session, scheme, term_id, lock=True)
                workflow.check_etag(state, etags)
            workflow.propose(session, state, text, who=who, at=at, note=None)
            return _saved(session, scheme, term_id, 201 if is_new else 200)

        return database().write(save)

    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.arguments(term_texts.Deprecation)
    @blp.response(200, term_texts.TermState, headers=header_refs("ETag"))
    def delete(
        self,
        _query: dict[str, Any],
        body: dict[str, Any],
        scheme: str,
        term_id: str,
        etags: set[str],
    ) -> Response:
        """Propose to deprecate a term; it is never removed.

        What has it keeps it. New texts are refused it, and are told to take `replacedBy`; who
        filters by it finds what has its successor too.
        """
        who, at = current_editor().owner, now()

        def save(session: Session) -> Response:
            state = workflow.existing_state(session, scheme, term_id, lock=True)
            workflow.check_etag(state, etags)
            if state.public is None:
                raise Conflict(N_("This term was never public; discard its draft instead."))
            deprecated = {"deprecated": True, "replacedBy": body["replaced_by"]}
            workflow.propose(
                session, state, {**state.public, **deprecated}, who=who, at=at, note=None
            )
            return _saved(session, scheme, term_id, 200)

        return database().write(save)


@blp.route(f"{TERM}/draft")
class TermDraft(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.response(204)
    def delete(self, _query: dict[str, Any], scheme: str, term_id: str, etags: set[str]) -> None:
        """Discard what is proposed for a term; what is public stays.

        By who began it, or a publisher.
        """
        editor = current_editor()

        def discard(session: Session) -> None:
            draft = workflow.lock_proposal(session, scheme, term_id, etags).draft
            assert draft is not None
            author = next((event.who for event in events_of(session, draft)), draft.author)
            if editor.owner != author and editor.role != "publisher":
                detail = N_(
                    "Only %(author)s, who began this draft, or a publisher may discard it; ask "
                    "one of them."
                )
                raise Forbidden(detail, author=author)
            workflow.discard(session, draft, who=editor.owner, at=now())

        database().write(discard)


@blp.route(f"{TERM}/draft/reviews")
class TermReviews(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.arguments(publications.Review)
    @blp.response(200, term_texts.TermState, headers=header_refs("ETag"))
    def post(
        self,
        _query: dict[str, Any],
        body: dict[str, Any],
        scheme: str,
        term_id: str,
        etags: set[str],
    ) -> Response:
        """Submit a proposal for approval, or return it to its author with a note.

        `submit` asks for approval; `return` is for publishers and needs a note.
        """
        who, note = current_editor().owner, body["note"]
        if body["decision"] == "return":
            current_editor().must_be("publisher")
            if note is None:
                raise invalid_body([("/note", Mistake("required"))])

        def review(session: Session) -> Response:
            draft = workflow.lock_proposal(session, scheme, term_id, etags).draft
            assert draft is not None
            decide = reviews.submit if body["decision"] == "submit" else reviews.return_to_author
            decide(session, draft, who=who, note=note, at=now())
            return _saved(session, scheme, term_id, 200)

        return respond_once(review)


@blp.route(f"{TERM}/publications")
class TermPublications(PublisherView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.arguments(publications.TermPublication)
    @blp.response(201, publications.Published)
    def post(
        self,
        _query: dict[str, Any],
        body: dict[str, Any],
        scheme: str,
        term_id: str,
        etags: set[str],
    ) -> Response:
        """Make a proposal public: the approval, by another than its author.

        From then on labels, synonyms and vocabularies have it, in every process and without a
        restart. `searchable` says whether what has the term was indexed again already.
        """
        four_eyes, who = services().settings.four_eyes, current_editor().owner

        def publish(session: Session) -> tuple[int, int]:
            state = workflow.lock_proposal(session, scheme, term_id, etags)
            draft = state.draft
            assert draft is not None
            change = workflow.approve(
                session, state, who=who, note=body["note"], at=now(), four_eyes=four_eyes
            )
            assert draft.version is not None
            store_response(session, _published(draft.version, change.number, searchable=False))
            return draft.version, change.number

        version, change = database().write(publish)
        services().vocabulary.look()
        searchable = services().after_publication(change)
        return _published(version, change, searchable=searchable)


@blp.route(f"{TERM}/versions")
class TermVersions(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, term_texts.TermVersions)
    def get(self, _query: dict[str, Any], scheme: str, term_id: str) -> dict[str, Any]:
        """List the texts of a term that were public, the newest first, with who did what.

        A term that no editor has written has none: its text is that of the release.
        """
        state = workflow.existing_state(session(), scheme, term_id)
        numbered = [each for each in state.revisions if each.version is not None]
        return {
            "items": [
                {
                    "version": each.version,
                    "state": each.state,
                    "author": each.author,
                    "published_at": each.published_at,
                    "note": each.note,
                    "text": each.document,
                    "history": _events(events_of(session(), each)),
                }
                for each in sorted(numbered, key=lambda each: -(each.version or 0))
            ]
        }


def _text(body: dict[str, Any]) -> dict[str, Any]:
    """The part of a text that PUT has, by its keys."""
    return {key: body[key] for key in ("labels", "definition", "synonyms", "broader", "position")}


def _check_new(state: TermState) -> None:
    """Raise Conflict when there is a term of this id, InvalidInput when there can be none."""
    key = texts.key_of(state.scheme, state.id)
    if state.public is not None or state.draft is not None:
        raise Conflict(N_("The id “%(id)s” is taken."), id=key)
    Identifier(texts.MAX_KEY - len(state.scheme) - 1).deserialize(state.id, "id")


def _saved(session: Session, scheme: str, term_id: str, status: int) -> Response:
    """The response to who saved something of a term."""
    session.flush()
    response = _response(session, workflow.existing_state(session, scheme, term_id))
    response.status_code = status
    if status == 201:
        path = f"/v1/vocabularies/{scheme}/terms/{term_id}"
        response.headers["Location"] = public_address(path)
    return response


def _response(session: Session, state: TermState) -> Response:
    """A term as editors see it, with its ETag."""
    draft = state.draft
    text = draft.document if draft else state.public
    assert text is not None
    document = term_texts.TermState().dump(
        {
            **{key: text[key] for key in ("labels", "definition", "synonyms", "broader")},
            "id": state.id,
            "scheme": state.scheme,
            "position": text["position"],
            "deprecated": text["deprecated"],
            "replaced_by": text["replacedBy"],
            "version": state.published.version if state.published else None,
            "uses": workflow.uses_of(session, state.scheme, state.id),
            "draft": draft
            and {
                "state": draft.state,
                "author": draft.author,
                "saved_at": draft.saved_at,
                "changed": texts.changed_keys(text, state.public),
                "public": state.public,
                "history": _events(events_of(session, draft)),
            },
        }
    )
    response = jsonify(document)
    response.set_etag(f"{state.etag}-{language()}")
    return response


def _events(events: list[RevisionEvent]) -> list[dict[str, Any]]:
    return [
        {"what": each.what, "who": each.who, "note": each.note, "at": each.at} for each in events
    ]


def _published(version: int, change: int, *, searchable: bool) -> Response:
    response = jsonify({"version": version, "change": change, "searchable": searchable})
    response.status_code = 201
    return response
