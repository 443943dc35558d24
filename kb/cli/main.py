"""`kb`: the settings are read here, and every command is registered."""

from __future__ import annotations

import logging

import click

from kb.cli import (
    access,
    audit,
    backups,
    content,
    following,
    links,
    operation,
    reports,
    signed_in,
)
from kb.observing import logs
from kb.settings import BadSetting, Settings, slips

log = logging.getLogger("kb.settings")


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Run the knowledge base: `make help` and README.md tell where to begin."""
    try:
        context.obj = settings = Settings.from_environment()
    except BadSetting as error:
        raise click.ClickException(str(error)) from None
    logs.configure(settings.log_format)
    for slip in slips():
        log.warning(slip)


@main.command()
@click.pass_context
def prepare(context: click.Context) -> None:
    """Upgrade the tables, take over the seed and bring the index up to date, before serving."""
    for command in (operation.upgrade, content.seed, operation.index_catch_up):
        context.invoke(command)


for command in (
    *(operation.serve, content.seed, content.import_, content.export),
    *(following.digest, following.forget_address),
    links.links,
    *(access.token, access.partner, access.notes, reports.report),
    *(signed_in.session, signed_in.account, audit.audit),
    *(operation.db, operation.index, operation.images),
    *(backups.backup, backups.restore, operation.openapi),
):
    main.add_command(command)
