"""Engines on the node of this run, each with an alias of its own."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from kb.app import create_app
from kb.migrations import steps
from kb.search.engine import SearchEngine
from kb.search.opensearch.cluster import Cluster
from kb.search.opensearch_engine import OpenSearchEngine
from kb.settings import Settings
from tests.conftest import PUBLIC_URL, KnowledgeBase

PATIENCE = 60.0  # seconds: on a busy machine


def new_engine(
    *urls: str, alias: str = "", shards: int = 1, replicas: int = 0, lock_timeout: float = 0.2
) -> OpenSearchEngine:
    """An engine on the index of an alias; without an alias on none yet."""
    cluster = Cluster(*urls, read_seconds=PATIENCE)
    alias = alias or f"test-{secrets.token_hex(8)}"
    return OpenSearchEngine(
        cluster, alias, shards=shards, replicas=replicas, lock_timeout=lock_timeout
    )


def knowledge_base(folder: Path, **settings: Any) -> KnowledgeBase:
    """A knowledge base whose database is in a folder, and its index in a cluster."""
    alias = f"test-{folder.name.replace('_', '-')}"
    defaults: dict[str, Any] = {
        "public_url": PUBLIC_URL,
        "search_alias": alias,
        "search_replicas": 0,
    }
    app = create_app(Settings(data_dir=folder, **(defaults | settings)))
    kb = KnowledgeBase(app, app.extensions["kb"].database, app.extensions["kb"].search)
    steps.upgrade(kb.database)
    return kb


def delete(engine: SearchEngine) -> None:
    """Delete all that an engine has made in the cluster."""
    assert isinstance(engine, OpenSearchEngine)
    engine.cluster.write("DELETE", f"/{engine.alias}-*")
