"""Which engine an installation searches with: its own index, or a cluster that nodes share."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from kb.search.analysis.analyzer import DUTCH
from kb.search.engine import SearchEngine
from kb.search.opensearch.cluster import Cluster
from kb.search.opensearch.mapping import FORMAT
from kb.search.opensearch_engine import OpenSearchEngine
from kb.search.whoosh_engine import WhooshEngine
from kb.settings import Settings, split_values


def search_engine(
    settings: Settings, request_id: Callable[[], str | None] = lambda: None
) -> SearchEngine:
    """The engine that the settings choose; nothing is opened yet. Raises OSError.

    A cluster hears `request_id()`, the number of the request that this thread answers.
    """
    if not settings.search_url:
        return WhooshEngine(settings.index_dir, lock_timeout=settings.index_wait)
    password = ""
    if settings.search_password_file:
        password = settings.search_password_file.read_text("utf-8").strip()
    cluster = Cluster(
        *split_values(settings.search_url),
        ca_file=settings.search_ca_file,
        user=settings.search_user,
        password=password,
        max_searches=max(1, settings.threads // 2),
        request_id=request_id,
    )
    return OpenSearchEngine(
        cluster,
        f"{settings.search_alias}-{_release()}",
        shards=settings.search_shards,
        replicas=settings.search_replicas,
        lock_timeout=settings.index_wait,
    )


def _release() -> str:
    """Equal for releases that can use the same index: its format and analysis."""
    return sha256(f"{FORMAT}-{DUTCH.fingerprint()}".encode()).hexdigest()[:8]
