"""/v1/cases (POST), /v1/cases/{id}/draft, the same of other kinds, /v1/drafts, /v1/me: writing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from flask import Response, request
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.database import now
from kb.editors import reviews, workflow
from kb.editors.blueprint import (
    EditorsBlueprint,
    EditorThingView,
    EditorView,
    OfKind,
    current_editor,
    database,
    if_match_etags,
)
from kb.editors.draft_actions import actions
from kb.editors.draft_lists import (
    DraftFilters,
    Event,
    batches_of,
    changes_of,
    events_of_drafts,
    last_state_event,
    list_drafts,
)
from kb.editors.drafts import (
    StartingText,
    create_draft,
    discard_draft,
    edit_draft,
    get_draft,
    lock_draft,
    start_next_draft,
)
from kb.editors.idempotency.requests import respond_once
from kb.editors.model import Revision
from kb.editors.response_bodies import draft_response, list_page
from kb.editors.reviewing.comments import open_comment_counts
from kb.kinds import KINDS
from kb.services import services, session
from kb.web.addresses import public_address
from kb.web.components import header_refs
from kb.web.parsing import read_object
from schemas import drafts, me
from schemas.lists import LanguageQuery

MERGE_PATCH = "application/merge-patch+json"
TEXT = {
    "application/json": {
        "type": "object",
        "description": "A {kind} as GET gives it. Bare ids do for terms and references.",
    }
}
DRAFT = OfKind("draft")
blp = EditorsBlueprint("drafts", __name__, "What editors are writing; nobody else sees it.")


@blp.route("/me")
class Me(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, me.Me)
    def get(self, _query: dict[str, Any]) -> dict[str, Any]:
        """Read whose token this is, its role, when it expires, and whether four eyes are needed.

        So that a tool can greet its user, and warn before the token expires.
        """
        return {**asdict(current_editor()), "four_eyes": services().settings.four_eyes}


@blp.for_each_kind("")
class NewThings(EditorThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(201, DRAFT, headers=header_refs("ETag", "Location"))
    @blp.body(TEXT)
    def post(self, _query: dict[str, Any]) -> Response:
        """Begin a new {kind} as a draft.

        What is missing may come later: `_draft.problems` lists it. What is wrong is 400, all of it
        at once, and then nothing is saved. `_draft.advice` tells what is saved in another spelling.
        Without an `id` one is made from the title. With an Idempotency-Key the same request is
        answered the same for 24 hours.
        """
        document, kind = read_object(), self.kind.name

        def create(session: Session) -> Response:
            draft = create_draft(session, kind, document, who=current_editor().owner, at=now())
            return draft_response(session, draft, 201, sent=document)

        return respond_once(create)


@blp.route("/drafts")
class Drafts(EditorView):
    @blp.arguments(drafts.DraftListQuery, location="query")
    @blp.response(200, drafts.DraftPage, headers=header_refs("Link"))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List what is in progress, the last saved first, with the open problems of each.

        Of all editors, with how far each is, what is still open and what you may do with it now.
        """
        filters = DraftFilters(
            types=query.get("type", ()),
            slug=query.get("slug"),
            words=query.get("q", ""),
            states=query.get("state", ()),
            authors=query.get("author", ()),
            writers=query.get("writer", ()),
            kinds=query.get("kind", ()),
            sort=query["sort"],
        )
        skip, limit = (query["page"] - 1) * query["page_size"], query["page_size"]
        page, total = list_drafts(session(), filters, skip=skip, limit=limit)
        return list_page(list(_list_items(page)), total, query)


def _list_items(page: Sequence[Revision]) -> Iterator[dict[str, Any]]:
    events, changes = events_of_drafts(session(), page), changes_of(session(), page)
    batches, comments = batches_of(session(), page), open_comment_counts(session(), page)
    for draft in page:
        of_draft = events[draft.id]
        item = _list_item(draft, of_draft, changes[Thing(draft.kind, draft.slug)])
        yield item | {
            "batch": batches.get(draft.id),
            "open_comments": comments.get(draft.id, 0),
        }


