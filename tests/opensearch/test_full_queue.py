"""A crowd before a node that lets one search wait: each gets the list, or a time to come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from kb.search.opensearch_engine import OpenSearchEngine
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.opensearch import clusters, node

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]
CROWD = 16
TURNS = 20  # that each of them asks
QUEUE = ("thread_pool.search.size=1", "thread_pool.search.queue_size=1")


@pytest.fixture
def crowded_kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    """Cases in a cluster that does one search at a time and lets one wait."""
    with node.started(*QUEUE) as url:
        kb = clusters.knowledge_base(tmp_path, search_url=url)
        kb.take()
        kb.publish(*(a_case(f"tuin-{number}") for number in range(12)), a_case("plein"))
        yield kb
        kb.close()


def test_a_full_queue_gives_whole_lists_or_a_time_to_come_back(crowded_kb: KnowledgeBase) -> None:
    numbers = count()

    def ask() -> int:
        address = f"/v1/cases?q=tuin+-x{next(numbers)}&facets=municipality&sort=title"  # not cached
        answer = crowded_kb.app.test_client().get(address)
        if answer.status_code == 503:
            assert answer.headers["Retry-After"] in {"1", "2", "3"}
            return 503
        assert {item["id"] for item in answer.json["items"]} == slugs
        assert answer.json["page"]["totalItems"] == 12
        assert answer.json["facets"]["municipality"]["values"][0]["count"] == 12
        return answer.status_code

    slugs = {f"tuin-{number}" for number in range(12)}
    assert ask() == 200
    with ThreadPoolExecutor(CROWD) as pool:
        statuses = Counter(pool.map(lambda _: ask(), range(CROWD * TURNS)))

    assert statuses.keys() == {200, 503}
    assert ask() == 200  # as soon as the crowd is gone
    assert isinstance(crowded_kb.engine, OpenSearchEngine)
    (pools,) = crowded_kb.engine.cluster.get("/_nodes/stats/thread_pool")["nodes"].values()
    assert pools["thread_pool"]["search"]["rejected"] > 0
