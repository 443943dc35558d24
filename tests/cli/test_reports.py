"""What readers tell the operator."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kb.database import Database
from kb.decisions.plan_checks.queries import count_rejection
from kb.decisions.plan_checks.rules import Rule, rules
from tests.cli.commands import Run, succeeded


def test_rejected_remarks_are_reported_the_most_first(
    run: Run, prepared: None, tmp_path: Path
) -> None:
    assert "Nobody" in succeeded(run("report", "plan-checks"))
    database = Database(f"sqlite:///{tmp_path}/var/kb.sqlite3")
    rule = rules().by_id["vraag-wie-meet"]
    day = date(2026, 11, 29)
    with database.transaction() as session:
        for each, about in ((rule, "wie-meet"), (rule, "wie-meet"), (Rule("oud", 1), "x")):
            count_rejection(session, each, about, day)
    database.dispose()

    result = run("report", "plan-checks")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"2\tvraag-wie-meet {rule.version}\twie-meet\tlast 2026-11-29",
        "1\toud 1\tx\tlast 2026-11-29\tan earlier version",
    ]
