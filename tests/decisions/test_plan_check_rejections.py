"""/v1/plan-check-rejections: which remarks readers call wrong, counted without their text."""

from __future__ import annotations

import pytest
from sqlalchemy import text as sql

from tests.conftest import KnowledgeBase


def test_a_rejection_is_counted_by_rule(kb: KnowledgeBase) -> None:
    rejection = {"rule": "valkuil-tijdelijkheid", "about": "tijdelijkheid"}
    client = kb.client
    answers = [client.post("/v1/plan-check-rejections", json=rejection) for _ in range(2)]

    assert [(each.status_code, each.json) for each in answers] == [(201, rejection)] * 2
    with kb.database.reading() as session:
        rows = session.execute(sql("SELECT rule, about, number FROM plan_rejection")).all()
    assert [tuple(row) for row in rows] == [("valkuil-tijdelijkheid", "tijdelijkheid", 2)]


@pytest.mark.parametrize(
    ("rule", "about", "pointer"),
    [
        ("valkuil-x", "tijdelijkheid", "/rule"),
        ("valkuil-tijdelijkheid", "korte-adem", "/about"),
        ("niet-genoemd-vaker", "x", "/about"),
        ("lijkt-op-kenmerken", "geen-casus", "/about"),
    ],
)
def test_what_no_remark_says_cannot_be_rejected(
    seeded: KnowledgeBase, rule: str, about: str, pointer: str
) -> None:
    answer = seeded.client.post("/v1/plan-check-rejections", json={"rule": rule, "about": about})

    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json["errors"]] == [pointer]
