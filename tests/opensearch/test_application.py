"""The whole application on a cluster: lists, publications, its commands, and a cluster away."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from kb.app import create_app
from kb.cli.main import main
from kb.search.opensearch_engine import OpenSearchEngine
from kb.settings import Settings
from tests.builders import a_case
from tests.conftest import PUBLIC_URL, KnowledgeBase, until
from tests.opensearch import clusters

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]


@pytest.fixture
def cluster_kb(opensearch_url: str, tmp_path: Path) -> Iterator[KnowledgeBase]:
    """An empty knowledge base whose index is in a cluster, behind a proxy."""
    kb = clusters.knowledge_base(tmp_path, search_url=opensearch_url, trusted_proxies=1)
    kb.take()
    yield kb
    clusters.delete(kb.engine)
    kb.close()


def test_lists_show_what_was_published_and_the_index_is_level(
    cluster_kb: KnowledgeBase, opensearch_url: str, tmp_path: Path
) -> None:
    assert isinstance(cluster_kb.engine, OpenSearchEngine)
    cluster_kb.publish(a_case("tuin", title="Samen tuinieren"), a_case("plein"))

    answer = cluster_kb.client.get("/v1/cases?q=tuinieren&facets=scale")

    assert [item["id"] for item in answer.json["items"]] == ["tuin"]
    assert cluster_kb.client.get("/health/ready").json["checks"]["search"] == "ok"
    assert "index" not in {path.name for path in tmp_path.iterdir()}
    settings = cluster_kb.app.extensions["kb"].settings
    environment = {
        "KB_DATA_DIR": str(tmp_path),
        "KB_SEARCH_URL": opensearch_url,
        "KB_SEARCH_ALIAS": settings.search_alias,
        "KB_SEARCH_REPLICAS": "0",
    }
    for command in ("check", "rebuild", "catch-up", "check"):
        outcome = CliRunner().invoke(main, ["index", command], env=environment)
        assert outcome.exit_code == 0, outcome.output


@pytest.mark.parametrize("command", ["check", "rebuild", "catch-up"])
def test_a_command_says_that_the_cluster_is_away(
    command: str, kb: KnowledgeBase, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        environment = {"KB_DATA_DIR": str(tmp_path), "KB_SEARCH_URL": url}
        outcome = CliRunner().invoke(main, ["index", command], env=environment)

    assert (outcome.exit_code, "Error: The" in outcome.output) == (1, True)
    assert "127.0.0.1" not in outcome.output + caplog.text


def test_while_the_cluster_is_away_lists_say_so_and_single_things_go_on(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    kb.publish(a_case("tuin"))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        settings = Settings(data_dir=tmp_path, public_url=PUBLIC_URL, search_url=url)
        client = create_app(settings).test_client()
        refused = client.get("/v1/cases?q=tuin")
        single = client.get("/v1/cases/tuin")
        ready = client.get("/health/ready")

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "127.0.0.1" not in refused.text
    assert single.status_code == 200
    assert (ready.status_code, ready.json["checks"]["search"]) == (503, "unavailable")


def test_a_cached_response_ends_with_a_publication(cluster_kb: KnowledgeBase) -> None:
    cluster_kb.publish(a_case("tuin"))
    first = cluster_kb.client.get("/v1/cases")
    assert cluster_kb.client.get("/v1/cases").data == first.data

    cluster_kb.publish(a_case("plein"))

    assert cluster_kb.client.get("/v1/cases").json["page"]["totalItems"] == 2


def test_the_slow_log_of_the_cluster_has_the_number_of_our_request(
    cluster_kb: KnowledgeBase,
) -> None:
    engine, number = cluster_kb.engine, str(uuid4())
    assert isinstance(engine, OpenSearchEngine)
    cluster_kb.publish(a_case("tuin"))
    threshold = {"index.search.slowlog.threshold.query.warn": "0ms"}
    engine.cluster.write("PUT", f"/{engine.snapshots.current().index}/_settings", threshold)

    answer = cluster_kb.client.get("/v1/cases?q=tuin", headers={"X-Request-Id": number})

    assert answer.status_code == 200
    (node,) = engine.cluster.get("/_nodes/settings")["nodes"].values()
    console = Path(node["settings"]["path"]["home"]) / "console"
    until(lambda: f"id[{number}]" in console.read_text("utf-8"))
