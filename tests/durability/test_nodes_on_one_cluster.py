"""Three nodes on one PostgreSQL and one OpenSearch answer as one, also when one of them dies."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3
from sqlalchemy import select

from kb.cases.changes import Change
from kb.search.opensearch.mapping import STATE_ID
from tests.builders import a_case
from tests.cluster.proxy import Proxy
from tests.conftest import KnowledgeBase, create_database, make_anew, until
from tests.durability.nodes import Cluster, Node, a_cluster
from tests.durability.served import Served, serving

pytestmark = [pytest.mark.postgresql, pytest.mark.opensearch, pytest.mark.slow]
ALIAS = "several"
NUMBER = 3
FRESH_SECONDS = 20.0  # that other nodes may take, on a busy machine; they look each second
TAKEN_OVER_SECONDS = 120.0  # the lease of who died lasts for twenty
HELD_UP_SECONDS = 1.5  # each answer of the cluster, so that a writer can be met at its work


class Shared(NamedTuple):
    """The nodes, each with a way to the cluster of its own, and what all of them share."""

    nodes: Cluster
    proxies: list[Proxy]
    kb: KnowledgeBase
    search_url: str

    def get(self, path: str) -> Any:
        """What the cluster has, as its operator sees it; None when it is not there."""
        answer = urllib3.request("GET", f"{self.search_url}{path}", timeout=30, retries=False)
        return json.loads(answer.data) if answer.status == 200 else None

    @property
    def live_index(self) -> str:
        """The index that answers."""
        names = self.get(f"/{ALIAS}-*/_alias")
        (index,) = (name for name, each in names.items() if each["aliases"])
        return str(index)

    @property
    def index_change(self) -> int:
        """The number of the last change in it."""
        state = self.get(f"/{self.live_index}/_doc/{STATE_ID}")["_source"]["state"]
        return int(state["change"])

    def changes(self) -> Counter[tuple[str, str]]:
        """How often something happened to a case: by event and id."""
        with self.kb.database.reading() as session:
            rows = session.scalars(select(Change).order_by(Change.number)).all()
        assert [row.number for row in rows] == [*range(1, len(rows) + 1)]
        return Counter((row.event, row.slug) for row in rows if row.kind == "case")

    def assert_level(self) -> None:
        """The index is that of the database, and every node lists what is public, once."""
        checked = self.nodes.nodes[-1].served.run("index", "check")
        assert checked.returncode == 0, checked.stdout + checked.stderr
        happened = self.changes()
        assert set(happened.values()) == {1}
        withdrawn = {slug for event, slug in happened if event == "withdrawn"}
        public = {slug for _, slug in happened} - withdrawn

        def lists_all(node: Node) -> bool:
            page = node.request("/v1/cases?pageSize=100").json
            ids = [item["id"] for item in page["items"]]
            return set(ids) == public and len(ids) == len(public) == page["page"]["totalItems"]

        self.nodes.everywhere(lists_all, FRESH_SECONDS)


@pytest.fixture
def shared(
    postgres_cluster: str, opensearch_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shared]:
    """Three nodes without a case."""
    folder = tmp_path_factory.mktemp("one-cluster")
    kb = make_anew(folder, create_database(postgres_cluster, f"kb_{folder.name}"))
    port = int(opensearch_url.rpartition(":")[2])
    with ExitStack() as stack:
        stack.callback(kb.close)
        stack.callback(urllib3.request, "DELETE", f"{opensearch_url}/{ALIAS}-*")
        proxies = [Proxy("127.0.0.1", port) for _ in range(NUMBER)]
        for proxy in proxies:
            stack.callback(proxy.end)
        own = [{"KB_SEARCH_URL": proxy.url} for proxy in proxies]
        settings = {"KB_SEARCH_ALIAS": ALIAS, "KB_SEARCH_REPLICAS": "0"}
        nodes = stack.enter_context(a_cluster(folder, kb, NUMBER, "", own, **settings))
        yield Shared(nodes, proxies, kb, opensearch_url)


def started_again(served: Served) -> AbstractContextManager[Served]:
    """The same node, on the folder that it had and another port."""
    own = {name: text for name, text in served.environment.items() if name.startswith("KB_")}
    del own["KB_PORT"]
    return serving(Path(own["KB_DATA_DIR"]), own["KB_DATABASE_URL"], **own)


def wait_until_listed(nodes: list[Node], slug: str) -> None:
    """Ask for the list until all nodes have a case in it.

    A node may refuse meanwhile, and say when to come back; what it has listed once stays there.
    """
    listing: set[int] = set()

    def is_listed(node: Node) -> bool:
        response = node.request(f"/v1/cases?q={slug}")
        if response.status == 200 and [item["id"] for item in response.json["items"]] == [slug]:
            listing.add(node.served.port)
            return True
        assert response.status == 200 or response.headers["Retry-After"].isdigit(), response
        assert node.served.port not in listing
        return False

    until(lambda: [*map(is_listed, nodes)] == [True] * len(nodes), TAKEN_OVER_SECONDS)


def test_what_one_node_publishes_or_withdraws_is_so_on_all(shared: Shared) -> None:
    cluster = shared.nodes
    cluster.publish(a_case("kersentuin"))
    cluster.everywhere(lambda node: node.ids("q=kersentuin") == ["kersentuin"], FRESH_SECONDS)

    slugs = [f"hof-{turn}" for turn in range(2 * NUMBER)]
    with ThreadPoolExecutor(NUMBER) as pool:  # all nodes write to the one index
        for turn, slug in enumerate(slugs):
            pool.submit(cluster.publish, a_case(slug), turn % NUMBER)
    cluster.everywhere(lambda node: sorted(node.ids("q=hof")) == slugs, FRESH_SECONDS)

    address, body = "/v1/cases/kersentuin/withdrawals", {"reason": "Verouderd."}
    assert cluster.nodes[-1].request(address, body, token=cluster.publisher).status == 201
    cluster.everywhere(lambda node: not node.ids("q=kersentuin"), FRESH_SECONDS)
    cluster.everywhere(lambda node: node.request("/v1/cases/kersentuin").status == 410)
    shared.assert_level()


def test_another_node_takes_over_from_one_that_is_killed_while_it_writes(shared: Shared) -> None:
    cluster, (victim, *others) = shared.nodes, shared.nodes.nodes
    cluster.publish(a_case("perenhof"))
    cluster.everywhere(lambda node: node.ids("q=perenhof") == ["perenhof"], FRESH_SECONDS)
    assert cluster.create(a_case("kersenhof")).status == 201
    sent = {"If_Match": cluster.submit("kersenhof"), "Idempotency_Key": '"once"'}
    address = "/v1/cases/kersenhof/publications"
    index, before = shared.live_index, shared.index_change

    for proxy in shared.proxies[1:]:
        proxy.close()  # so that nobody else takes the change over
    shared.proxies[0].delay = HELD_UP_SECONDS
    with ThreadPoolExecutor() as pool:
        lost = pool.submit(victim.request, address, {}, token=cluster.publisher, **sent)
        until(lambda: shared.get(f"/{index}/_doc/case:kersenhof") is not None)
        victim.served.kill()  # when the document is written, and the number of its change is not
        with pytest.raises((HTTPException, OSError)):
            lost.result()
    assert shared.index_change == before
    for proxy in shared.proxies:
        proxy.delay = 0
        proxy.open()
    wait_until_listed(others, "kersenhof")

    again = others[0].request(address, {}, token=cluster.publisher, **sent)
    assert (again.status, again.json["version"]) == (201, 1)
    with started_again(victim.served) as back:
        cluster = cluster._replace(nodes=(Node(back), *others))
        cluster.publish(a_case("pruimenhof"))
        shared._replace(nodes=cluster).assert_level()
