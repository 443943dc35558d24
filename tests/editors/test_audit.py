"""The audit log: who did what, read in one place, and nothing of what was written."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from kb.cli.main import main
from kb.database import now
from kb.editors import audit
from kb.editors.model import AuditEvent
from kb.observing.state import read_state
from kb.services import services_of
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk, make_token
from tests.editors.conftest import somebody

SIGN_IN = "/redactie/aanmelden"
LASTS = timedelta(days=90)


def acts(kb: KnowledgeBase, **filters: Any) -> list[tuple[str | None, str, str | None, str]]:
    with kb.database.reading() as session:
        listed = audit.entries(session, audit.Filters(**filters))
        return [(each.who, each.what, each.thing, each.outcome) for each in listed]


def test_signing_in_and_out_is_recorded(kb: KnowledgeBase) -> None:
    desk = Desk(kb.client, make_token(kb, "Anna", "editor", LASTS))

    desk.client.post(SIGN_IN, data={"token": "kb_verkeerd"})
    desk.sign_in()
    desk.sign_in()  # the session before ends

    assert acts(kb) == [
        ("operator", "token-created", "token 1 of Anna", "ok"),
        (None, "signed-in", "token", "refused"),
        ("Anna", "signed-in", "token 1", "ok"),
        ("Anna", "signed-in", "token 1", "ok"),
        ("Anna", "signed-out", None, "ok"),
    ]


def test_what_histories_have_is_read_and_not_written_twice(any_kb: KnowledgeBase) -> None:
    anna, piet = somebody(any_kb, "Anna", "editor"), somebody(any_kb, "Piet", "publisher")
    anna.create(a_case(id="tuin"))
    anna.review("tuin", "submit")
    piet.publish("tuin")

    assert acts(any_kb, thing="case:tuin") == [
        ("Anna", "saved", "case:tuin", "ok"),
        ("Anna", "submitted", "case:tuin", "ok"),
        ("Piet", "published", "case:tuin", "ok"),
    ]
    assert [each[1] for each in acts(any_kb, who="Piet")] == ["published"]
    with any_kb.database.reading() as session:
        written = set(session.scalars(select(AuditEvent.what)))
    assert written == {"token-created"}


def test_acts_are_filtered_by_time(kb: KnowledgeBase) -> None:
    at = now()
    with kb.database.transaction() as session:
        for days in (1, 2, 3):
            when = at - timedelta(days=days)
            audit.record(session, "exported", who="operator", at=when, thing=f"{days}")

    since, until = at - timedelta(days=2), at - timedelta(days=1)
    assert [each[2] for each in acts(kb)] == ["3", "2", "1"]
    assert [each[2] for each in acts(kb, since=since)] == ["2", "1"]
    assert [each[2] for each in acts(kb, until=until)] == ["3", "2"]


def test_what_is_older_than_was_set_is_deleted(kb: KnowledgeBase) -> None:
    at = now()
    with kb.database.transaction() as session:
        for days in (364, 366):
            when = at - timedelta(days=days)
            audit.record(session, "exported", who="operator", at=when, thing=f"{days}")

    with kb.database.transaction() as session:
        services_of(kb.app).background._forget_acts(session, at)

    assert [each[2] for each in acts(kb)] == ["364"]


def test_an_act_that_cannot_be_written_fails_nobody(
    kb: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    with kb.database.transaction() as session:
        session.execute(select(func.count()).select_from(AuditEvent))
        audit.record(session, "exported", who="operator", at=now())
        session.flush()  # this holds the lock
        with caplog.at_level(logging.WARNING, "kb.editors"):
            audit.note(kb.database, "workbook-exported", who="Anna", at=now())

    assert "could not be written to the audit log: workbook-exported" in caplog.text
    assert [each[1] for each in acts(kb)] == ["exported"]


def test_the_operator_reads_lines_of_json(kb: KnowledgeBase, tmp_path: Path) -> None:
    environment = {"KB_DATA_DIR": str(tmp_path)}

    def run(*words: str) -> str:
        outcome = CliRunner().invoke(main, words, env=environment, catch_exceptions=False)
        assert outcome.exit_code == 0, outcome.output
        return outcome.stdout

    token = run("token", "create", "--role", "editor", "--owner", "Anna de Wit").strip()
    run("token", "revoke", "1")
    run("partner", "add", "Gemeente", "--origin", "https://gemeente.example")
    cases = tmp_path / "cases.json"
    cases.write_text(json.dumps([a_case("tuin")]), "utf-8")
    run("import", str(cases), "--author", "Sanne", "--dry-run")
    run("import", str(cases), "--author", "Sanne")
    run("forget-address", "lezer@example.org")
    run("backup", str(tmp_path / "copy.backup"))
    lines = [json.loads(line) for line in run("audit", "list").splitlines()]
    today = f"{now():%Y-%m-%d}"

    assert [(line["who"], line["what"], line["thing"]) for line in lines] == [
        ("operator", "token-created", "token 1 of Anna de Wit"),
        ("operator", "token-revoked", "token 1 of Anna de Wit"),
        ("operator", "partner-added", "partner Gemeente"),
        ("Sanne", "saved", "case:tuin"),
        ("operator", "imported", "cases of Sanne"),
        ("operator", "address-forgotten", None),
        ("operator", "backed-up", None),
    ]
    assert "lezer@example.org" not in json.dumps(lines)
    assert lines[0].keys() == {"at", "who", "what", "thing", "outcome"}
    assert token not in json.dumps(lines)
    assert len(run("audit", "list", "--since", today, "--who", "operator").splitlines()) == 6
    assert run("audit", "list", "--until", today) == ""
    parts = services_of(kb.app)
    state = read_state(parts.database, parts.search, parts.settings)
    assert state.database
    assert state.database.backed_up_at
    assert now() - state.database.backed_up_at < timedelta(minutes=5)
