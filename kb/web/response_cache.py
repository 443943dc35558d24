"""What is answered again: from memory while nothing changed, or as 304 to who has it already."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from cachetools import LRUCache
from werkzeug import Response

from kb.web.wsgi import CACHED, ROUTE, Environ, StartResponse, WSGIApplication

MAX_CACHE_BYTES = 2**25  # of responses and their keys, in each process
ENTRY_OVERHEAD_BYTES = 1000  # that an entry takes beside its key and its response
PROXY_SUFFIX = re.compile(r'-(?:gzip|br|zstd|deflate)(?=")')  # of an ETag, as Apache writes it
KEY_VARIABLES = (
    *("PATH_INFO", "QUERY_STRING"),
    *("HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING"),
)


def make_conditional(response: Response, environ: Environ) -> None:
    """Make it 304 when If-None-Match has its ETag.

    A proxy that compresses makes our ETags weak, or writes the encoding behind them: they still
    name this response.
    """
    if etags := environ.get("HTTP_IF_NONE_MATCH"):
        response.make_conditional({**environ, "HTTP_IF_NONE_MATCH": PROXY_SUFFIX.sub("", etags)})


class CachedResponse(NamedTuple):
    """A response as it was sent."""

    body: bytes
    headers: tuple[tuple[str, str], ...]
    route: str = ""  # the rule of its address

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers)


class CacheKey(NamedTuple):
    """What a response is stored under."""

    version: Hashable  # of all that responses are made from
    variables: tuple[str | None, ...]  # of the request, as in KEY_VARIABLES


class ResponseCache:
    """The responses of one version of the index and the database, least recently used go first.

    Any thread may use it.
    """

    def __init__(
        self,
        version: Callable[[], Hashable],
        version_read: Callable[[], Hashable] | None = None,
    ) -> None:
        """`version` is the newest that this process knows of; None when nothing may be cached.

        `version_read` is what the rows of the present request are of; else `version` is.
        """
        self._version = version
        self._version_read = version_read or version
        self._lock = threading.Lock()
        self._current: Hashable = None
        self._responses = self._empty()

    @staticmethod
    def _empty() -> LRUCache[tuple[str | None, ...], tuple[CachedResponse, int]]:
        return LRUCache(MAX_CACHE_BYTES, getsizeof=lambda entry: entry[1])

    def key(self, environ: Environ) -> CacheKey | None:
        """What the response to a request is stored under; None when it is not stored."""
        version = self._version() if environ["REQUEST_METHOD"] == "GET" else None
        if version is None:
            return None
        return CacheKey(version, tuple(map(environ.get, KEY_VARIABLES)))

    def get(self, key: CacheKey) -> CachedResponse | None:
        """The response that is stored under a key."""
        with self._lock:
            entry = self._responses.get(key.variables) if key.version == self._current else None
        return entry[0] if entry else None

    def put(self, key: CacheKey, response: CachedResponse) -> None:
        """Store a response, unless it is too large.

        The index may have changed while it was made, or its rows be newer than the version that
        was known when it began: then it is of no one version, and is not stored.
        """
        if self._version() != key.version or self._version_read() != key.version:
            return
        with self._lock:
            if key.version != self._current:  # nobody will ask for the former ones
                self._current, self._responses = key.version, self._empty()
            size = response.size + sum(len(str(part)) for part in key.variables)
            size += ENTRY_OVERHEAD_BYTES
            if size < MAX_CACHE_BYTES:
                self._responses[key.variables] = response, size


class CacheMiddleware:
    """A WSGI application that answers from the cache before the inner one hears of a request."""

    def __init__(self, app: WSGIApplication, cache: ResponseCache) -> None:
        self._app = app
        self._cache = cache

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; 304 for who has this very response."""
        key = self._cache.key(environ)
        cached = self._cache.get(key) if key else None
        if cached is None:
            return self._app(environ, start_response)
        environ[ROUTE] = cached.route
        environ[CACHED] = True
        if "HTTP_IF_NONE_MATCH" not in environ:
            start_response("200 OK", list(cached.headers))
            return [cached.body]
        response = Response(cached.body, headers=list(cached.headers))
        make_conditional(response, environ)
        return response(environ, start_response)
