"""The front door: create_app(settings) lists the rooms and connects them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, g
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

import kb.cases.views
import kb.decisions.dossier_views
import kb.decisions.memo_views
import kb.decisions.plan_checks.views
import kb.decisions.practice_notes.views
import kb.decisions.representations
import kb.decisions.transfer_views
import kb.desk.action_views
import kb.desk.batch_views
import kb.desk.form.new_views
import kb.desk.form.views
import kb.desk.image_views
import kb.desk.import_views
import kb.desk.link_check_views
import kb.desk.openid_views
import kb.desk.practice_note_views
import kb.desk.review_views
import kb.desk.sign_in_views
import kb.desk.term_views
import kb.desk.thing_views
import kb.desk.verification_views
import kb.desk.views
import kb.editors.batches.views
import kb.editors.history_views
import kb.editors.image_views
import kb.editors.imports.file_views
import kb.editors.imports.views
import kb.editors.link_checks.views
import kb.editors.publishing_views
import kb.editors.renaming_views
import kb.editors.reviewing.views
import kb.editors.schema_views
import kb.editors.terms.views
import kb.editors.verifications.views
import kb.editors.version_views
import kb.editors.views
import kb.evidence.comparison_views
import kb.evidence.effect_views
import kb.evidence.views
import kb.health
import kb.ingredients.views
import kb.pages.comparison_views
import kb.pages.docs_views
import kb.pages.dossier_views
import kb.pages.embed_wizard_views
import kb.pages.evidence_views
import kb.pages.follow_mail_views
import kb.pages.follow_views
import kb.pages.image_views
import kb.pages.list_views
import kb.pages.memo_views
import kb.pages.plan_check_views
import kb.pages.practice_note_views
import kb.pages.preview_views
import kb.pages.problem_page
import kb.pages.rendering
import kb.pages.term_views
import kb.pages.text_views
import kb.pages.transfer_views
import kb.pages.views
import kb.pitfalls.views
import kb.search.views
import kb.sharing.changes_views
import kb.sharing.discovery_views
import kb.sharing.embed_views
import kb.sharing.oembed_views
import kb.sharing.representations
import kb.sharing.signposting
import kb.sharing.workbook_views
import kb.vocabulary.views
import kb.web.views
from kb import error_handlers
from kb.background import Background
from kb.cases.changes import Position, last_position
from kb.cases.vocabulary import VocabularyInForce
from kb.database import FOLLOWER_TIMEOUT_SECONDS, Database
from kb.decisions.plan_checks.case_table import CaseTables
from kb.editors.idempotency.requests import honour_idempotency_keys
from kb.editors.published import published_case
from kb.evidence.table import EvidenceTables
from kb.observing.logs import AccessLog
from kb.observing.middleware import ObservingMiddleware
from kb.replica import ReadReplica
from kb.search.catch_up import make_searchable
from kb.search.engine import SearchEngine, SearchUnavailable
from kb.search.engines import search_engine
from kb.search.service import select_ids
from kb.search.unmet.counter import UnmetSearches
from kb.services import Services, close_session, has_read, services_of, session
from kb.settings import Settings
from kb.sharing.partner_use import PartnerUseMiddleware, UseCounter
from kb.vocabulary import terms
from kb.web import openapi, path_prefix, rate_limits, redirects, vocabulary
from kb.web.dialect import Api, init_app
from kb.web.request_ids import current_request_id
from kb.web.response_cache import CacheMiddleware, ResponseCache
from kb.web.wsgi import WSGIApplication

if TYPE_CHECKING:
    from kb.editors.openid.provider import Provider
    from kb.observing.metrics import Metrics

BACKGROUND_CONNECTIONS = 6  # that the threads beside requests have open at most
ROOMS = (
    kb.search.views.blp,
    kb.cases.views.blp,
    kb.pitfalls.views.blp,
    kb.ingredients.views.blp,
    kb.evidence.views.blp,
    kb.evidence.comparison_views.blp,
    kb.evidence.effect_views.blp,
    kb.decisions.dossier_views.blp,
    kb.decisions.memo_views.blp,
    kb.decisions.transfer_views.blp,
    kb.decisions.plan_checks.views.blp,
    kb.vocabulary.views.blp,
    kb.sharing.changes_views.blp,
    kb.editors.version_views.blp,
    kb.editors.views.blp,
    kb.editors.image_views.blp,
    kb.editors.publishing_views.blp,
    kb.editors.reviewing.views.blp,
    kb.editors.renaming_views.blp,
    kb.editors.terms.views.blp,
    kb.editors.batches.views.blp,
    kb.editors.history_views.blp,
    kb.editors.imports.views.blp,
    kb.editors.link_checks.views.blp,
    kb.editors.verifications.views.blp,
    kb.editors.imports.file_views.blp,
    kb.sharing.workbook_views.blp,
    kb.editors.schema_views.blp,
    kb.sharing.oembed_views.blp,
    kb.decisions.practice_notes.views.public,
    kb.decisions.practice_notes.views.blp,
    kb.health.blp,
    kb.web.views.blp,
)

PAGES = (
    kb.pages.docs_views.blp,
    kb.pages.views.blp,
    kb.pages.list_views.blp,
    kb.pages.term_views.blp,
    kb.pages.comparison_views.blp,
    kb.pages.dossier_views.blp,
    kb.pages.transfer_views.blp,
    kb.pages.evidence_views.blp,
    kb.pages.follow_views.blp,
    kb.pages.follow_mail_views.blp,
    kb.pages.image_views.blp,
    kb.pages.memo_views.blp,
    kb.pages.plan_check_views.blp,
    kb.pages.text_views.blp,
    kb.pages.preview_views.blp,
    kb.pages.practice_note_views.blp,
    kb.sharing.embed_views.blp,
    kb.pages.embed_wizard_views.blp,
    kb.sharing.discovery_views.blp,
    kb.sharing.discovery_views.catalogue,
    kb.desk.sign_in_views.blp,
    kb.desk.openid_views.blp,
    kb.desk.term_views.blp,
    kb.desk.batch_views.blp,
    kb.desk.views.blp,
    kb.desk.image_views.blp,
    kb.desk.thing_views.blp,
    kb.desk.action_views.blp,
    kb.desk.practice_note_views.blp,
    kb.desk.link_check_views.blp,
    kb.desk.verification_views.blp,
    kb.desk.import_views.blp,
    kb.desk.views.files,
    kb.desk.form.new_views.blp,
    kb.desk.form.views.blp,
    kb.desk.review_views.blp,
)


def create_app(
    settings: Settings | None = None, *, serving: bool = True, metrics: Metrics | None = None
) -> Flask:
    """Make the application, and begin nothing: no thread, no connection, no open file.

    A server calls `Background.start` in each process that answers. With `serving` nothing waits
    long for the database, and finished responses are given again; commands do without both.
    What happens is counted in `metrics`.
    """
    settings = settings or Settings.from_environment()
    app = Flask("kb", static_folder=None)
    app.config["KB_PUBLIC_URL"] = settings.public_url
    app.config["KB_PUBLIC_PATH"] = urlsplit(settings.public_url).path
    database = Database(settings.database_url, settings.pool_size, fail_fast=serving)
    background_database = _background_database(settings) if serving else database
    has_proxy = bool(settings.trusted_proxies)
    search = search_engine(settings, partial(current_request_id, has_proxy=has_proxy))
    init_app(app)
    kb.pages.rendering.init_app(app)
    vocabulary.init_app(app)
    redirects.init_app(app)
    error_handlers.init_app(app)
    rate_limits.init_app(app, settings)
    app.teardown_request(close_session)
    app.after_request(kb.sharing.signposting.add_signposts)
    api = openapi.create_api(app)
    _register(app, api)
    honour_idempotency_keys(app)
    in_force = VocabularyInForce(database)
    background = Background(
        *(background_database, search, in_force, settings),
        *(UseCounter(background_database), UnmetSearches(background_database)),
        metrics.observe_state if metrics else None,
    )
    app.extensions["kb"] = Services(
        settings=settings,
        database=database,
        replica=_replica(settings, search, background) if serving else None,
        vocabulary=in_force,
        search=search,
        evidence=EvidenceTables(search),
        plan_cases=CaseTables(search),
        identity_provider=_identity_provider(settings),
        background=background,
        observe_search=metrics.observe_search if metrics else None,
        note_unmet=partial(_note_unmet, background) if settings.search_report and serving else None,
        response_cache=_response_cache(search, in_force, background) if serving else None,
        after_publication=partial(make_searchable, database, search),
        api_document=openapi.document_of(api, settings.public_url, settings.contact_email),
        select_ids=select_ids,
        write_list=kb.sharing.representations.write_list,
        write_item=kb.decisions.representations.write_item,
        write_table=kb.sharing.representations.write_table,
        published_case=published_case,
        render_memo=kb.pages.memo_views.render_memo,
        render_problem=kb.pages.problem_page.render_problem,
    )
    _add_middleware(app, services_of(app), metrics)
    return app


def _background_database(settings: Settings) -> Database:
    """The database of the threads beside requests: they wait longer, but not for ever."""
    return Database(
        settings.database_url, BACKGROUND_CONNECTIONS, answer_timeout=FOLLOWER_TIMEOUT_SECONDS
    )


def _replica(
    settings: Settings, search: SearchEngine, background: Background
) -> ReadReplica | None:
    """The replica of the settings, which must have what this process knows to be public."""
    if not settings.database_read_url:
        return None

    def shown() -> tuple[Position, ...] | None:
        newest = background.newest_change
        if newest is None:
            return None
        try:
            state = search.snapshot_state()
        except SearchUnavailable:
            return (newest,)
        return newest, Position(state.change, state.nonce)

    database = Database(settings.database_read_url, settings.pool_size, fail_fast=True)
    return ReadReplica(database, shown)


def _identity_provider(settings: Settings) -> Provider | None:
    """The identity provider of the settings; its libraries are loaded only where there is one."""
    if not settings.oidc_issuer:
        return None
    from kb.editors.openid.provider import Provider

    return Provider(settings)


def _note_unmet(background: Background, typed: str) -> None:
    """Count that this visitor did not find this; the next one has to be counted too."""
    g.pop("cache_key", None)  # a response of the cache would not be
    background.unmet_searches.note(typed, rate_limits.visitor())


def _response_cache(
    search: SearchEngine, in_force: VocabularyInForce, background: Background
) -> ResponseCache:
    """The cache of finished responses, by the version that they are made from."""
    return ResponseCache(
        lambda: _version(search, in_force.newest, lambda: background.newest_change),
        lambda: _version(
            search,
            terms.current(),
            lambda: last_position(session()) if has_read() else background.newest_change,
        ),
    )


def _add_middleware(app: Flask, parts: Services, metrics: Metrics | None) -> None:
    """What stands before the application; the last one hears of a request first."""
    wsgi_app: WSGIApplication = app.wsgi_app
    if parts.settings.trusted_proxies:
        wsgi_app = ProxyFix(wsgi_app, x_for=parts.settings.trusted_proxies)
    if parts.response_cache and not parts.settings.rate_limit:  # which has to count each request
        wsgi_app = CacheMiddleware(wsgi_app, parts.response_cache)
    wsgi_app = PartnerUseMiddleware(wsgi_app, parts.background.partner_use)
    app.wsgi_app = wsgi_app  # type: ignore[method-assign]
    path_prefix.init_app(app, parts.settings.public_url)
    observers = [metrics.observe_request] if metrics else []
    if parts.settings.access_log:
        observers.append(AccessLog(parts.settings).observe_request)
    if observers:
        app.wsgi_app = ObservingMiddleware(app.wsgi_app, observers)  # type: ignore[method-assign]


def _register(app: Flask, api: Api) -> None:
    """Have the application answer for all rooms and pages."""
    for room in ROOMS:
        api.register_blueprint(room)
    for pages in PAGES:
        app.register_blueprint(pages)


def _version(
    search: SearchEngine,
    vocabulary: terms.Vocabulary,
    newest_change: Callable[[], Position | None],
) -> tuple[Hashable, ...] | None:
    """What responses are made from: an index, the terms, and the newest change of the rows.

    None while there is no index, or it is being repaired: lists say so, and are not kept.
    """
    try:
        if search.is_degraded():
            return None
        return search.snapshot_id(), vocabulary.nonce, newest_change()
    except (SearchUnavailable, SQLAlchemyError):
        return None
