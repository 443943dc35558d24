"""What other processes do at the same moment."""

from __future__ import annotations

from contextlib import ExitStack
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from kb.app import create_app
from kb.database import Database
from kb.editors.idempotency.lock import locked
from kb.editors.idempotency.responses import KeyedRequest
from kb.settings import Settings
from tests.processes import beside

if TYPE_CHECKING:
    from tests.conftest import KnowledgeBase

Request = dict[str, Any]  # what Werkzeug's test client takes


def at_once(kb: KnowledgeBase, *requests: Request) -> list[dict[str, Any]]:
    """Ask all of these at the same moment: status, headers and text of each answer."""
    settings: Settings = kb.app.extensions["kb"].settings
    with ExitStack() as stack:
        children = [stack.enter_context(beside(ask, settings, each)) for each in requests]
        assert [child.receive() for child in children] == ["ready"] * len(children)
        for child in children:
            child.connection.send("go")
        return [child.receive() for child in children]


def ask(test: Connection, settings: Settings, request: Request) -> None:
    """Get ready, wait, ask, and send what came back."""
    client = create_app(settings, serving=False).test_client()
    client.get("/health/ready")  # everything is open before the start
    test.send("ready")
    test.recv()
    answer = client.open(**request)
    test.send({"status": answer.status_code, "headers": dict(answer.headers), "text": answer.text})


def hold_key(test: Connection, database_url: str) -> None:
    """Be in the middle of Anna's request with the key “k”, until the process is killed."""
    with locked(Database(database_url), KeyedRequest("Anna", "k", "")):
        test.send("holds")
        test.recv()
