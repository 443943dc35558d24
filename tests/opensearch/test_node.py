"""The node that the other tests of OpenSearch use."""

from __future__ import annotations

import pytest
import urllib3

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]


def test_a_real_node_answers_and_has_the_parts_that_an_index_needs(opensearch_url: str) -> None:
    with urllib3.PoolManager(retries=False) as http:
        root = http.request("GET", opensearch_url).json()
        analysed = http.request(
            "POST",
            f"{opensearch_url}/_analyze",
            json={
                "tokenizer": "whitespace",
                "filter": [
                    {
                        "type": "pattern_capture",
                        "preserve_original": False,
                        "patterns": ["([^|]+)"],
                    }
                ],
                "text": "de woningtoewijz|^woning|~toewijz in",
            },
        ).json()

    assert root["version"]["distribution"] == "opensearch"
    assert [(each["token"], each["position"]) for each in analysed["tokens"]] == [
        *(("de", 0), ("woningtoewijz", 1), ("^woning", 1), ("~toewijz", 1), ("in", 2))
    ]
