"""Public texts are compressed for who accepts that, once for each encoding: before they are cached.

What may hold secrets (editors' answers) never is: its length would tell of them (BREACH).
"""

from __future__ import annotations

from flask import Flask, Response, current_app, request
from flask_compress import Compress

ENCODINGS = ["zstd", "br", "gzip"]  # as they are preferred; docs/decisions has their figures
GZIP_LEVEL = 4  # costs half of level 6, for a tenth more bytes
MIN_BYTES = 1_000  # below which headers weigh more
MEDIA_TYPES = [
    *("text/html", "text/css", "text/csv", "text/javascript", "text/plain", "text/turtle"),
    "text/markdown",
    *("application/json", "application/ld+json", "application/x-ndjson", "application/schema+json"),
    *("application/atom+xml", "application/xml", "application/opensearchdescription+xml"),
    *("application/x-bibtex", "application/x-research-info-systems", "image/svg+xml"),
]


def init_app(app: Flask) -> None:
    """Prepare compressing; `kb.web.headers` says when."""
    app.config |= {
        "COMPRESS_REGISTER": False,
        "COMPRESS_EVALUATE_CONDITIONAL_REQUEST": False,
        "COMPRESS_ALGORITHM": ENCODINGS,
        "COMPRESS_ALGORITHM_STREAMING": ENCODINGS,
        "COMPRESS_LEVEL": GZIP_LEVEL,
        "COMPRESS_MIN_SIZE": MIN_BYTES,
        "COMPRESS_MIMETYPES": MEDIA_TYPES,
    }
    app.extensions["kb.compress"] = Compress(app)


def compress(response: Response) -> None:
    """Compress it, if that suits; its ETag then ends with the encoding (`"…:zstd"`).

    Flask-Compress takes `gzip;q=0` for accepting gzip; werkzeug does not.
    """
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.best_match(ENCODINGS) is None:
        return
    content = response.response
    current_app.extensions["kb.compress"].after_request(response)
    if response.response is not content and hasattr(content, "close"):  # a file, or an export
        response.call_on_close(content.close)
