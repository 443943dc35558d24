"""304 for who has a response already."""

from __future__ import annotations

import re

from werkzeug import Response

from kb.web.wsgi import Environ

PROXY_SUFFIX = re.compile(r'-(?:gzip|br|zstd|deflate)(?=")')  # of an ETag, as Apache writes it


def make_conditional(response: Response, environ: Environ) -> None:
    """Make it 304 when If-None-Match has its ETag.

    A proxy that compresses makes our ETags weak, or writes the encoding behind them: they still
    name this response.
    """
    if etags := environ.get("HTTP_IF_NONE_MATCH"):
        response.make_conditional({**environ, "HTTP_IF_NONE_MATCH": PROXY_SUFFIX.sub("", etags)})
