"""Whichever copy of whichever shard answers, it is what reading everything gives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.engine import MoreLikeThis, SearchDocument, SearchRequest
from kb.search.opensearch_engine import OpenSearchEngine
from tests.cluster.nodes import Nodes
from tests.opensearch import clusters
from tests.opensearch.test_agreement import agree
from tests.search.test_engines_agree import documents, requests, similarities
from tests.strategies import examples

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


@pytest.fixture
def replicated(nodes: Nodes) -> Iterator[OpenSearchEngine]:
    """An engine with three shards, of each two copies, on three nodes that share its questions."""
    urls = [node.proxy.url for node in nodes.each]
    engine = clusters.new_engine(*urls, shards=3, replicas=1, lock_timeout=10)
    yield engine
    clusters.delete(engine)
    engine.close()


@examples(6)
@given(documents, documents, st.lists(requests, min_size=1, max_size=4), similarities)
def test_every_copy_finds_what_reading_everything_finds(
    replicated: OpenSearchEngine,
    first: list[SearchDocument],
    second: list[SearchDocument],
    some_requests: list[SearchRequest],
    likeness: MoreLikeThis,
) -> None:
    agree(replicated, [first, second], some_requests * 2, [likeness])  # twice: of other copies
