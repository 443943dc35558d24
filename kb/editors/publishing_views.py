"""Reviews, publications and withdrawals: how a draft becomes public, and how it goes."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.database import now
from kb.editors import erasure, reviews, workflow
from kb.editors.blueprint import (
    EditorsBlueprint,
    EditorThingView,
    OfKind,
    PublisherThingView,
    current_editor,
    database,
)
from kb.editors.drafts import lock_draft
from kb.editors.idempotency.requests import respond_once, store_response
from kb.editors.image_sweep import sweep_files
from kb.editors.response_bodies import draft_response
from kb.input_errors import Mistake
from kb.kinds import KINDS
from kb.problems import invalid_body
from kb.services import services
from kb.web.addresses import public_address
from kb.web.components import header_refs
from schemas import publications
from schemas.lists import LanguageQuery

blp = EditorsBlueprint("publishing", __name__, "How a draft becomes public, and how it goes.")


@blp.for_each_kind("/<id>/draft/reviews")
class Reviews(EditorThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.arguments(publications.Review)
    @blp.response(200, OfKind("draft"), headers=header_refs("ETag"))
    def post(
        self, _query: dict[str, Any], body: dict[str, Any], thing: Thing, etags: set[str]
    ) -> Response:
        """Submit a draft for approval, take that back, or return it to its author with a note.

        `submit` asks for approval; `retract`, by who submitted it or a publisher, makes it a draft
        again; `return` is for publishers and needs a note.
        """
        editor, decision, note = current_editor(), body["decision"], body["note"]
        if decision == "return":
            editor.must_be("publisher")
            if note is None:
                raise invalid_body([("/note", Mistake("required"))])

        def review(session: Session) -> Response:
            draft = lock_draft(session, thing, etags)
            if decision == "retract":
                reviews.retract(session, draft, editor=editor, note=note, at=now())
            elif decision == "submit":
                reviews.submit(session, draft, who=editor.owner, note=note, at=now())
            else:
                assert note is not None
                reviews.return_to_author(session, draft, who=editor.owner, note=note, at=now())
            return draft_response(session, draft)

        return respond_once(review)


@blp.for_each_kind("/<id>/publications")
class Publications(PublisherThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.arguments(publications.Publication)
    @blp.response(201, publications.Published, headers=header_refs("Location"))
    def post(
        self, _query: dict[str, Any], body: dict[str, Any], thing: Thing, etags: set[str]
    ) -> Response:
        """Publish a submitted draft: the approval, by another than its author.

        Publishing is strict: everything that is missing is told at once. `change` is the number
        that every copy follows, `searchable` whether search knows already.
        """
        four_eyes = services().settings.four_eyes
        who, note = current_editor().owner, body["note"]

        def publish(session: Session) -> tuple[int, Change]:
            draft = lock_draft(session, thing, etags)
            change = reviews.approve(
                session,
                draft,
                who=who,
                note=note,
                at=now(),
                four_eyes=four_eyes,
                reinstate=body["reinstate"],
            )
            assert draft.version is not None
            store_response(session, _published(thing, change, draft.version, searchable=False))
            return draft.version, change

        version, change = database().write(publish)
        return _published(thing, change, version, searchable=_is_searchable(change))


@blp.for_each_kind("/<id>/withdrawals")
class Withdrawals(PublisherThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.arguments(publications.Withdrawal)
    @blp.response(201, publications.Withdrawn)
    def post(self, _query: dict[str, Any], body: dict[str, Any], thing: Thing) -> Response:
        """Take a public {kind} away, with the reason; it answers 410 until it is published again.

        It answers 410 with the reason. Publishing a next draft with `reinstate` brings it
        back.
        """
        who = current_editor().owner

        def withdraw(session: Session) -> Change:
            reviews.check_withdrawal(session, thing, body["replaced_by"])
            change = workflow.withdraw(session, thing, by=who, at=now(), **body)
            store_response(session, _made(change, searchable=False))
            return change

        change = database().write(withdraw)
        return _made(change, searchable=_is_searchable(change))

    @blp.arguments(LanguageQuery, location="query")
    @blp.arguments(publications.Withdrawal)
    @blp.response(200, publications.Withdrawn)
    @blp.alt_responses(409)
    def put(self, _query: dict[str, Any], body: dict[str, Any], thing: Thing) -> Response:
        """Correct why a {kind} was withdrawn, and what replaces it.

        Readers of its address get the new reason; the history has both.
        """
        who = current_editor().owner

        def correct(session: Session) -> Change:
            reviews.check_withdrawal(session, thing, body["replaced_by"])
            return workflow.correct_withdrawal(session, thing, by=who, at=now(), **body)

        change = database().write(correct)
        response = _made(change, searchable=_is_searchable(change))
        response.status_code = 200
        return response


@blp.for_each_kind("/<id>/versions/<count:version>")
class Erasures(PublisherThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.arguments(publications.Erasure)
    @blp.response(200, publications.ErasedVersion)
    @blp.alt_responses(409, 410)
    def delete(
        self, _query: dict[str, Any], body: dict[str, Any], thing: Thing, version: int
    ) -> dict[str, Any]:
        """Erase the text of a version for good; the reason stays, for readers too.

        For privacy, say. Its text goes everywhere, and so do all saved texts of the {kind} that
        are no version, since they may repeat it. The public text cannot be erased: withdraw it
        first, or publish another. Backups and exports that were made before keep it.
        """
        who, at = current_editor().owner, now()
        reason, of_draft = body["reason"], body["draft"]

        def erase(session: Session) -> Change | None:
            return erasure.erase(
                session, thing, version, reason=reason, of_draft=of_draft, who=who, at=at
            )

        change = database().write(erase)
        sweep_files(database(), services().settings.images_path)
        if change:
            services().after_publication(change.number)
        return {
            "version": version,
            "reason": reason,
            "erased_at": at,
            "change": change and change.number,
        }


def _published(thing: Thing, change: Change, version: int, *, searchable: bool) -> Response:
    """The response to a publication."""
    response = _made(change, searchable=searchable, version=version)
    address = f"/v1/{KINDS[thing.kind].collection}/{thing.slug}"
    response.headers["Location"] = public_address(f"{address}/versions/{version}")
    return response


def _made(change: Change, *, searchable: bool, **more: Any) -> Response:
    """What became public, and whether search knows of it."""
    response = jsonify({**more, "change": change.number, "searchable": searchable})
    response.status_code = 201
    return response


def _is_searchable(change: Change) -> bool:
    """Whether search knows of a change, now that it was told; `kb.app` says how."""
    return services().after_publication(change.number)
