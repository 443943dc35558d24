"""What readers tell the operator: report plan-checks · searches."""

from __future__ import annotations

from datetime import timedelta

import click

from kb.cli.context import console, knowledge_base
from kb.database import now
from kb.decisions.plan_checks.queries import rejections
from kb.decisions.plan_checks.rules import rules
from kb.search.unmet.queries import MIN_ASKERS, most_wanted
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


@report.command("searches")
@click.option("--days", type=click.IntRange(1, 365), default=90, show_default=True)
@click.pass_obj
def report_searches(settings: Settings, days: int) -> None:
    """Tell what visitors looked for and did not find, the most wanted first."""
    since = (now() - timedelta(days=days)).date()
    with knowledge_base(settings) as services, services.database.reading() as session:
        rows = most_wanted(session, since)
        for each in rows:
            click.echo(f"{each.askers}\t{each.words}\tlast {each.last_day:%Y-%m-%d}")
    if not settings.search_report:
        console.print("Nothing is counted now: KB_SEARCH_REPORT is off.")
    if not rows:
        console.print(f"Nothing that {MIN_ASKERS} visitors looked for on one day was missing.")
