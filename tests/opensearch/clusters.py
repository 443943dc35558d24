"""Engines on the node of this run, each with an alias of its own."""

from __future__ import annotations

import secrets

from kb.search.engine import SearchEngine
from kb.search.opensearch.cluster import Cluster
from kb.search.opensearch_engine import OpenSearchEngine

PATIENCE = 60.0  # seconds: on a busy machine


def new_engine(
    url: str, *, alias: str = "", shards: int = 1, lock_timeout: float = 0.2
) -> OpenSearchEngine:
    """An engine on the index of an alias; without an alias on none yet."""
    cluster = Cluster(url, read_seconds=PATIENCE)
    alias = alias or f"test-{secrets.token_hex(8)}"
    return OpenSearchEngine(cluster, alias, shards=shards, replicas=0, lock_timeout=lock_timeout)


def delete(engine: SearchEngine) -> None:
    """Delete all that an engine has made in the cluster."""
    assert isinstance(engine, OpenSearchEngine)
    engine.cluster.write("DELETE", f"/{engine.alias}-*")
