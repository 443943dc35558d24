"""schemathesis walks the whole document with all its checks, on the first cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import positive_data_acceptance

from kb.app import create_app
from kb.settings import Settings
from tests.conftest import PUBLIC_URL, KnowledgeBase

Case: TypeAlias = "schemathesis.Case[Any]"
# The document needs no database, so it can be read before any test runs; the answers do.
APP = create_app(Settings(data_dir=Path("nowhere"), public_url=PUBLIC_URL), follow=False)
QUICK = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=400, derandomize=False)


def with_whole_paths(document: dict[str, Any]) -> dict[str, Any]:
    """The document with one server, as schemathesis knows no other for an application in Python."""
    paths = {
        path if path.startswith("/health/") else f"/v1{path}": {
            key: value for key, value in item.items() if key != "servers"
        }
        for path, item in document["paths"].items()
    }
    return document | {"paths": paths, "servers": [{"url": PUBLIC_URL}]}


schema = schemathesis.openapi.from_dict(with_whole_paths(APP.extensions["kb.openapi"]))
schema.app = APP


def check(case: Case, kb: KnowledgeBase) -> None:
    """Ask and judge; that years can be in the wrong order is what a document cannot say."""
    query: Any = case.query or {}
    years = [str(query.get(name, "")) for name in ("startYearFrom", "startYearTo")]
    numbers = [int(year) for year in years if year.lstrip("-").isdecimal()]
    unsayable = [positive_data_acceptance] if numbers != sorted(numbers) else []
    case.call_and_validate(app=kb.app, excluded_checks=unsayable)


@schema.parametrize()
@QUICK
def test_the_api_does_what_its_document_says(case: Case, seeded: KnowledgeBase) -> None:
    check(case, seeded)


@pytest.mark.long
@pytest.mark.timeout(3600)
@schema.parametrize()
@LONG
def test_the_api_does_what_its_document_says_at_length(case: Case, seeded: KnowledgeBase) -> None:
    check(case, seeded)
