"""How often one visitor may ask."""

from __future__ import annotations

import math
import time
from ipaddress import IPv4Address, ip_address, ip_network

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from kb.problems import TooManyRequests
from kb.settings import Settings
from kb.web.errors import problem_response
from kb.web.policy import is_rate_limited

REDIS_TIMEOUT_SECONDS = 1


def limit_visitor(name: str, amount: str) -> None:
    """Let each visitor do this so often, as “20 per hour”, in each process. Raises TooManyRequests.

    Beside what the operator allows: for the few things that cost others something.
    """
    strategy = current_app.extensions.get("kb_limits")
    if strategy is None:
        strategy = FixedWindowRateLimiter(MemoryStorage())
        current_app.extensions["kb_limits"] = strategy
    limit = parse(amount)
    if not strategy.hit(limit, name, _visitor()):
        reset_at = strategy.get_window_stats(limit, name, _visitor()).reset_time
        raise TooManyRequests(max(1, math.ceil(reset_at - time.time())))


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse who asks too often, with 429."""
    if not settings.rate_limit:
        return
    limiter = Limiter(
        _visitor,
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


def _storage_options(storage: str) -> dict[str, str | int]:
    """No visitor waits long for Redis."""
    if storage.startswith("redis"):
        names = ("socket_connect_timeout", "socket_timeout")
        return dict.fromkeys(names, REDIS_TIMEOUT_SECONDS)
    return {}
