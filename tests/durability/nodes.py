"""Several nodes: servers with a data folder and an index of their own on one PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import KnowledgeBase, until
from tests.durability.served import Served, serving
from tests.editors.conftest import somebody

SITE = "http://kennisbank.test"  # the address that readers know all nodes by


class Response(NamedTuple):
    """What a node answered."""

    status: int
    headers: Message  # whose names are of any case
    content: bytes

    @property
    def json(self) -> Any:
        """The body of a JSON response."""
        return json.loads(self.content)


class Node(NamedTuple):
    """One of them, as clients see it."""

    served: Served

    def request(
        self, path: str, body: Any = None, *, method: str = "", token: str = "", **headers: str
    ) -> Response:
        """Ask by a connection of its own; with a body POST, unless `method` says otherwise."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        content = None
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
            content = body if isinstance(body, str) else json.dumps(body)
        method = method or ("GET" if body is None else "POST")
        made = HTTPConnection("127.0.0.1", self.served.port, timeout=60)
        with closing(made) as connection:
            connection.request(method, path, content, sent)
            response = connection.getresponse()
            return Response(response.status, response.headers, response.read())

    def ids(self, query: str) -> list[str]:
        """The cases that a list has."""
        response = self.request(f"/v1/cases?{query}")
        assert response.status == 200, response
        return [item["id"] for item in response.json["items"]]


class Cluster(NamedTuple):
    """All nodes, and tokens of an editor and of a publisher."""

    nodes: tuple[Node, ...]
    editor: str
    publisher: str

    def create(self, document: dict[str, Any], node: int = 0) -> Response:
        """Begin a draft on one node."""
        return self.nodes[node].request("/v1/cases", document, token=self.editor)

    def rewrite(self, document: dict[str, Any], node: int = 0) -> None:
        """Begin a draft of a public case, with this text."""
        address = f"/v1/cases/{document['id']}/draft"
        begun = self.nodes[node].request(address, {}, token=self.editor)
        options = {"method": "PUT", "token": self.editor, "If_Match": begun.headers["ETag"]}
        response = self.nodes[node].request(address, document, **options)
        assert (begun.status, response.status) == (201, 200), response

    def submit(self, slug: str, node: int = 0) -> str:
        """Ask for approval; the ETag of what is to be published."""
        address = f"/v1/cases/{slug}/draft"
        tag = self.nodes[node].request(address, token=self.editor).headers["ETag"]
        body = {"decision": "submit"}
        response = self.nodes[node].request(
            f"{address}/reviews", body, token=self.editor, If_Match=tag
        )
        assert response.status == 200, response
        return response.headers["ETag"]

    def publish(self, document: dict[str, Any], node: int = 0) -> Response:
        """Take a new case the whole way, or a new text of one, on one node."""
        if self.create(document, node).status == 409:
            self.rewrite(document, node)
        tag = self.submit(document["id"], node)
        address = f"/v1/cases/{document['id']}/publications"
        response = self.nodes[node].request(address, {}, token=self.publisher, If_Match=tag)
        assert response.status == 201, response
        return response

    def everywhere(self, met: Callable[[Node], bool], seconds: float = 60.0) -> None:
        """Wait until all nodes are there."""
        until(lambda: all(map(met, self.nodes)), seconds)


@contextmanager
def a_cluster(
    folder: Path,
    kb: KnowledgeBase,
    number: int,
    url: str = "",
    own: Sequence[Mapping[str, str]] = (),
    /,
    **settings: str,
) -> Iterator[Cluster]:
    """Nodes on the database of `kb`, each of one process; `url` is how they reach it.

    `own` has settings of each node, beside those of all.
    """
    editor, publisher = somebody(kb, "Anna", "editor"), somebody(kb, "Piet", "publisher")
    url = url or kb.app.extensions["kb"].settings.database_url
    settings = {"KB_WORKERS": "1", "KB_PUBLIC_URL": SITE, **settings}
    with ExitStack() as running:
        folders = [folder / f"node-{each}" for each in range(number)]
        for each in folders:
            each.mkdir()
        nodes = [
            Node(running.enter_context(serving(each, url, **{**settings, **some})))
            for each, some in zip(folders, own or [{}] * number, strict=True)
        ]
        yield Cluster(tuple(nodes), editor.token, publisher.token)
