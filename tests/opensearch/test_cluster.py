"""What a cluster that fails comes to: a refusal that says when to come back, and no secret."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from kb.search.engine import SearchUnavailable
from kb.search.opensearch.cluster import Cluster, Conflict, NotThere, Refused
from kb.search.opensearch.snapshots import Snapshots
from tests.conftest import need

SECRET = "geheim-wachtwoord"
WHOLE = {"hits": {"hits": []}, "timed_out": False, "_shards": {"failed": 0}}


@dataclass
class Answers:
    """What a server in the place of a cluster answers, and what it was sent."""

    status: int = 200
    body: Any = field(default_factory=lambda: dict(WHOLE))
    seconds: float = 0.0  # before it answers
    drops: float = 0.0  # seconds between two bytes of the body
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def cluster(self, *urls: str, **options: Any) -> Cluster:
        """A client of that server, after those at other addresses."""
        return Cluster(*urls, self.url, user="kb", password=SECRET, **options)


@contextmanager
def serving(answers: Answers, context: ssl.SSLContext | None = None) -> Iterator[Answers]:
    """Answer in the place of a cluster."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            answers.headers.append({name.lower(): text for name, text in self.headers.items()})
            time.sleep(answers.seconds)
            content = json.dumps(answers.body).encode()
            self.send_response(answers.status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            if not answers.drops:
                self.wfile.write(content)
                return
            with suppress(OSError):
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    time.sleep(answers.drops)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *arguments: object) -> None:
            """It is silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    scheme, host = ("https", "localhost") if context else ("http", "127.0.0.1")
    answers.url = f"{scheme}://{host}:{server.server_address[1]}"
    try:
        yield answers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def refusal(cluster: Cluster) -> SearchUnavailable:
    """How it refuses a search; without who we are, or where the cluster is."""
    with pytest.raises(SearchUnavailable) as refused:
        cluster.search("/kb/_search", {"query": {"match": {"pos": "zoekwoord"}}})
    text = f"{refused.value!r} {refused.value.__cause__!r}"
    assert not any(each in text for each in (SECRET, "127.0.0.1", "localhost", "zoekwoord"))
    cluster.close()
    return refused.value


@pytest.mark.parametrize(
    ("status", "body", "retry_after"),
    [
        (429, {"error": {"type": "circuit_breaking_exception"}}, {1, 2, 3}),
        (429, {"error": {"type": "rejected_execution_exception"}}, {1, 2, 3}),
        (503, {"error": {"type": "no_shard_available_action_exception"}}, {5}),
        (403, {"error": {"type": "cluster_block_exception"}}, {5}),
        (401, {"error": "Unauthorized"}, {30}),
        (403, {"error": {"type": "security_exception"}}, {30}),
        (200, WHOLE | {"timed_out": True}, {5}),
        (200, WHOLE | {"_shards": {"failed": 1}}, {5}),
    ],
)
def test_what_is_no_whole_answer_is_none(
    status: int, body: dict[str, Any], retry_after: set[int], caplog: pytest.LogCaptureFixture
) -> None:
    with serving(Answers(status, body)) as answers:
        assert refusal(answers.cluster()).retry_after in retry_after

    assert SECRET not in caplog.text
    assert "127.0.0.1" not in caplog.text


@pytest.mark.parametrize("body", [{}, {"tagline": "Something else"}, {"_source": {}}])
def test_what_is_no_cluster_is_one_that_is_away(body: dict[str, Any]) -> None:
    with serving(Answers(body=body)) as answers:
        cluster = answers.cluster()
        with pytest.raises(SearchUnavailable, match="no search cluster"):
            Snapshots(cluster, "kennisbank").newest()
        cluster.close()


@pytest.mark.parametrize(("status", "error"), [(404, NotThere), (409, Conflict), (400, Refused)])
def test_other_refusals_are_errors_of_their_own(status: int, error: type[Exception]) -> None:
    body = {"error": {"type": "parsing", "reason": "zoekwoord", "root_cause": [{"type": "x"}]}}
    with serving(Answers(status, body)) as answers:
        cluster = answers.cluster()
        with pytest.raises(error) as refused:
            cluster.search("/kb/_search", {})
        cluster.close()

    assert "zoekwoord" not in str(refused.value)


def test_a_slow_answer_is_not_waited_for() -> None:
    with serving(Answers(seconds=1)) as answers:
        assert refusal(answers.cluster(read_seconds=0.1)).retry_after == 5


def test_an_answer_that_comes_in_drops_is_not_waited_for() -> None:
    with serving(Answers(drops=0.05)) as answers:
        begun = time.monotonic()
        assert refusal(answers.cluster(read_seconds=0.3)).retry_after == 5
        assert time.monotonic() - begun < 2


def test_the_searches_of_a_page_have_the_time_of_one_together() -> None:
    with serving(Answers(seconds=0.3)) as answers:
        cluster = answers.cluster(read_seconds=1)
        end = time.monotonic() + 0.5
        cluster.search("/kb/_search", {}, end)
        with pytest.raises(SearchUnavailable):
            cluster.search("/kb/_search", {}, end)
        cluster.close()


def test_few_wait_for_a_slow_cluster_and_the_others_are_refused_at_once() -> None:
    with serving(Answers(seconds=1.5)) as answers, ThreadPoolExecutor(3) as pool:
        cluster = answers.cluster(max_searches=2)
        searches = [pool.submit(cluster.search, "/kb/_search", {}) for _ in range(3)]
        outcomes = [each.exception() for each in searches]
        cluster.close()

    assert outcomes.count(None) == 2
    assert any(isinstance(each, SearchUnavailable) for each in outcomes)


def test_when_a_node_takes_no_connection_the_next_one_answers() -> None:
    with serving(Answers()) as gone:
        pass
    with serving(Answers()) as answers:
        cluster = answers.cluster(gone.url)
        for _ in range(2):
            assert cluster.search("/kb/_search", {}) == WHOLE
        cluster.close()


@pytest.mark.parametrize("trouble", [{"seconds": 1.0}, {"status": 503, "body": {"error": {}}}])
def test_after_a_node_that_fails_the_next_one_answers(trouble: dict[str, Any]) -> None:
    with serving(Answers(**trouble)) as failing, serving(Answers()) as answers:
        cluster = answers.cluster(failing.url, read_seconds=0.2)
        with pytest.raises(SearchUnavailable):
            cluster.search("/kb/_search", {})
        assert cluster.search("/kb/_search", {}) == WHOLE
        cluster.close()


def test_a_cluster_that_is_away_is_not_waited_for_again_and_again() -> None:
    with serving(Answers()) as answers:
        cluster = answers.cluster()
    for _ in range(5):
        refusal(cluster)

    with serving(Answers()) as answers:
        assert refusal(cluster).retry_after == 2


def test_it_says_who_we_are() -> None:
    with serving(Answers()) as answers:
        cluster = answers.cluster()
        cluster.search("/kb/_search", {})
        cluster.close()

    assert answers.headers[0]["authorization"].startswith("Basic ")


def test_it_says_for_which_request() -> None:
    numbers = iter(["7f2e0a52-6a8e-4b53-9d42-1f1f5a1f9b6e", None])
    with serving(Answers()) as answers:
        cluster = answers.cluster(request_id=lambda: next(numbers))
        cluster.search("/kb/_search", {})
        cluster.search("/kb/_search", {})
        cluster.close()

    sent = [headers.get("x-opaque-id") for headers in answers.headers]
    assert sent == ["7f2e0a52-6a8e-4b53-9d42-1f1f5a1f9b6e", None]


def test_only_a_certificate_that_somebody_vouches_for_is_trusted(tmp_path: Path) -> None:
    need("openssl", which("openssl") is not None, "apt-get install openssl")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    with serving(Answers(), context) as answers:
        trusting = answers.cluster(ca_file=certificate)
        assert trusting.search("/kb/_search", {}) == WHOLE
        trusting.close()
        refusal(answers.cluster())
        by_another_name = Cluster(
            answers.url.replace("localhost", "127.0.0.1"), ca_file=certificate
        )
        refusal(by_another_name)
