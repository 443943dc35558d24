"""/beelden: the files of images, to everybody once a public case has them."""

from __future__ import annotations

from flask import Response

from kb import image_names
from kb.cases import queries
from kb.editors.blueprint import authenticated_editor
from kb.pages.image_responses import image_response, no_image
from kb.problems import Unauthorized
from kb.services import session
from kb.web.policy import PagesBlueprint, Policy, without_rate_limit

PUBLIC_CACHE = "public, max-age=2592000, immutable"  # 30 days; an erased one is not kept for ever
blp = PagesBlueprint("images_of_cases", __name__, Policy(cross_origin=True))


@blp.get(f"{image_names.PATH}/<name>")
@without_rate_limit
def image_file(name: str) -> Response:
    """A file of an image. Before a public case has it, editors alone know that it is there."""
    match = image_names.FILE.fullmatch(name)
    if match is None:
        raise no_image()
    is_public = queries.is_public_image(session(), match[1])
    if not is_public:
        _check_editor()
    response = image_response(name)
    response.headers["Cache-Control"] = PUBLIC_CACHE if is_public else "private, no-store"
    return response


def _check_editor() -> None:
    try:
        authenticated_editor()
    except Unauthorized:
        raise no_image() from None
