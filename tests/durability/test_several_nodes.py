"""Two and three nodes on one PostgreSQL answer as one: real servers, each with its own index."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from kb.cases import changes
from tests.builders import a_case
from tests.conftest import KnowledgeBase, create_database, make_anew, until
from tests.durability.nodes import SITE, Cluster, Node, Response, a_cluster
from tests.redis_server import redis_server

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
FRESH_SECONDS = 10.0  # that other nodes may take, on a busy machine; they look each second
COUNTS = [2, pytest.param(3, marks=pytest.mark.long)]


@pytest.fixture(scope="module")
def shared_kb(
    postgres_cluster: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KnowledgeBase]:
    """The database that all nodes of this module use."""
    folder = tmp_path_factory.mktemp("shared")
    made = make_anew(folder, create_database(postgres_cluster, f"kb_{folder.name}"))
    yield made
    made.close()


@pytest.fixture(scope="module", params=COUNTS)
def cluster(
    request: pytest.FixtureRequest, shared_kb: KnowledgeBase, tmp_path_factory: Any
) -> Iterator[Cluster]:
    """Two nodes, and three."""
    folder = tmp_path_factory.mktemp(f"nodes-{request.param}")
    with a_cluster(folder, shared_kb, request.param) as running:
        yield running


def together(*works: Any) -> list[Response]:
    """What each of these answers, begun at one moment."""
    with ThreadPoolExecutor(len(works)) as pool:
        return [each.result() for each in [pool.submit(work) for work in works]]


def name(cluster: Cluster, what: str) -> str:
    """An id of its own for each number of nodes, since they share a database."""
    return f"{what}-{len(cluster.nodes)}"


def test_what_is_published_on_one_node_is_searchable_on_all(cluster: Cluster) -> None:
    slug = name(cluster, "kersentuin")
    cluster.publish(a_case(slug, title=f"Kersentuin {slug}"))
    published = time.monotonic()

    cluster.everywhere(lambda node: slug in node.ids("q=kersentuin"), FRESH_SECONDS)

    assert time.monotonic() - published < FRESH_SECONDS
    cluster.everywhere(lambda node: node.request(f"/v1/cases/{slug}").status == 200, FRESH_SECONDS)


def test_what_is_withdrawn_on_one_node_is_gone_on_all(cluster: Cluster) -> None:
    slug = name(cluster, "perenhof")
    cluster.publish(a_case(slug))
    cluster.everywhere(lambda node: slug in node.ids("q=perenhof"), FRESH_SECONDS)
    cluster.everywhere(lambda node: node.request(f"/v1/cases/{slug}").status == 200)  # and cached

    body = {"reason": "Verouderd."}
    address = f"/v1/cases/{slug}/withdrawals"
    assert cluster.nodes[-1].request(address, body, token=cluster.publisher).status == 201

    def is_gone(node: Node) -> bool:
        is_listed = slug in node.ids("q=perenhof")
        return not is_listed and node.request(f"/v1/cases/{slug}").status == 410

    cluster.everywhere(is_gone, FRESH_SECONDS)


def test_a_cached_response_ends_with_its_text(cluster: Cluster) -> None:
    slug, last = name(cluster, "pruimenplein"), cluster.nodes[-1]
    cluster.publish(a_case(slug, title="Eerste titel"))
    until(lambda: last.request(f"/v1/cases/{slug}").status == 200)
    before = [last.request(f"/v1/cases/{slug}").json["title"] for _ in range(5)]
    cluster.publish(a_case(slug, title="Tweede titel"))

    def titles() -> Iterator[str]:
        end = time.monotonic() + FRESH_SECONDS
        while (title := last.request(f"/v1/cases/{slug}").json["title"]) != "Tweede titel":
            assert time.monotonic() < end
            yield title

    assert {*before, *titles()} == {"Eerste titel"}
    assert {last.request(f"/v1/cases/{slug}").json["title"] for _ in range(5)} == {"Tweede titel"}


def test_a_draft_of_one_node_goes_on_at_another(cluster: Cluster) -> None:
    slug, first, last = name(cluster, "draf"), cluster.nodes[0], cluster.nodes[-1]
    assert cluster.create(a_case(slug)).status == 201
    address, sent = f"/v1/cases/{slug}/draft", {"Content_Type": "application/merge-patch+json"}

    draft = last.request(address, token=cluster.editor)
    tag = draft.headers["ETag"]
    options: dict[str, Any] = {"method": "PATCH", "token": cluster.editor, "If_Match": tag, **sent}
    changed = last.request(address, {"title": "Nieuwe titel"}, **options)
    late = first.request(address, {"title": "Te laat"}, **options)

    assert (draft.status, changed.status, late.status) == (200, 200, 412)
    assert first.request(address, token=cluster.editor).json["title"] == "Nieuwe titel"
    assert all(not node.ids(f"q={slug}") for node in cluster.nodes)


def test_of_nodes_that_publish_one_draft_at_one_moment_one_wins(
    cluster: Cluster, shared_kb: KnowledgeBase
) -> None:
    slugs = [name(cluster, f"wedstrijd-{turn}") for turn in range(5)]
    for slug in slugs:
        assert cluster.create(a_case(slug)).status == 201
        tag = cluster.submit(slug)
        with shared_kb.database.reading() as session:
            before = changes.last_number(session)

        address, sent = f"/v1/cases/{slug}/publications", {"If_Match": tag}
        answers = together(
            *(
                partial(node.request, address, {}, token=cluster.publisher, **sent)
                for node in cluster.nodes * 2
            )
        )

        statuses = sorted(each.status for each in answers)
        assert statuses[0] == 201
        assert set(statuses[1:]) <= {404, 409, 412}, answers
        with shared_kb.database.reading() as session:
            assert changes.last_number(session) == before + 1
    cluster.everywhere(lambda node: set(slugs) <= set(node.ids("q=wedstrijd")), FRESH_SECONDS)


def test_a_key_makes_one_thing_whichever_node_hears_it(cluster: Cluster) -> None:
    slug, key = name(cluster, "sleutel"), name(cluster, '"eenmalig-kenmerk')

    def create(node: Node) -> Response:
        options = {"token": cluster.editor, "Idempotency_Key": f'{key}"'}
        return node.request("/v1/cases", {"id": slug, "title": "Sleutel"}, **options)

    first = together(*(partial(create, node) for node in cluster.nodes))
    again = [create(node) for node in cluster.nodes]

    assert {each.status for each in first} <= {201, 409}
    assert [each.status for each in again] == [201] * len(again)
    assert len({each.content for each in again}) == 1
    second = {"token": cluster.editor}
    assert cluster.nodes[0].request("/v1/cases", {"id": slug, "title": "S"}, **second).status == 409


def test_a_session_of_the_desk_holds_on_all_nodes_and_ends_on_all(cluster: Cluster) -> None:
    form = urlencode({"token": cluster.editor})
    sent = {"Content_Type": "application/x-www-form-urlencoded", "Origin": SITE}
    signed_in = cluster.nodes[0].request("/redactie/aanmelden", form, **sent)
    assert signed_in.status == 303, signed_in
    cookie = signed_in.headers["Set-Cookie"].partition(";")[0]

    def statuses() -> set[int]:
        return {node.request("/redactie", Cookie=cookie).status for node in cluster.nodes}

    assert statuses() == {200}
    ended = cluster.nodes[-1].served.run("session", "revoke", "--owner", "Anna")
    assert ended.returncode == 0, ended.stderr
    assert statuses() == {303}


@pytest.mark.long
def test_limits_count_on_all_nodes_together_where_they_share_a_store(
    postgres_kb: KnowledgeBase, tmp_path: Path
) -> None:
    with redis_server(tmp_path) as (storage, _):
        settings = {"KB_RATE_LIMIT": "40 per hour", "KB_RATE_LIMIT_STORAGE": storage}
        with a_cluster(tmp_path, postgres_kb, 2, **settings) as running:
            answers = [node.request("/v1/vocabularies") for node in running.nodes * 40]

    assert [each.status for each in answers] == [200] * 40 + [429] * 40
