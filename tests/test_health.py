"""What health says beside whether requests may be sent."""

from __future__ import annotations

from datetime import timedelta

from kb.database import now
from kb.editors import workflow
from kb.migrations import steps
from schemas.cases import CaseDocument
from tests.builders import a_case
from tests.conftest import KnowledgeBase


def test_readiness_says_where_tables_and_index_are(kb: KnowledgeBase) -> None:
    level = kb.client.get("/health/ready")
    with kb.database.transaction() as session:
        draft = workflow.save_draft(
            session, CaseDocument().load(a_case(id="tuin")), author="Anna", at=now()
        )
        workflow.publish(session, draft, at=now() - timedelta(minutes=2))
    behind = kb.client.get("/health/ready")

    assert level.status_code == 200
    assert level.json["details"] == {
        "tables": steps.newest(),
        "releaseTables": steps.newest(),
        "searchEngine": "files",
        "indexLagChanges": 0,
        "indexLagSeconds": 0,
    }
    assert behind.status_code == 503
    assert behind.json["checks"]["search"] == "behind"
    assert behind.json["details"]["indexLagChanges"] == 1
    assert 115 <= behind.json["details"]["indexLagSeconds"] <= 300
