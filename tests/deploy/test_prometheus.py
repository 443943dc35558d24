"""The alerts: Prometheus takes them, they fire when they should, and say what to do."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from kb.app import create_app
from kb.observing.metrics import Metrics
from kb.observing.state import read_state
from kb.services import services_of
from tests.conftest import KnowledgeBase, need

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
RULES = FOLDER / "kennisbank-alerts.yaml"
TESTS = FOLDER / "kennisbank-alerts.test.yaml"
OWN = re.compile(r"\bkb_[a-z_]+\b")
ALERTS: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
]


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run promtool, or skip the test where there is none."""
    program = shutil.which("promtool")
    need("promtool", program is not None, "apt-get install prometheus")
    assert program is not None
    command = [program, *(str(word) for word in words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_prometheus_takes_the_rules() -> None:
    result = promtool("check", "rules", RULES)

    assert result.returncode == 0, result.stdout + result.stderr


def test_each_alert_fires_when_it_should_and_only_then() -> None:
    result = promtool("test", "rules", TESTS)

    assert result.returncode == 0, result.stdout + result.stderr


def test_each_alert_has_a_test_both_ways() -> None:
    tests = {test["name"] for test in yaml.safe_load(TESTS.read_text())["tests"]}

    for alert in ALERTS:
        assert {f"{alert['alert']} fires", f"{alert['alert']} is silent"} <= tests


def test_rules_name_metrics_that_there_are(kb: KnowledgeBase) -> None:
    metrics = Metrics(CollectorRegistry())
    app = create_app(services_of(kb.app).settings, metrics=metrics)
    parts = services_of(app)
    app.test_client().get("/v1/cases")
    app.test_client().get("/nergens")
    metrics.observe_state(read_state(parts.database, parts.search, parts.settings), 1.0)
    samples = [sample for family in metrics.registry.collect() for sample in family.samples]
    names = {sample.name for sample in samples}
    parts.search.close()
    parts.database.dispose()

    for alert in ALERTS:
        assert set(OWN.findall(alert["expr"])) <= names, alert["alert"]
    bounds = {sample.labels.get("le") for sample in samples}
    assert set(re.findall(r'le="([^"]+)"', RULES.read_text())) <= bounds


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_each_alert_leads_to_what_to_do(alert: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "operating.md").read_text("utf-8")
    headings = {
        re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    path, _, anchor = alert["annotations"]["runbook"].partition("#")

    assert path == "docs/operating.md"
    assert anchor in headings
    assert alert["annotations"]["action"]
    assert alert["labels"]["severity"] in {"page", "ticket", "editors"}
