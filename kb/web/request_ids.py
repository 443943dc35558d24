"""The number of a request: in the log, and in `instance` of a problem."""

from __future__ import annotations

import re
import uuid

from flask import has_request_context, request

from kb.web.wsgi import Environ

REQUEST_ID = "kb.request_id"  # in the environment of a request, once somebody wants to know it
UUID = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def request_id(environ: Environ, *, has_proxy: bool) -> str:
    """A UUID: of X-Request-Id when a proxy that we trust sends one (nginx: $request_id), or new.

    Anything else in that header is no number of a request, and might be somebody's secret.
    """
    if REQUEST_ID not in environ:
        text = environ.get("HTTP_X_REQUEST_ID", "") if has_proxy else ""
        number = uuid.UUID(text) if UUID.fullmatch(text) else uuid.uuid4()
        environ[REQUEST_ID] = str(number)
    number_text: str = environ[REQUEST_ID]
    return number_text


def current_request_id(*, has_proxy: bool) -> str | None:
    """The number of the request that this thread answers; None beside requests."""
    return request_id(request.environ, has_proxy=has_proxy) if has_request_context() else None
