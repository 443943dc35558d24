"""The front door: create_app(settings) lists the rooms and connects them."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Hashable
from functools import partial
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Response, g, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

import kb.cases.views
import kb.editors.history_views
import kb.editors.intake_views
import kb.editors.publishing_views
import kb.editors.renaming_views
import kb.editors.version_views
import kb.editors.views
import kb.evidence.views
import kb.health
import kb.ingredients.views
import kb.pages.docs_views
import kb.pages.list_views
import kb.pages.problem_page
import kb.pages.rendering
import kb.pages.text_views
import kb.pages.views
import kb.pitfalls.views
import kb.search.views
import kb.sharing.changes_views
import kb.sharing.citations
import kb.sharing.discovery_views
import kb.sharing.embed_views
import kb.sharing.embed_wizard_views
import kb.sharing.http
import kb.sharing.oembed_views
import kb.vocabulary.views
from kb.background import Background
from kb.cases.changes import Position, last_position
from kb.database import Database
from kb.editors.keyed_posts import honour_idempotency_keys
from kb.outage import reason_of
from kb.problems import DatabaseUnavailable, SearchUnavailable, TooManyRequests
from kb.search import engine
from kb.search.catch_up import take_over
from kb.search.whoosh_engine import WhooshEngine
from kb.services import Services, close_session, services, session
from kb.settings import Settings
from kb.sharing.partners import UseCounter
from kb.web import openapi, redirects
from kb.web.dialect import init_app
from kb.web.errors import problem_response, server_error_response
from kb.web.response_cache import CacheMiddleware, Environ, ResponseCache

ROOMS = (
    kb.search.views.blp,
    kb.cases.views.blp,
    kb.pitfalls.views.blp,
    kb.ingredients.views.blp,
    kb.evidence.views.blp,
    kb.vocabulary.views.blp,
    kb.sharing.changes_views.blp,
    kb.editors.version_views.blp,
    kb.editors.views.blp,
    kb.editors.publishing_views.blp,
    kb.editors.renaming_views.blp,
    kb.editors.history_views.blp,
    kb.editors.intake_views.blp,
    kb.editors.intake_views.public,
    kb.sharing.oembed_views.blp,
    kb.health.blp,
)

PAGES = (
    kb.pages.docs_views.blp,
    kb.pages.views.blp,
    kb.pages.list_views.blp,
    kb.pages.text_views.blp,
    kb.sharing.embed_views.blp,
    kb.sharing.embed_wizard_views.blp,
)
UNLIMITED = {  # files; Flask-Limiter leaves the `static` endpoint of each blueprint alone
    *("docs.swagger_ui_file", "embed.newest_script", "embed.released_script"),
}
USED_BY_PARTNERS = ("/v1/", "/embed/")
log = logging.getLogger("kb.search")
log_database = logging.getLogger("kb.database")


def create_app(settings: Settings | None = None, *, follow: bool = True) -> Flask:
    """Make the application, and begin nothing: no thread, no connection, no open file.

    Who serves it calls `Background.start`, in each process that answers. With `follow`, for
    requests, nothing waits long for the database, and finished answers are given again.
    """
    settings = settings or Settings.from_environment()
    app = Flask("kb", static_folder=None)
    app.config["KB_PUBLIC_URL"] = settings.public_url
    # a thread reads and writes at most; the follower and the counter do too
    connections = 2 * settings.threads + 4
    database = Database(settings.database_url, connections, prompt=follow)
    aside = Database(settings.database_url) if follow else database  # work that may take longer
    search = WhooshEngine(settings.index_dir, wait=settings.index_wait)
    init_app(app)
    redirects.init_app(app)
    app.register_error_handler(engine.SearchUnavailable, _search_is_away)
    app.register_error_handler(SQLAlchemyError, _database_fails)
    _limit_requests(app, settings)
    app.teardown_request(close_session)
    app.after_request(_count_use)
    app.after_request(kb.sharing.http.signpost)
    api = openapi.create_api(app)
    for room in ROOMS:
        api.register_blueprint(room)
    app.register_blueprint(openapi.blp)
    for pages in PAGES:
        app.register_blueprint(pages)
    app.register_blueprint(kb.sharing.discovery_views.blp)
    honour_idempotency_keys(app)
    partner_use = UseCounter(aside)
    background = Background(aside, search, partner_use)
    cache = None
    if follow:
        cache = ResponseCache(
            lambda: _version(search, lambda: background.newest_change),
            lambda: _version(search, lambda: last_position(session())),
        )
    app.extensions["kb"] = Services(
        settings=settings,
        database=database,
        search=search,
        background=background,
        partner_use=partner_use,
        response_cache=cache,
        after_publication=partial(_take_over, database, search),
        api_document=openapi.complete(api, settings.public_url, settings.contact_email),
        representations=kb.sharing.http.REPRESENTATIONS_BY_ENDPOINT,
        write_list=kb.sharing.http.write_list,
        write_item=kb.sharing.http.write_thing,
        json_ld=kb.sharing.http.describe,
        json_ld_of_site=kb.sharing.http.describe_site,
        reference=kb.sharing.citations.reference,
        citation_tags=kb.sharing.citations.highwire,
        page=kb.pages.rendering.page,
        problem_page=kb.pages.problem_page.problem_page,
    )
    if cache and not settings.rate_limit:  # else each request has to be counted by the app
        note = partial(_note_use, partner_use)
        app.wsgi_app = CacheMiddleware(app.wsgi_app, cache, note)  # type: ignore[method-assign]
    if below := urlsplit(settings.public_url).path:
        _answer_below(app, below)
    return app


def _answer_below(app: Flask, below: str) -> None:
    """Answer below a path too, for proxies that leave it in the address.

    A path that begins as a route of ours, such as `/docs`, has to be taken away by the proxy.
    """
    if below.split("/")[1] in {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}:
        return
    below = unquote_to_bytes(below).decode("latin-1")  # as WSGI has paths (PEP 3333)
    inner = app.wsgi_app

    def wsgi_app(environ: dict[str, Any], start_response: Any) -> Any:
        path: str = environ["PATH_INFO"]
        if f"{path}/".startswith(f"{below}/"):
            environ["PATH_INFO"] = path.removeprefix(below) or "/"
        return inner(environ, start_response)

    app.wsgi_app = wsgi_app  # type: ignore[method-assign]


def _note_use(use: UseCounter, environ: Environ) -> None:
    if environ["PATH_INFO"].startswith(USED_BY_PARTNERS):
        use.note({name: environ.get(f"HTTP_{name.upper()}", "") for name in ("Origin", "Referer")})


def _version(
    search: engine.SearchEngine, newest_change: Callable[[], Position | None]
) -> tuple[Hashable, Position | None] | None:
    """What responses are made from: a snapshot of the index, and the newest change of the rows.

    None while there is no index: lists say so, and a page may do without.
    """
    try:
        return search.snapshot_id(), newest_change()
    except (engine.SearchUnavailable, SQLAlchemyError):
        return None


def _take_over(database: Database, search: engine.SearchEngine, number: int) -> bool:
    """Let search follow what was just published; whether it knows of change `number` now.

    A request does its own change and few others; the follower does the rest.
    """
    try:
        return take_over(database, search, number)
    except (engine.IndexBusy, engine.SearchUnavailable):
        return False  # another is at it, or the index is being made anew; the follower goes on
    except Exception:  # a full disk, say: what was published stays published
        log.exception("change %d is not searchable yet; the follower will try again", number)
        return False


def _limit_requests(app: Flask, settings: Settings) -> None:
    """Let nobody ask more often than the operator allows; whether we live may always be asked."""
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies)  # type: ignore[method-assign]
    if not settings.rate_limit:
        return
    limiter = Limiter(
        _visitor,
        app=app,
        application_limits=[settings.rate_limit],
        storage_uri=settings.rate_limit_storage,
        storage_options=_patience(settings.rate_limit_storage),
        in_memory_fallback_enabled=True,  # without Redis each process counts for itself again
    )
    limiter.request_filter(_costs_nothing)

    def refuse(_error: RateLimitExceeded) -> Response:
        current = limiter.current_limit
        seconds = math.ceil(current.reset_at - time.time()) if current else 1
        return problem_response(TooManyRequests(max(1, seconds)))

    app.register_error_handler(RateLimitExceeded, refuse)


def _costs_nothing() -> bool:
    """Whether to leave a request out of the count: preflights, files of pages, and our health."""
    is_file = request.endpoint in UNLIMITED or request.path.startswith("/health/")
    return request.method == "OPTIONS" or is_file


def _visitor() -> str:
    """Whom a limit counts: an address, of IPv6 the network that one household or office has."""
    text = get_remote_address()
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))


def _patience(storage: str) -> dict[str, str | int]:
    """How long Redis may keep a visitor waiting, in seconds."""
    if storage.startswith("redis"):
        return {"socket_connect_timeout": 1, "socket_timeout": 1}
    return {}


def _count_use(response: Response) -> Response:
    """Count what the pages of partners ask; only where they can be told apart by their origin."""
    if request.method == "GET" and request.path.startswith(USED_BY_PARTNERS):
        services().partner_use.note(request.headers)
    return response


def _database_fails(error: SQLAlchemyError) -> Response:
    """503 for what the database may do again in a while; anything else is our own mistake."""
    reason = reason_of(error)
    if reason is None:
        return server_error_response(error)
    response = problem_response(DatabaseUnavailable(reason))
    log_database.error("%s %s: %s", g.problem_id, reason, getattr(error, "orig", error))
    return response


def _search_is_away(_error: engine.SearchUnavailable) -> Response:
    return problem_response(SearchUnavailable())
