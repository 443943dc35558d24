"""A file of an image as a response; who may see it is decided by its view."""

from __future__ import annotations

from flask import Response, request

from kb.problems import NotFound
from kb.services import services
from kb.translation import N_

MEDIA_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}


def image_response(name: str) -> Response:
    """The file with this name, for who may see it; nothing is said of caches. Raises NotFound."""
    try:
        content = (services().settings.images_path / name).read_bytes()
    except FileNotFoundError:  # nodes that do not share the folder have it in a while
        raise no_image() from None
    response = Response(content, mimetype=MEDIA_TYPES[name.rpartition(".")[2]])
    response.set_etag(name)
    response.make_conditional(request)
    return response


def no_image() -> NotFound:
    """That there is no such file, as far as this reader may know."""
    return NotFound(N_("There is no such image, or it is not public any more."))
