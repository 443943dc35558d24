"""/voorbeeld/{secret}: a draft for one reader without an account."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from kb.database import now
from kb.editors.response_bodies import document_with_facts
from kb.editors.reviewing.previews import previewed_draft
from kb.pages.case_preview import render_preview
from kb.pages.rendering import render_page
from kb.services import session
from kb.web.policy import PagesBlueprint, Policy
from schemas.base import cached_schema
from schemas.drafts import DraftCase

blp = PagesBlueprint("draft_previews", __name__, Policy())


@blp.before_request
def explain_absence() -> None:
    """Let the page of an address that shows nothing say why; it is nothing to search by."""
    g.render_problem = _render_problem


def _render_problem(problem: dict[str, Any]) -> str:
    return render_page("preview_ended.html", problem=problem)


@blp.after_request
def keep_private(response: Response) -> Response:
    """Let nobody keep a draft or list it; that no address is passed on holds for every page."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blp.get("/voorbeeld/<secret>")
def shared_preview(secret: str) -> str:
    """The draft that a secret address is of, as it is now."""
    draft, expires_at = previewed_draft(session(), secret, now())
    document = cached_schema(DraftCase).dump(document_with_facts(session(), draft))
    return render_preview(document, expires_at=expires_at)
