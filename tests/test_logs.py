"""The log: what it says of a request, in which form, and what never stands in it."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from kb.app import create_app
from kb.observing.logs import formatter
from kb.services import services_of
from kb.settings import LogFormat
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.durability.served import serving

SECRET = "anna-geheim-9f3a"
ADDRESS = "192.0.2.77"
EMAIL = f"{SECRET}@example.org"
NUMBER = "6809e5e9b403453dbd421b58316e3586"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEADERS = {
    "Authorization": f"Bearer {SECRET}",
    "Cookie": f"kb_session={SECRET}; kb_sign_in={SECRET}",
    "X-Request-Id": SECRET,
    "X-Forwarded-For": ADDRESS,
    "Idempotency-Key": SECRET,
    "If-Match": f'"{SECRET}"',
    "Referer": f"https://{SECRET}.example.org/",
    "User-Agent": SECRET,
}


@contextmanager
def log_of(kind: LogFormat) -> Iterator[io.StringIO]:
    """All that is logged, as an operator reads it."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(formatter(kind))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


@contextmanager
def application(kb: KnowledgeBase, **settings: Any) -> Iterator[Flask]:
    """An application on the same data, which logs each request."""
    own = services_of(kb.app).settings
    chosen = type(own)(**{**vars(own), "access_log": True, **settings})
    app = create_app(chosen)
    app.add_url_rule("/of-this-test/<name>", view_func=_fail)
    yield app
    services_of(app).search.close()
    services_of(app).database.dispose()


def _fail(name: str) -> str:
    try:
        raise KeyError(name)
    except KeyError as error:
        raise ValueError(f"what {name} typed") from error


def hostile_path(rule: Rule) -> str:
    """An address of this rule with somebody's words in it."""
    return re.sub(
        r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>",
        lambda match: "7" if match[1] in {"count", "int"} else SECRET,
        rule.rule,
    )


def walk(client: FlaskClient, path: str, method: str) -> None:
    query = (
        f"q={EMAIL}&{SECRET}={SECRET}&page={SECRET}&next=/{SECRET}&error={SECRET}&state={SECRET}"
    )
    common: dict[str, Any] = {
        "method": method,
        "headers": HEADERS,
        "environ_overrides": {"REMOTE_ADDR": ADDRESS},
    }
    client.open(path, **common).close()
    client.open(f"{path}?{query}", **common).close()
    if method in {"POST", "PUT", "PATCH"}:
        body = {"id": SECRET, "title": SECRET, "email": EMAIL, "reason": SECRET, SECRET: SECRET}
        client.open(path, json=body, **common).close()
        client.open(path, data=f'{{"{SECRET}": ', content_type="application/json", **common).close()
        form = {"token": SECRET, "email": EMAIL, "address": EMAIL, "text": SECRET, "q": SECRET}
        client.open(path, data=form, **common).close()


@pytest.mark.parametrize("kind", ["text", "json"])
def test_nothing_of_who_asks_is_in_the_log(kind: LogFormat, kb: KnowledgeBase) -> None:
    kb.publish(a_case(id="tuin"))
    with application(kb) as app, log_of(kind) as text:
        client = app.test_client()
        for rule in app.url_map.iter_rules():
            for method in METHODS:
                if method in (rule.methods or ()):
                    walk(client, hostile_path(rule), method)
        for path in (f"/{SECRET}", f"/v1/{SECRET}/{EMAIL}", f"/v1/cases/tuin/{SECRET}"):
            walk(client, path, "GET")
        client.open("/v1/cases", method=SECRET.upper())
    lines = text.getvalue().lower()

    assert "/v1/cases/<slug:case_id>" in lines
    assert "unauthorized" in lines
    assert "valueerror" in lines
    for word in (SECRET, "geheim", ADDRESS, "192.0.2", "@example.org"):
        assert word not in lines


def entries(text: io.StringIO, logger: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in text.getvalue().splitlines()]
    return [line for line in lines if line["logger"] == logger]


def test_a_request_and_its_problem_have_one_number(kb: KnowledgeBase) -> None:
    with application(kb) as app, log_of("json") as text:
        answer = app.test_client().get("/v1/cases/geen")

    [problem], [access] = entries(text, "kb.web"), entries(text, "kb.access")
    assert answer.json["instance"] == f"urn:uuid:{problem['requestId']}"
    assert access["requestId"] == problem["requestId"]
    assert problem["problem"] == "not-found"
    assert access["route"] == problem["route"] == "/v1/cases/<slug:case_id>"
    assert access["status"] == problem["status"] == 404
    assert access["method"] == "GET"
    assert access["ms"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", access["time"])


@pytest.mark.parametrize(
    ("proxies", "sent", "taken"),
    [(1, NUMBER, True), (0, NUMBER, False), (1, SECRET, False), (1, f"{NUMBER}\n", False)],
)
def test_the_number_of_a_trusted_proxy_is_taken_over(
    proxies: int, sent: str, taken: bool, kb: KnowledgeBase
) -> None:
    with application(kb, trusted_proxies=proxies) as app:
        answer = app.test_client().get(
            "/v1/cases/geen", environ_overrides={"HTTP_X_REQUEST_ID": sent}
        )

    number = answer.json["instance"].removeprefix("urn:uuid:").replace("-", "")
    assert (number == NUMBER) == taken


def test_an_accident_is_logged_by_its_place(kb: KnowledgeBase) -> None:
    with application(kb) as app, log_of("json") as text:
        answer = app.test_client().get(f"/of-this-test/{SECRET}")

    assert answer.status_code == 500
    traces = [entry["exception"] for entry in entries(text, "kb.web") if "exception" in entry]
    assert len(traces) == 1
    assert "_fail" in traces[0]
    assert traces[0].count("builtins.") == 2  # the error, and what it came from


def test_requests_are_logged_only_where_that_was_chosen(kb: KnowledgeBase) -> None:
    with application(kb, access_log=False) as app, log_of("json") as text:
        assert app.test_client().get("/v1/cases").status_code == 200

    assert entries(text, "kb.access") == []


def test_a_server_logs_json_alone(kb: KnowledgeBase, tmp_path: Path) -> None:
    kb.close()
    with serving(tmp_path, "", KB_LOG_FORMAT="json", KB_ACCESS_LOG="on") as served:
        assert served.get(f"/v1/cases/{SECRET}?q={SECRET}")[0] == 400
        with socket.create_connection(("127.0.0.1", served.port)) as connection:
            connection.sendall(f"GET /{SECRET} {SECRET}\r\n{SECRET}\r\n\r\n".encode())
            assert connection.recv(12).startswith(b"HTTP/1.")
    lines = served.log.read_text().splitlines()
    logged = [json.loads(line) for line in lines]  # also what says where it listens

    assert SECRET not in "".join(lines)
    assert {"kb.web", "kb.access", "kb.server", "gunicorn.error"} <= {
        entry["logger"] for entry in logged
    }
