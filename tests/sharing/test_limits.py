"""Who asks too often is told when to come back; by default nobody is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kb.app import create_app
from kb.migrations import steps
from kb.settings import BadSetting, Settings
from tests.decisions.practice import a_note
from tests.redis_server import redis_server

Limited = Callable[..., FlaskClient]


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Limited]:
    """A client of an application with other settings."""
    made = []

    def client(**limits: str) -> FlaskClient:
        names = {f"KB_{name.upper()}": value for name, value in limits.items()}
        settings = Settings.from_environment({"KB_DATA_DIR": str(tmp_path), **names})
        made.append(create_app(settings, serving=False))
        steps.upgrade(made[-1].extensions["kb"].database)
        return made[-1].test_client()

    yield client
    for app in made:
        app.extensions["kb"].search.close()
        app.extensions["kb"].database.dispose()


def status_of(client: FlaskClient, forwarded: str | None = None) -> int:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client.get("/v1/vocabularies", headers=headers).status_code


def test_nobody_is_limited_by_default(limited: Limited) -> None:
    client = limited()

    assert {status_of(client) for _ in range(30)} == {200}


def test_who_asks_too_often_learns_when_to_come_back(limited: Limited) -> None:
    client = limited(rate_limit="3 per minute")
    assert [status_of(client) for _ in range(4)] == [200, 200, 200, 429]

    answer = client.get("/v1/cases?lang=en")

    assert answer.status_code == 429
    assert answer.mimetype == "application/problem+json"
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert answer.json["type"].endswith("/problems/too-many-requests")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/health/live").status_code == 200
    assert status_of(client) == 429


def test_a_forged_address_helps_nobody_without_a_proxy(limited: Limited) -> None:
    client = limited(rate_limit="1 per minute")

    assert [status_of(client, f"10.0.0.{n}") for n in range(3)] == [200, 429, 429]


def test_behind_a_proxy_each_visitor_has_a_limit_of_their_own(limited: Limited) -> None:
    client = limited(rate_limit="1 per minute", trusted_proxies="1")

    assert [status_of(client, "10.0.0.1"), status_of(client, "10.0.0.2")] == [200, 200]
    assert (
        status_of(client, "10.9.9.9, 10.0.0.1") == 429
    )  # what a visitor says of itself is not heard


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 429),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 200),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", 200),
        ("::ffff:192.0.2.1", "192.0.2.1", 429),
        ("192.0.2.1", "192.0.2.2", 200),
        ("fe80::1%eth0", "fe80::2%eth0", 429),
    ],
)
def test_a_limit_counts_the_network_of_an_ipv6_address(
    first: str, second: str, status: int, limited: Limited
) -> None:
    client = limited(rate_limit="1 per minute")

    def asks(address: str) -> int:
        environ = {"REMOTE_ADDR": address}
        return client.get("/v1/vocabularies", environ_base=environ).status_code

    assert (asks(first), asks(second)) == (200, status)


@pytest.mark.parametrize(
    "wrong",
    [
        {"KB_RATE_LIMIT": "veel"},
        {"KB_RATE_LIMIT_STORAGE": "memcached://a"},
        {"KB_TRUSTED_PROXIES": "-1"},
        {"KB_TRUSTED_PROXIES": "een"},
    ],
)
def test_a_limit_that_cannot_be_used_is_reported_at_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match=next(iter(wrong))):
        Settings.from_environment(wrong)


def test_redis_without_its_client_is_reported_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)  # as where it was never installed

    with pytest.raises(BadSetting, match="pip install 'redis<8'"):
        Settings.from_environment({"KB_RATE_LIMIT_STORAGE": "redis://127.0.0.1"})


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Redis of its own: its address and its process."""
    with redis_server(tmp_path) as running:
        yield running


def test_processes_count_together_in_redis_and_go_on_without_it(
    limited: Limited, redis: tuple[str, subprocess.Popen[bytes]]
) -> None:
    address, server = redis
    one, other = (limited(rate_limit="3 per hour", rate_limit_storage=address) for _ in range(2))
    assert [status_of(each) for each in (one, other, one, other, one)] == [200, 200, 200, 429, 429]

    server.terminate()
    server.wait(timeout=10)

    assert [status_of(one) for _ in range(4)] == [200, 200, 200, 429]
    assert 1 <= int(one.get("/v1/cases").headers["Retry-After"]) <= 3601


def test_what_visitors_send_in_is_counted_together_too(
    limited: Limited, redis: tuple[str, subprocess.Popen[bytes]]
) -> None:
    address, server = redis
    clients = [limited(rate_limit_storage=address) for _ in range(2)]
    nomination = a_note("", kind="nomination")

    def statuses() -> list[int]:
        answers = (each.post("/v1/practice-notes", json=nomination) for each in clients * 11)
        return [answer.status_code for answer in answers]

    assert statuses() == [*[201] * 20, 429, 429]

    server.terminate()
    server.wait(timeout=10)

    assert statuses() == [201] * 22  # each for itself


def test_preflights_and_files_of_pages_do_not_count(limited: Limited) -> None:
    client = limited(rate_limit="3 per minute")
    files = ("/static/site.css", "/static/site.js", "/docs/page.css", "/embed/kennisbank.js")

    for address in (*files, "/embed/height.js") * 2:
        assert client.get(address, buffered=True).status_code == 200
    for _ in range(5):
        assert client.options("/v1/cases").status_code == 200

    assert [status_of(client) for _ in range(4)] == [200, 200, 200, 429]
