"""Making a batch, and what is done with it then."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person

WORDS = {"name": "replace-text", "find": "bewoners", "replace": "huurders"}


def make(
    who: Person, operation: dict[str, Any], *, dry: bool = False, **selection: Any
) -> TestResponse:
    """Make a batch; without ids or filters of all cases."""
    chosen = {"type": "case", **(selection or {"filters": {}})}
    path = f"/batches?dryRun={'true' if dry else 'false'}"
    return who.ask("POST", path, {"operation": operation, "selection": chosen})


def decide(who: Person, batch: TestResponse, decision: str, **note: Any) -> TestResponse:
    path = f"/batches/{batch.json['id']}/reviews"
    return who.ask("POST", path, {"decision": decision, **note}, tag=batch.headers["ETag"])


def publish(who: Person, batch: TestResponse) -> TestResponse:
    path = f"/batches/{batch.json['id']}/publications"
    return who.ask("POST", path, {}, tag=batch.headers["ETag"])


def read(who: Person, batch: TestResponse) -> TestResponse:
    return who.ask("GET", f"/batches/{batch.json['id']}")


def ids(batch: TestResponse) -> list[str]:
    return sorted(item["id"] for item in batch.json["items"])


def public(kb: KnowledgeBase, slug: str) -> dict[str, Any]:
    return dict(kb.client.get(f"/v1/cases/{slug}").json or {})
