"""A site below a path, such as https://example.org/kennisbank, with or without its proxy's help."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask

from kb.web.wsgi import Environ, StartResponse, WSGIApplication


class PathPrefixMiddleware:
    """Takes the prefix off the path of a request, for proxies that leave it there."""

    def __init__(self, app: WSGIApplication, prefix: str) -> None:
        """`prefix` begins with a slash and does not end with one; it may be percent-encoded."""
        self._app = app
        self._prefix = unquote_to_bytes(prefix).decode("latin-1")  # as WSGI has paths (PEP 3333)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request as if the site stood at the root."""
        path: str = environ["PATH_INFO"]
        if f"{path}/".startswith(f"{self._prefix}/"):
            environ["PATH_INFO"] = path.removeprefix(self._prefix) or "/"
        return self._app(environ, start_response)


def init_app(app: Flask, public_url: str) -> None:
    """Answer below the path of the public address too, if it has one.

    A prefix that begins as a route of ours, such as `/docs`, has to be taken away by the proxy.
    """
    prefix = urlsplit(public_url).path
    first_segments = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    if prefix and prefix.split("/")[1] not in first_segments:
        app.wsgi_app = PathPrefixMiddleware(app.wsgi_app, prefix)  # type: ignore[method-assign]
