"""/voorbeeld/{secret}: a draft for one reader without an account, with its images."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from kb import image_names
from kb.cases import queries
from kb.database import now
from kb.editors.editable_kind import editable_kind
from kb.editors.image_references import images_of
from kb.editors.response_bodies import document_with_facts
from kb.editors.reviewing.previews import previewed_draft
from kb.pages.draft_preview import render_preview
from kb.pages.image_responses import image_response, no_image
from kb.pages.rendering import render_page
from kb.services import session
from kb.web.policy import PagesBlueprint, Policy, without_rate_limit
from schemas.base import cached_schema

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
    schema = cached_schema(editable_kind(draft.kind).draft)
    document = schema.dump(document_with_facts(session(), draft))
    folder = f"{request.path}{image_names.PATH}"
    return render_preview(document, image_folder=folder, expires_at=expires_at)


@blp.get(f"/voorbeeld/<secret>{image_names.PATH}/<name>")
@without_rate_limit
def shared_image(secret: str, name: str) -> Response:
    """A file of an image of the draft that a secret address is of, or of a public case near it."""
    draft, _ = previewed_draft(session(), secret, now())
    match = image_names.FILE.fullmatch(name)
    if match is None:
        raise no_image()
    is_its_own = match[1] in images_of(draft.document)
    if not is_its_own and not queries.is_public_image(session(), match[1]):
        raise no_image()
    return image_response(name)
