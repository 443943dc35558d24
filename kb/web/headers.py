"""Headers of every response: caching, security, CORS, languages, versions."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit

from flask import Response, current_app, g, request
from werkzeug.datastructures import Headers

from kb.services import services
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.compression import compress
from kb.web.negotiation import (
    REPRESENTATIONS,
    offered_representations,
)
from kb.web.policy import request_policy
from kb.web.response_cache import CachedResponse, make_conditional
from kb.web.wsgi import CACHED, ROUTE

API_VERSION = "1.1.0"
PUBLIC_CACHE = "public, max-age=60, stale-while-revalidate=600"
OUTLIVES_ERRORS = ", stale-if-error=86400"
EXPOSED_HEADERS = (
    "API-Version, ETag, Link, Retry-After, Content-Language, Location, Row-Count, WWW-Authenticate"
)
ALLOWED_REQUEST_HEADERS = (  # headers that a script on any website may send
    "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
)
SECURITY = {  # of every response, as the API Design Rules ask
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
CSP_API = "default-src 'none'; frame-ancestors 'none'"
CSP_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self' {ours}; frame-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

# nginx reads the headers of a response into one buffer of 4,096 bytes unless told otherwise, and
# answers 502 when they do not fit; a link that does not fit is left to the body
MAX_HEADER_BYTES = 3_500  # of all headers together, with the status line
RESERVED_BYTES = 500  # of these, for the status line, ETag, Cache-Control and what servers add
CACHED_POLICIES = 64
MAX_ADDRESS_BYTES = 2_000  # of Location, and of the list of who may show a frame


def allow_framing(ancestors: Iterable[str]) -> None:
    """Let these websites show the response to this request in a frame: origins, or `*` for all."""
    g.frame_ancestors = " ".join(ancestors)


def keep_private() -> None:
    """Let no other website read the response to this request: a cookie says whose it is."""
    g.is_private = True


def _is_cross_origin() -> bool:
    return request_policy().cross_origin and not g.get("is_private", False)


def set_page_links(links: Mapping[str, Mapping[str, str]]) -> None:
    """Repeat the neighbours of a page in the Link header; `links` are its `_links`."""
    g.page_links = {rel: links[rel]["href"] for rel in ("next", "prev") if rel in links}


def add_page_links(response: Response) -> Response:
    """After a request: the links that were set for it."""
    for rel, href in g.pop("page_links", {}).items():
        response.headers.add("Link", f'<{href}>; rel="{rel}"')
    return response


def add_alternate_links(response: Response) -> None:
    """Link to the other representations of the same thing (rel="alternate")."""
    representations = offered_representations()
    if len(representations) == 1 or any(
        'rel="alternate"' in link for link in response.headers.getlist("Link")
    ):
        return
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] != "format"]
    query = urlencode([*pairs, ("format", "")], quote_via=quote)
    address = f"{public_address(quote(request.path))}?{query}"
    for representation in representations:
        if representation != g.representation:
            media_type = REPRESENTATIONS[representation].media_type
            link = f'<{address}{representation}>; rel="alternate"; type="{media_type}"'
            response.headers.add("Link", link)


def serve_cached() -> Response | None:
    """Before a request: the cached response, or None, and then the one to be made is cached."""
    cache = services().response_cache
    key = cache.key(request.environ) if cache else None
    if cache is None or key is None:
        return None
    if cached := cache.get(key):
        g.is_finished = True
        request.environ[CACHED] = True
        return Response(cached.body, headers=list(cached.headers))
    g.cache_key = key
    return None


def _store(response: Response) -> None:
    cache = services().response_cache
    if cache and "cache_key" in g and response.status_code == 200:
        headers = tuple(response.headers.items())
        route = request.environ[ROUTE]
        cache.put(g.cache_key, CachedResponse(response.get_data(), headers, route))


def note_start() -> None:
    """Remember when the request began, by the monotonic clock, and which address it is for."""
    g.started_at = time.monotonic()
    request.environ[ROUTE] = request.url_rule.rule if request.url_rule else ""


def is_finished() -> bool:
    """Whether the response to this request has all its headers already."""
    return "is_finished" in g


def finish(response: Response) -> Response:
    """The headers of every response, and 304 for who has this very one already."""
    if is_finished():
        make_conditional(response, request.environ)
        return response
    response.headers["API-Version"] = API_VERSION
    response.headers.setdefault("Content-Language", language())
    response.vary.update(["Accept", "Accept-Language"])
    _secure(response)
    if _is_cross_origin():
        _open_to_all(response)
    is_cacheable = _is_cacheable(response)
    if is_cacheable:
        add_alternate_links(response)
    fit_links(response.headers)
    if is_cacheable:
        outlives = OUTLIVES_ERRORS if request_policy().outlives_errors else ""
        response.headers["Cache-Control"] = PUBLIC_CACHE + outlives
        is_whole = not (response.direct_passthrough or response.is_streamed)
        if is_whole:
            add_etag(response)
        compress(response)
        if is_whole:
            _store(response)
        if response.get_etag()[0]:
            make_conditional(response, request.environ)
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _is_cacheable(response: Response) -> bool:
    """Whether anybody may keep this response for a while.

    Flask says `no-cache` of a file for which nobody decided anything else.
    """
    is_read = request.method in {"GET", "HEAD"} and response.status_code in {200, 304}
    is_undecided = response.headers.get("Cache-Control", "no-cache") == "no-cache"
    if not (is_read and request_policy().cacheable and is_undecided):
        return False
    return not services().search.is_degraded(g.started_at)  # then there soon is a better one


def _secure(response: Response) -> None:
    """What a browser may do with this response: with data nothing, with pages what is our own."""
    headers = _security_headers(
        current_app.config["KB_PUBLIC_URL"],
        g.get("frame_ancestors", ""),
        is_page=response.mimetype == "text/html",
        is_cross_origin=_is_cross_origin(),
        is_private=g.get("is_private", False),
    )
    own = {name.lower() for name, _ in response.headers}
    response.headers.extend(pair for pair in headers.items() if pair[0].lower() not in own)


@lru_cache(maxsize=CACHED_POLICIES)
def _security_headers(
    public_url: str, ancestors: str, *, is_page: bool, is_cross_origin: bool, is_private: bool
) -> Mapping[str, str]:
    """The headers by name; `ancestors` are who may show the response in a frame, if anybody."""
    ours = urlsplit(public_url)
    policy = CSP_PAGES if is_page else CSP_API
    headers = {**SECURITY, "Content-Security-Policy": policy.format(ours=f"{ours[0]}://{ours[1]}")}
    if ancestors:
        headers["Content-Security-Policy"] = headers["Content-Security-Policy"].replace(
            "frame-ancestors 'none'", f"frame-ancestors {ancestors}"
        )
        del headers["X-Frame-Options"]  # it knows no list, and would forbid what this allows
    if is_page:  # who opened this page learns nothing of it
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if is_cross_origin:
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if ancestors and is_page:
            headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    if is_private:
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if ours.scheme == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _open_to_all(response: Response) -> None:
    """Any website may read this, also before it asks."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET")
        response.headers["Access-Control-Allow-Headers"] = ALLOWED_REQUEST_HEADERS
        response.headers["Access-Control-Max-Age"] = "86400"


def add_etag(response: Response) -> None:
    """A strong ETag, if it has none; the same text in another language is another answer."""
    if response.get_etag()[0]:
        return
    spoken = response.headers.get("Content-Language") or language()
    digest = hashlib.sha256(f"{spoken} {response.mimetype}".encode())
    digest.update(response.get_data())
    response.set_etag(digest.hexdigest()[:40])


def fit_links(headers: Headers) -> None:
    """Leave out the links for which there is no room; the first ones matter most."""
    links = headers.getlist("Link")
    headers.remove("Link")
    left = MAX_HEADER_BYTES - RESERVED_BYTES - sum(_size(name, value) for name, value in headers)
    for link in links:
        if (size := _size("Link", link)) <= left:
            headers.add("Link", link)
            left -= size


def _size(name: str, value: str) -> int:
    return len(name) + len(value.encode("utf-8", "replace")) + len(": \r\n")
