"""/v1/{collection}/{id}/draft/previews and /draft/comments: a draft is shown, and spoken of."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, jsonify
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.database import now
from kb.editors import history
from kb.editors.blueprint import EditorsBlueprint, EditorThingView, current_editor, database
from kb.editors.drafts import get_draft
from kb.editors.idempotency.requests import respond_once
from kb.editors.reviewing import comments, previews
from kb.editors.reviewing.comments import PlacedComment
from kb.kinds import KINDS
from kb.services import session
from kb.web.addresses import public_address
from kb.web.components import header_refs
from schemas import reviewing
from schemas.base import cached_schema
from schemas.lists import LanguageQuery

blp = EditorsBlueprint("reviewing", __name__, "A draft is shown to readers, and spoken of.")


@blp.for_each_kind("/<id>/draft/previews")
class Previews(EditorThingView):
    ignores_keys = True  # the address is stored nowhere, so it cannot be told again

    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, reviewing.PreviewList)
    @blp.alt_responses(301)
    def get(self, _query: dict[str, Any], thing: Thing) -> dict[str, Any]:
        """List the previews of a draft that can be read now, the newest first.

        Without their addresses, which are told once.
        """
        draft = get_draft(session(), thing)
        items = previews.previews_of(session(), draft, now())
        return {"items": items, "links": _self_link(thing, "/draft/previews")}

    @blp.arguments(LanguageQuery, location="query")
    @blp.arguments(reviewing.NewPreview)
    @blp.response(201, reviewing.CreatedPreview)
    def post(self, _query: dict[str, Any], body: dict[str, Any], thing: Thing) -> dict[str, Any]:
        """Give a draft an address at which one reader without an account can read it.

        The page shows the draft as it is at each moment. It ends after `days`, when the draft is
        published, discarded or erased, or when it is revoked.
        """
        who = current_editor().owner

        def create(session: Session) -> dict[str, Any]:
            draft = get_draft(session, thing)
            preview, secret = previews.create_preview(
                session, draft, who=who, at=now(), days=body["days"]
            )
            keys = ("id", "created_by", "created_at", "expires_at")
            url = public_address(f"/voorbeeld/{secret}")
            return {**{key: getattr(preview, key) for key in keys}, "url": url}

        return database().write(create)


@blp.for_each_kind("/<id>/draft/previews/<count:preview>")
class OnePreview(EditorThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(204)
    def delete(self, _query: dict[str, Any], thing: Thing, preview: int) -> None:
        """Revoke a preview of a draft.

        From now on its address shows nothing.
        """

        def revoke(session: Session) -> None:
            draft = get_draft(session, thing)
            previews.revoke_preview(session, draft, preview, now())

        database().write(revoke)


@blp.for_each_kind("/<id>/draft/comments")
class Comments(EditorThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, reviewing.CommentList)
    @blp.alt_responses(301)
    def get(self, _query: dict[str, Any], thing: Thing) -> dict[str, Any]:
        """List the comments of editors on a draft, the first one first; resolved ones too.

        Nobody but editors sees them. They stay with this draft: the next one begins without.
        """
        placed = comments.comments_of(session(), get_draft(session(), thing))
        links = _self_link(thing, "/draft/comments")
        return {"items": [_shown(each, thing) for each in placed], "links": links}

    @blp.arguments(LanguageQuery, location="query")
    @blp.arguments(reviewing.NewComment)
    @blp.response(201, reviewing.Comment, headers=header_refs("Location"))
    def post(self, _query: dict[str, Any], body: dict[str, Any], thing: Thing) -> Response:
        """Say something of a place in a draft, to other editors.

        The text of the draft and its ETag stay as they are.
        """
        who = current_editor().owner

        def add(session: Session) -> Response:
            draft = get_draft(session, thing)
            placed = comments.add_comment(session, draft, **body, who=who, at=now())
            response = jsonify(cached_schema(reviewing.Comment).dump(_shown(placed, thing)))
            response.status_code = 201
            below = f"/draft/comments/{placed.comment.id}"
            response.headers["Location"] = _self_link(thing, below)["self_"]["href"]
            return response

        return respond_once(add)


@blp.for_each_kind("/<id>/draft/comments/<count:comment>")
class OneComment(EditorThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.arguments(reviewing.CommentChange)
    @blp.response(200, reviewing.Comment)
    def put(
        self, _query: dict[str, Any], body: dict[str, Any], thing: Thing, comment: int
    ) -> dict[str, Any]:
        """Resolve a comment, or open it again.

        Any editor may, also of a comment that somebody else made.
        """
        who = current_editor().owner

        def resolve(session: Session) -> dict[str, Any]:
            draft = get_draft(session, thing)
            placed = comments.resolve_comment(session, draft, comment, **body, who=who, at=now())
            return _shown(placed, thing)

        return database().write(resolve)

    @blp.arguments(LanguageQuery, location="query")
    @blp.response(204)
    def delete(self, _query: dict[str, Any], thing: Thing, comment: int) -> None:
        """Delete a comment.

        By who wrote it, or a publisher; others resolve it.
        """
        editor = current_editor()

        def take_away(session: Session) -> None:
            comments.delete_comment(session, get_draft(session, thing), comment, editor)

        database().write(take_away)


@blp.for_each_kind("/<id>/revisions/<count:revision>/comments")
class EarlierComments(EditorThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, reviewing.CommentList)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], thing: Thing, revision: int) -> dict[str, Any]:
        """List the comments on a draft that is one no more: published since, say.

        Of a text that was erased there are none left.
        """
        saved = history.saved_text(session(), thing, revision)
        placed = comments.comments_of(session(), saved.revision)
        links = _self_link(thing, f"/revisions/{revision}/comments")
        return {"items": [_shown(each, thing) for each in placed], "links": links}


def _self_link(thing: Thing, below: str) -> dict[str, Any]:
    return {
        "self_": {
            "href": public_address(f"/v1/{KINDS[thing.kind].collection}/{quote(thing.slug)}{below}")
        }
    }


def _shown(placed: PlacedComment, thing: Thing) -> dict[str, Any]:
    """A comment with what it is about, and its place in the text of now."""
    keys = ("id", "text", "author", "at", "resolved_at", "resolved_by")
    comment = {key: getattr(placed.comment, key) for key in keys}
    about = {"type": thing.kind, "slug": thing.slug}
    return {**comment, "pointer": placed.pointer, "about": about}
