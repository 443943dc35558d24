"""/beelden: the files of images, to everybody once a public case has them."""

from __future__ import annotations

from flask import Response, request

from kb import image_names
from kb.cases import queries
from kb.editors.blueprint import authenticated_editor
from kb.problems import NotFound, Unauthorized
from kb.services import services, session
from kb.translation import N_
from kb.web.policy import PagesBlueprint, Policy, without_rate_limit

PUBLIC_CACHE = "public, max-age=2592000, immutable"  # 30 days; an erased one is not kept for ever
MEDIA_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}
blp = PagesBlueprint("images_of_cases", __name__, Policy(cross_origin=True))


@blp.get(f"{image_names.PATH}/<name>")
@without_rate_limit
def image_file(name: str) -> Response:
    """A file of an image. Before a public case has it, editors alone know that it is there."""
    match = image_names.FILE.fullmatch(name)
    if match is None:
        raise _no_image()
    is_public = queries.is_public_image(session(), match[1])
    if not is_public:
        _check_editor()
    try:
        content = (services().settings.images_path / name).read_bytes()
    except FileNotFoundError:  # nodes that do not share the folder have it in a while
        raise _no_image() from None
    response = Response(content, mimetype=MEDIA_TYPES[name.rpartition(".")[2]])
    response.set_etag(name)
    response.make_conditional(request)
    response.headers["Cache-Control"] = PUBLIC_CACHE if is_public else "private, no-store"
    return response


def _check_editor() -> None:
    try:
        authenticated_editor()
    except Unauthorized:
        raise _no_image() from None


def _no_image() -> NotFound:
    return NotFound(N_("There is no such image, or it is not public any more."))
