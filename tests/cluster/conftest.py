"""The cluster and what is served from it, for all tests of a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.database import Database
from tests.cluster.nodes import Nodes, three_nodes
from tests.cluster.rounds import Publisher
from tests.cluster.storm import HEADER, Storm
from tests.cluster.visitors import Visitors
from tests.conftest import DATABASE, make
from tests.durability.served import serving

ALIAS = "storm"
TABLE = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def nodes() -> Iterator[Nodes]:
    """Three nodes."""
    with three_nodes() as made:
        yield made


@pytest.fixture(scope="session")
def storm(
    nodes: Nodes, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Storm]:
    """A server with its index in them, a publisher and visitors; at the end a table is printed."""
    folder = tmp_path_factory.mktemp("storm")
    make(folder).close()
    url = f"sqlite:///{folder / DATABASE}"
    settings = {"KB_SEARCH_URL": nodes.urls, "KB_SEARCH_ALIAS": ALIAS}
    database = Database(url)
    with serving(folder, url, **settings) as served:
        publisher, visitors = Publisher(database), Visitors(served.port)
        made = Storm(nodes, served, publisher, visitors, ALIAS)
        try:
            yield made
        finally:
            publisher.end()
            visitors.end()
    database.dispose()
    request.config.stash[TABLE] = "\n".join(map(str, ("", HEADER, *made.outcomes, "")))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what became of each fault."""
    terminalreporter.write_line(config.stash.get(TABLE, ""))
