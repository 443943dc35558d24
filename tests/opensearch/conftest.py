"""Engines on the node of this run, without an index yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.search.opensearch_engine import OpenSearchEngine
from tests.opensearch import clusters


@pytest.fixture
def engine(opensearch_url: str) -> Iterator[OpenSearchEngine]:
    """An engine without an index yet."""
    new = clusters.new_engine(opensearch_url)
    yield new
    clusters.delete(new)
    new.close()


@pytest.fixture
def another(engine: OpenSearchEngine, opensearch_url: str) -> Iterator[OpenSearchEngine]:
    """The engine of another process, on the same index."""
    other = clusters.new_engine(opensearch_url, alias=engine.alias)
    yield other
    other.close()
