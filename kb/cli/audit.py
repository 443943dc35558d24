"""Who did what, for the operator: audit list."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from kb.cli.context import Name, knowledge_base
from kb.database import format_utc
from kb.editors.audit import Filters, entries
from kb.settings import Settings

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])


@click.group()
def audit() -> None:
    """Who did what: editors, publishers and the operator."""


@audit.command("list")
@click.option("--since", type=MOMENT, help="From this day or moment (UTC) on.")
@click.option("--until", type=MOMENT, help="Before this day or moment (UTC).")
@click.option("--who", type=Name(), help="An author, or operator.")
@click.option("--thing", help="As case:tuin, or “token 3”.")
@click.pass_obj
def audit_list(
    settings: Settings,
    since: datetime | None,
    until: datetime | None,
    who: str | None,
    thing: str | None,
) -> None:
    """Print every act as a line of JSON, the oldest first; texts and notes are not in it."""
    filters = Filters(_utc(since), _utc(until), who, thing)
    with knowledge_base(settings) as services, services.database.reading() as session:
        for each in entries(session, filters):
            line = {**each._asdict(), "at": format_utc(each.at)}
            click.echo(json.dumps(line, ensure_ascii=False))


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)
