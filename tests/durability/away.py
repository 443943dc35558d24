"""A server whose database goes away, and what it answers meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

from tests.builders import a_case
from tests.conftest import make, until
from tests.durability.served import Served, serving
from tests.editors.conftest import somebody

MAX_WAIT_SECONDS = 300  # for what never ends; how long a request may wait, its settings say
READ, LIVE = "/v1/cases/tuin", "/health/live"


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: Any
    retry_after: str | None


def ask(served: Served, path: str, body: Any = None, token: str = "") -> Answer:
    """Ask as a new visitor; with a body, create."""
    made = HTTPConnection("127.0.0.1", served.port, timeout=MAX_WAIT_SECONDS)
    with closing(made) as connection:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        if body is None:
            connection.request("GET", path)
        else:
            connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        content = response.read()
    body = json.loads(content) if "json" in response.headers.get("Content-Type", "") else None
    return Answer(response.status, body, response.headers["Retry-After"])


def assert_unavailable(answer: Answer, detail: str = "") -> None:
    assert answer.status == 503, answer
    assert answer.body["type"].endswith("/problems/database-unavailable")
    assert detail in answer.body["detail"]
    assert answer.retry_after


def assert_goes_on(served: Served) -> None:
    """What needs no database is there at once."""
    lists = ("/v1/cases?q=tuin", "/v1/cases?format=csv", "/zoeken?q=tuin", "/embed/zoeken?q=tuin")
    for path in (LIVE, "/v1/vocabularies", "/docs", "/v1/openapi.json", *lists):
        answer = ask(served, path)
        assert answer.status == 200, (path, answer)
    ready = ask(served, "/health/ready")
    assert (ready.status, ready.body["checks"]["database"]) == (503, "unavailable")


def comes_back(served: Served) -> None:
    until(lambda: {ask(served, READ).status for _ in range(6)} == {200})


def create(served: Served, slug: str, token: str) -> Answer:
    return ask(served, "/v1/cases", {"id": slug, "title": slug}, token)


@contextmanager
def a_server(folder: Path, database_url: str = "") -> Iterator[tuple[Served, str]]:
    """A server with a public case, and a token of an editor."""
    made = make(folder, database_url)
    made.publish(a_case("tuin"))
    token = somebody(made, "redactie", "editor").token
    made.close()
    url = database_url or f"sqlite:///{folder / 'kb.sqlite3'}"
    with serving(folder, url) as served:
        assert create(served, "eerste", token).status == 201
        assert ask(served, READ).status == 200
        yield served, token
