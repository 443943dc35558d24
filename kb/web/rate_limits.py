"""How often one visitor may ask."""

from __future__ import annotations

import math
import time
from ipaddress import IPv4Address, ip_address, ip_network

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from limits import parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from kb.problems import TooManyRequests
from kb.settings import Settings
from kb.web.errors import problem_response
from kb.web.policy import is_rate_limited

REDIS_TIMEOUT_SECONDS = 1


def limit_visitor(name: str, amount: str) -> None:
    """Let each visitor do this so often, as “20 per hour”. Raises TooManyRequests.

    Beside what the operator allows: for the few things that cost others something. All processes
    count together in a shared KB_RATE_LIMIT_STORAGE; else, or while it is away, each for itself.
    """
    shared, own = current_app.extensions["kb_limits"]
    try:
        seconds = _count(shared, name, amount)
    except StorageError:
        seconds = _count(own, name, amount)
    if seconds:
        raise TooManyRequests(seconds)


def check_visitor(name: str, amount: str) -> None:
    """See that a visitor may do this (again), without counting it. Raises TooManyRequests."""
    shared, own = current_app.extensions["kb_limits"]
    try:
        seconds = _wait(shared, name, amount)
    except StorageError:
        seconds = _wait(own, name, amount)
    if seconds:
        raise TooManyRequests(seconds)


def _count(strategy: FixedWindowRateLimiter, name: str, amount: str) -> int:
    """Count that the visitor does this; after how many seconds they may, 0 for now.

    Raises StorageError.
    """
    if strategy.hit(parse(amount), name, visitor()):
        return 0
    return _seconds_until_reset(strategy, name, amount)


def _wait(strategy: FixedWindowRateLimiter, name: str, amount: str) -> int:
    """After how many seconds the visitor may do this, 0 for now. Raises StorageError."""
    if strategy.test(parse(amount), name, visitor()):
        return 0
    return _seconds_until_reset(strategy, name, amount)


def _seconds_until_reset(strategy: FixedWindowRateLimiter, name: str, amount: str) -> int:
    reset_at = strategy.get_window_stats(parse(amount), name, visitor()).reset_time
    return max(1, math.ceil(reset_at - time.time()))


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse who asks too often, with 429."""
    app.extensions["kb_limits"] = tuple(map(FixedWindowRateLimiter, _storages(settings)))
    if not settings.rate_limit:
        return
    limiter = Limiter(
        visitor,
        app=app,
        application_limits=[settings.rate_limit],
        storage_uri=settings.rate_limit_storage,
        storage_options=_storage_options(settings.rate_limit_storage),
        in_memory_fallback_enabled=True,  # without Redis each process counts for itself again
    )

    @limiter.request_filter
    def is_exempt() -> bool:
        """Preflights, and what its policy exempts; Flask-Limiter leaves static files alone."""
        return request.method == "OPTIONS" or not is_rate_limited()

    @app.errorhandler(RateLimitExceeded)
    def refuse(_error: RateLimitExceeded) -> Response:
        current = limiter.current_limit
        seconds = math.ceil(current.reset_at - time.time()) if current else 1
        return problem_response(TooManyRequests(max(1, seconds)))


def visitor() -> str:
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


def _storages(settings: Settings) -> tuple[Storage, Storage]:
    """What the operator chose to count in, and what counts while that is away."""
    address = settings.rate_limit_storage
    options = _storage_options(address)
    storage = storage_from_string(address, wrap_exceptions=True, **options)
    assert isinstance(storage, Storage), "the address of no asynchronous one comes here"
    return storage, MemoryStorage()


def _storage_options(storage: str) -> dict[str, str | int]:
    """No visitor waits long for Redis."""
    if storage.startswith("redis"):
        names = ("socket_connect_timeout", "socket_timeout")
        return dict.fromkeys(names, REDIS_TIMEOUT_SECONDS)
    return {}
