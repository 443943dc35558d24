"""/v1/unverified-things and /v1/{collection}/{id}/verifications: what is to be checked, and was."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, jsonify
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.database import now
from kb.editors.blueprint import (
    EditorsBlueprint,
    EditorThingView,
    EditorView,
    current_editor,
    database,
)
from kb.editors.idempotency.requests import store_response
from kb.editors.response_bodies import list_page
from kb.editors.verifications import queries, workflow
from kb.editors.verifications.model import Verification
from kb.kinds import CASE, KINDS, STUDY
from kb.services import services, session
from kb.web.addresses import public_address
from kb.web.components import header_refs
from schemas import verifications as shapes
from schemas.base import cached_schema
from schemas.links import thing_links
from schemas.lists import LanguageQuery

blp = EditorsBlueprint("verifications", __name__, "What is to be checked against a source.")


@blp.route("/unverified-things")
class Unverified(EditorView):
    @blp.arguments(shapes.UnverifiedQuery, location="query")
    @blp.response(200, shapes.UnverifiedPage, headers=header_refs("Link"))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the public things with keys that nobody has checked, the oldest text first.

        Each with those keys; `POST /v1/{collection}/{id}/verifications` takes them off the list.
        """
        size = query["page_size"]
        items, total = queries.list_unverified(
            session(),
            types=query.get("type", ()),
            authors=query.get("author", ()),
            skip=(query["page"] - 1) * size,
            limit=size,
        )
        return list_page([_item(each) for each in items], total, query)


def _item(thing: queries.UnverifiedThing) -> dict[str, Any]:
    links = thing_links(KINDS[thing.type].collection, thing.slug)
    return {**thing._asdict(), "links": {"self_": links["self"], "html": links["html"]}}


@blp.for_each_kind("/<id>/verifications", kinds=(CASE, STUDY))
class Verifications(EditorThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, shapes.VerificationList)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], thing: Thing) -> dict[str, Any]:
        """Read what is to be checked of a public {kind}, and everything that was, the newest first.

        A check holds as long as the key has the value that was checked: `inForce`. Readers see
        when it was and against what, never by whom.
        """
        text = workflow.read_public(session(), thing)
        in_force = {each.id for each in queries.checks_in_force(session(), thing)}
        every = queries.verifications_of(session(), thing)
        return {
            **text._asdict(),
            "items": [_shown(each, is_in_force=each.id in in_force) for each in every],
            "links": {"self_": {"href": _address(thing)}},
        }

    @blp.arguments(LanguageQuery, location="query")
    @blp.arguments(shapes.NewVerification)
    @blp.response(201, shapes.Verification, headers=header_refs("Location"))
    @blp.alt_responses(301, 409, 410, 412)
    def post(self, _query: dict[str, Any], body: dict[str, Any], thing: Thing) -> Response:
        """Record that you checked a key of a public {kind} against a source.

        `version` is the one that you read: when the key has another value now, this is 412. The
        key is no longer unverified, at once; the text and its version stay as they are. With
        another value, in a later version, the key is unverified again.
        """
        who = current_editor().owner

        def record(session: Session) -> tuple[Response, Change]:
            verification, change = workflow.verify(session, thing, body, who=who, at=now())
            shown = _shown(verification, is_in_force=True)
            response = jsonify(cached_schema(shapes.Verification).dump(shown))
            response.status_code = 201
            response.headers["Location"] = _address(thing)
            store_response(session, response)
            return response, change

        response, change = database().write(record)
        services().after_publication(change.number)
        return response


@blp.for_each_kind("/<id>/verifications/<count:verification>", kinds=(CASE, STUDY))
class OneVerification(EditorThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(204)
    @blp.alt_responses(301, 410)
    def delete(self, _query: dict[str, Any], thing: Thing, verification: int) -> None:
        """Take back a check of a {kind} that was a slip: the key is unverified again, at once.

        By who made it, or a publisher.
        """
        editor = current_editor()

        def take_back(session: Session) -> Change:
            return workflow.take_back(session, thing, verification, editor=editor, at=now())

        services().after_publication(database().write(take_back).number)


def _shown(each: Verification, *, is_in_force: bool) -> dict[str, Any]:
    keys = ("id", "key", "version", "source", "source_title", "reference", "note", "editor", "at")
    return {**{key: getattr(each, key) for key in keys}, "in_force": is_in_force}


def _address(thing: Thing) -> str:
    collection = KINDS[thing.kind].collection
    return public_address(f"/v1/{collection}/{quote(thing.slug)}/verifications")
