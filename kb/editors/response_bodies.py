"""Responses to editors: drafts with what we add to them, advice, and pages of lists."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from kb.cases.model import Tombstone
from kb.editors import reviews, revisions, workflow
from kb.editors.advice import Advice, spelling_advice
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision
from kb.editors.reviewing.comments import open_comment_counts
from kb.input_errors import MAX_ERRORS
from kb.kinds import KINDS
from kb.services import services
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.errors import error_item, translated
from kb.web.headers import set_page_links
from schemas.links import page_links
from schemas.text import visible_changes


def document_with_facts(
    session: Session, revision: Revision, document: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A text as an editor may send it back: with what we tell of its thing now.

    It is the newest text of the revision, or `document`, an earlier one.
    """
    facts = revisions.publications(session, revision.thing)
    kind = editable_kind(revision.kind)
    return kind.with_titles(session, document or revision.document) | {
        "version": facts.last,
        "published_at": facts.first_at,
        "updated_at": facts.last_at,
    }


def list_page(items: list[Any], total: int, query: dict[str, Any]) -> dict[str, Any]:
    """A page of a list of editors; its neighbours come in the Link header too."""
    number, size = query["page"], query["page_size"]
    pages = -(-total // size)
    parameters = request.args.items(multi=True)
    links = page_links(public_address(request.path), parameters, number, pages)
    set_page_links(links)
    page = {"number": number, "size": size, "total_items": total, "total_pages": pages}
    return {"items": items, "page": page, "links": {"self_": links["self"], **links}}


def advice_items(advice: Iterable[Advice]) -> list[dict[str, Any]]:
    """Advice as the API has it, in the language of the request; the first hundred."""
    return [
        {
            "code": each.code,
            "pointer": each.pointer,
            "detail": translated(each.detail, each.values),
            "related": each.related,
        }
        for each in islice(advice, MAX_ERRORS)
    ]


def draft_response(
    session: Session, draft: Revision, status: int = 200, *, sent: Any = None
) -> Response:
    """A draft with its ETag: the text, who did what, and what must still be mended.

    `sent` is what its editor has just sent of it: advice says what was saved in other spelling.
    """
    problems = workflow.open_errors(session, draft)
    document = document_with_facts(session, draft) | {
        "draft": {
            "state": draft.state,
            "author": draft.author,
            "saved_at": draft.saved_at,
            "based_on": draft.based_on,
            "withdrawn": session.get(Tombstone, draft.thing),
            "history": revisions.events_of(session, draft),
            "writers": sorted(reviews.writers_of(session, draft)),
            "four_eyes": services().settings.four_eyes,
            "open_comments": open_comment_counts(session, [draft]).get(draft.id, 0),
            "problems": [error_item(each) for each in problems[:MAX_ERRORS]],
            "problem_count": len(problems),
            "advice": advice_items(spelling_advice(visible_changes(sent, draft.document))),
        },
    }
    response = jsonify(editable_kind(draft.kind).draft().dump(document))
    response.status_code = status
    response.set_etag(f"{draft.etag}-{language()}")
    if status == 201:
        collection = KINDS[draft.kind].collection
        response.headers["Location"] = public_address(f"/v1/{collection}/{draft.slug}/draft")
    return response
