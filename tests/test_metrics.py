"""Metrics: what is counted, by which labels, and what nobody may read there."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import CollectorRegistry

from kb.app import create_app
from kb.database import now
from kb.editors import reviews, workflow
from kb.observing.metrics import Metrics
from kb.observing.state import read_state
from kb.services import services_of
from schemas.cases import CaseDocument
from tests.builders import a_case
from tests.conftest import DATABASE, KnowledgeBase, until
from tests.durability.served import KB, serving

SECRET = "zoekt-iemand-9f3a"


class Observed:
    """An application that is counted, and its clients."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.metrics = Metrics(CollectorRegistry())
        self.app = create_app(services_of(kb.app).settings, metrics=self.metrics)
        self.client = self.app.test_client()

    def value(self, name: str, **labels: str) -> float:
        """A sample; 0 when there is none yet."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0

    def read_state(self) -> None:
        parts = services_of(self.app)
        state = read_state(parts.database, parts.search, parts.settings)
        self.metrics.observe_state(state, now().timestamp())


@pytest.fixture
def observed(kb: KnowledgeBase) -> Iterator[Observed]:
    kb.publish(a_case(id="tuin"))
    made = Observed(kb)
    yield made
    services_of(made.app).search.close()
    services_of(made.app).database.dispose()


def test_requests_are_counted_by_the_rule_of_their_address(observed: Observed) -> None:
    for path in ("/v1/cases/tuin", "/v1/cases/geen", "/v1/cases/tuin?lang=en"):
        observed.client.get(path)

    route = "/v1/cases/<slug:case_id>"
    requests = {"route": route, "method": "GET"}
    assert observed.value("kb_http_requests_total", **requests, status="2xx") == 2
    assert observed.value("kb_http_requests_total", **requests, status="4xx") == 1
    assert observed.value("kb_http_request_duration_seconds_count", route=route) == 3
    assert observed.value("kb_problems_total", problem="not-found") == 1


def test_nothing_that_somebody_typed_is_a_label(observed: Observed) -> None:
    client: FlaskClient = observed.client
    for path in (f"/{SECRET}", f"/v1/{SECRET}", f"/v1/cases/{SECRET}", f"/voorbeeld/{SECRET}"):
        client.get(path)
    client.get(f"/v1/cases?q={SECRET}")
    client.open("/v1/cases", method=SECRET.upper())
    client.get("/v1/me", headers={"Authorization": f"Bearer {SECRET}"})

    values = {
        value
        for family in observed.metrics.registry.collect()
        for sample in family.samples
        for value in sample.labels.values()
    }
    assert not [value for value in values if SECRET in value.lower()]
    assert {"none", "other"} <= values


def test_responses_of_the_cache_count_under_their_own_route(observed: Observed) -> None:
    background = services_of(observed.app).background
    background.start()
    until(lambda: background.newest_change is not None)
    for _ in range(3):
        assert observed.client.get("/v1/cases").status_code == 200
    background.stop()

    requests = {"route": "/v1/cases", "method": "GET", "status": "2xx"}
    assert observed.value("kb_http_requests_total", **requests) == 3
    assert observed.value("kb_response_cache_hits_total") == 2
    assert observed.value("kb_search_duration_seconds_count") == 1


def test_the_queue_of_reviews_is_read(kb: KnowledgeBase, observed: Observed) -> None:
    observed.read_state()
    assert observed.value("kb_reviews_waiting") == observed.value("kb_reviews_oldest_seconds") == 0
    with kb.database.transaction() as session:
        case = CaseDocument().load(a_case(id="plein"))
        draft = workflow.save_draft(session, case, author="Anna", at=now() - timedelta(hours=6))
        reviews.submit(session, draft, who="Anna", note=None, at=now() - timedelta(hours=5))

    observed.read_state()

    assert observed.value("kb_reviews_waiting") == 1
    assert observed.value("kb_reviews_oldest_seconds") == pytest.approx(5 * 3600, abs=60)
    assert observed.value("kb_disk_free_bytes", folder="data") > 0


def test_the_lag_of_the_index_is_read(kb: KnowledgeBase, observed: Observed) -> None:
    observed.read_state()
    assert observed.value("kb_index_lag_changes") == observed.value("kb_index_lag_seconds") == 0
    assert observed.value("kb_search_ready") == observed.value("kb_database_up") == 1

    with kb.database.transaction() as session:
        for slug in ("plein", "straat"):
            case = CaseDocument().load(a_case(id=slug))
            draft = workflow.save_draft(session, case, author="Anna", at=now())
            workflow.publish(session, draft, at=now() - timedelta(minutes=5))
    observed.read_state()

    assert observed.value("kb_index_lag_changes") >= 2
    assert observed.value("kb_index_lag_seconds") == pytest.approx(300, abs=60)
    assert observed.value("kb_search_ready") == 0
    assert observed.value("kb_database_up") == 1


def test_an_outage_of_the_database_is_seen(kb: KnowledgeBase, observed: Observed) -> None:
    services_of(observed.app).database.dispose()
    kb.close()
    place = services_of(kb.app).settings.data_dir / DATABASE
    place.rename(place.with_name("weg"))

    observed.client.get("/v1/cases/tuin")
    observed.read_state()

    assert observed.value("kb_database_up") == 0
    assert observed.value("kb_problems_total", problem="database-unavailable") == 1


def read(port: int) -> dict[str, float]:
    """What Prometheus reads, by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as response:
        text = response.read().decode()
    return {
        sample.name + "".join(f" {key}={value}" for key, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def children(process_id: int) -> list[int]:
    text = Path(f"/proc/{process_id}/task/{process_id}/children").read_text()
    return [int(each) for each in text.split()]


def test_what_all_processes_did_is_added_up_and_outlives_them(
    kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb.close()
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    port = free_port()
    cases = "kb_http_requests_total method=GET route=/v1/cases status=2xx"
    with serving(tmp_path, "", KB_METRICS_PORT=str(port)) as served:
        assert served.get("/metrics")[0] == 404  # the world does not see them
        for _ in range(20):
            assert served.get("/v1/cases")[0] == 200
        assert read(port)[cases] == 20
        until(lambda: read(port).get("kb_database_up") == 1)
        assert read(port)["kb_connections"] >= 0

        master = served.process.pid
        files = sorted(each.name for each in place.glob("kb-metrics-*/*.db"))
        former = children(master)
        for worker in former:
            os.kill(worker, signal.SIGKILL)
        until(lambda: len(set(children(master)) - set(former)) == 2)
        until(lambda: served.answers() and read(port).get("kb_database_up") == 1)
        assert served.get("/v1/cases")[0] == 200

        assert read(port)[cases] == 21
        assert sorted(each.name for each in place.glob("kb-metrics-*/*.db")) == files
        assert {re.sub(r"\D", "", each) for each in files} == {"0", "1"}
    assert list(place.glob("kb-metrics-*")) == []


def test_metrics_are_off_unless_a_port_is_set(kb: KnowledgeBase, tmp_path: Path) -> None:
    kb.close()
    with serving(tmp_path, "") as served:
        assert served.get("/metrics")[0] == 404
    assert "Metrics" not in served.log.read_text()


def test_a_port_that_is_taken_ends_the_start_with_the_reason(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    kb.close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = os.environ | {
            "KB_DATA_DIR": str(tmp_path),
            "KB_PORT": str(free_port()),
            "KB_METRICS_PORT": str(taken.getsockname()[1]),
        }
        ended = subprocess.run(
            [KB, "serve"], env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    assert ended.returncode == 1
    assert "set another KB_METRICS_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr
