"""What readers tell the operator: report plan-checks."""

from __future__ import annotations

import click

from kb.cli.context import console, knowledge_base
from kb.decisions.plan_checks.queries import rejections
from kb.decisions.plan_checks.rules import rules
from kb.settings import Settings


@click.group()
def report() -> None:
    """What readers tell, counted."""


@report.command("plan-checks")
@click.pass_obj
def report_plan_checks(settings: Settings) -> None:
    """Tell how often readers answered “not so” to each rule, and about what; the most first."""
    with knowledge_base(settings) as services, services.database.reading() as session:
        rows = rejections(session)
        for each in rows:
            rule = rules().by_id.get(each.rule)
            age = "" if rule and rule.version == each.rule_version else "\tan earlier version"
            click.echo(
                f"{each.number}\t{each.rule} {each.rule_version}\t{each.about}"
                f"\tlast {each.last_day:%Y-%m-%d}{age}"
            )
    if not rows:
        console.print("Nobody has rejected a remark yet.")