def _list_item(draft: Revision, events: Sequence[Event], change: str) -> dict[str, Any]:
    last = events[-1] if events else None
    below = f"/revisions/{last.id}" if draft.discarded_at and last else "/draft"
    state_event = last_state_event(draft, events)
    problem_count = len(workflow.open_errors(session(), draft))
    starter = events[0].who if events else draft.author
    address = f"/v1/{KINDS[draft.kind].collection}/{quote(draft.slug)}{below}"
    return {
        "type": draft.kind,
        "slug": draft.slug,
        "title": draft.document["title"],
        "kind": draft.document.get("kind"),
        "change": change,
        "state": draft.state,
        "state_since": state_event.at if state_event else draft.saved_at,
        "note": state_event and state_event.note,
        "started_by": starter,
        "author": draft.author,
        "saved_at": draft.saved_at,
        "based_on": draft.based_on,
        "problem_count": problem_count,
        "actions": actions(
            draft,
            current_editor(),
            starter=starter,
            submitter=state_event.who if state_event else "",
            writers=reviews.writers_of(session(), draft),
            has_problems=problem_count > 0,
            four_eyes=services().settings.four_eyes,
        ),
        "revision": last and last.id,
        "discarded_at": draft.discarded_at,
        "discarded_by": last.who if draft.discarded_at and last else None,
        "links": {"self_": {"href": public_address(address)}},
    }


@blp.for_each_kind("/<id>/draft")
class OneDraft(EditorThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, DRAFT, headers=header_refs("ETag"))
    @blp.alt_responses(301)
    def get(self, _query: dict[str, Any], thing: Thing) -> Response:
        """Read the draft of a {kind}, with what must still be mended.

        The whole text, as it may be sent back, with `_draft`: who saved it, who did what, and what
        must be mended before it can be published. Its ETag goes into If-Match.
        """
        return draft_response(session(), get_draft(session(), thing))

    @blp.arguments(LanguageQuery, location="query")
    @blp.arguments(drafts.NextDraft)
    @blp.response(201, DRAFT, headers=header_refs("ETag", "Location"))
    @blp.alt_response(200, schema=DRAFT, headers=header_refs("ETag"))
    @blp.alt_responses(410, 412, 428)
    def post(self, _query: dict[str, Any], body: dict[str, Any], thing: Thing) -> Response:
        """Begin the next draft of a {kind}, from its public text or from any saved text.

        The public text stays as it is until the draft is published. `fromRevision` makes any saved
        text current again, also that of a draft that was discarded; with the ETag of an open draft
        in If-Match it takes the place of that one's text (200).
        """
        start = StartingText(body["from_version"], body["from_revision"])
        etags = if_match_etags() if "If-Match" in request.headers else None
        who = current_editor().owner

        def begin(session: Session) -> Response:
            draft = start_next_draft(session, thing, start, etags=etags, who=who, at=now())
            return draft_response(session, draft, 201 if etags is None else 200)

        return respond_once(begin)

    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.response(200, DRAFT, headers=header_refs("ETag"))
    @blp.body(TEXT)
    def put(self, _query: dict[str, Any], thing: Thing, etags: set[str]) -> Response:
        """Give a draft another text: all of it.

        What is left out becomes empty, except `unverified`. A pitfall, finding or source without an
        id keeps that of the one with the same title (claim). A submitted draft becomes a draft
        again.
        """
        document = read_object()

        def replace(session: Session) -> Response:
            draft = lock_draft(session, thing, etags)
            edit_draft(session, draft, document, who=current_editor().owner, at=now())
            return draft_response(session, draft, sent=document)

        return database().write(replace)

    @blp.arguments(drafts.PatchQuery, location="query")
    @blp.if_match
    @blp.response(200, DRAFT, headers=header_refs("ETag"))
    @blp.body({MERGE_PATCH: {"type": "object"}})
    def patch(self, query: dict[str, Any], thing: Thing, etags: set[str]) -> Response:
        """Change some keys of a draft (JSON Merge Patch, RFC 7396); a list is replaced whole.

        Send only the keys that change; null makes one empty. A submitted draft becomes a draft
        again. With `autosave` it joins your own step of the last ten minutes in the history.
        """
        patch = read_object(MERGE_PATCH)

        def change(session: Session) -> Response:
            draft = lock_draft(session, thing, etags)
            document = merge_patch(draft_response(session, draft).get_json(), patch)
            edit_draft(
                *(session, draft, document),
                body=patch,
                who=current_editor().owner,
                at=now(),
                is_autosave=query.get("autosave") == "true",
            )
            return draft_response(session, draft, sent=patch)

        return database().write(change)

    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.response(204)
    def delete(self, _query: dict[str, Any], thing: Thing, etags: set[str]) -> None:
        """Discard a draft; it can be brought back for 90 days, and the public text stays.

        By who began it, or a publisher. `/v1/drafts?state=discarded` lists it for 90 days, and
        `fromRevision` brings it back; then its text is erased. The id of a {kind} that was
        never published is free at once.
        """
        who = current_editor()

        def discard(session: Session) -> None:
            draft = lock_draft(session, thing, etags)
            discard_draft(session, draft, editor=who, at=now())

        database().write(discard)


def merge_patch(target: Any, patch: Any) -> Any:
    """The value that a JSON Merge Patch (RFC 7396) makes of `target`."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result
