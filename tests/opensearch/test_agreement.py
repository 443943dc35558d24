"""For any request to any documents, a cluster gives what reading everything gives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.engine import MoreLikeThis, SearchDocument, SearchRequest
from kb.search.opensearch_engine import OpenSearchEngine
from tests.opensearch import clusters
from tests.scan_engine import ScanEngine
from tests.search.test_engines_agree import (
    compare,
    documents,
    requests,
    similarities,
)
from tests.strategies import examples

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]


def agree(
    cluster_engine: OpenSearchEngine,
    batches: list[list[SearchDocument]],
    some_requests: list[SearchRequest],
    some_similarities: list[MoreLikeThis],
) -> None:
    """See that a cluster answers what reading everything answers, once it has all batches."""
    scan = ScanEngine()
    with cluster_engine.writing(afresh=True):
        pass
    for engine in (cluster_engine, scan):
        for batch_of in batches:
            with engine.writing() as batch:
                for document in batch_of:
                    batch.put(document)

    compare(cluster_engine, scan, some_requests, some_similarities)


@pytest.fixture(params=[1, 3], ids=["in one shard", "in three shards"])
def cluster_engine(
    request: pytest.FixtureRequest, opensearch_url: str
) -> Iterator[OpenSearchEngine]:
    """An engine whose index the examples share: each empties it first."""
    engine = clusters.new_engine(opensearch_url, shards=request.param, lock_timeout=10)
    yield engine
    clusters.delete(engine)
    engine.close()


@examples(4)
@given(
    documents,
    documents,
    st.lists(requests, min_size=1, max_size=4),
    st.lists(similarities, max_size=2),
)
def test_a_cluster_finds_what_reading_everything_finds(
    cluster_engine: OpenSearchEngine,
    first: list[SearchDocument],
    second: list[SearchDocument],
    some_requests: list[SearchRequest],
    some_similarities: list[MoreLikeThis],
) -> None:
    agree(cluster_engine, [first, second], some_requests, some_similarities)
