"""Who may write, who shows our content, and what readers send in: token · partner · notes."""

from __future__ import annotations

from datetime import timedelta

import click
from sqlalchemy.orm import Session

from kb.cli.context import Name, console, knowledge_base
from kb.database import now
from kb.decisions.practice_notes import workflow as practice_notes
from kb.editors import access, audit
from kb.editors.model import ROLES
from kb.settings import Settings
from kb.sharing import partners
from schemas.text import normalise


@click.group()
def token() -> None:
    """The tokens of editors, who write over HTTP."""


@token.command("create")
@click.option("--role", type=click.Choice(ROLES), required=True, help="A publisher does it all.")
@click.option(
    "--owner", type=Name(), required=True, help="Whose it is: the author of what they write."
)
@click.option(
    "--expires", "lasts", default="90d", show_default=True, help="After days (90d), weeks, years."
)
@click.pass_obj
def token_create(settings: Settings, role: str, owner: str, lasts: str) -> None:
    """Make a token and print it, once: only its hash is kept."""
    period = access.parse_period(lasts)
    if period is None:
        raise click.BadParameter(
            "give a number and d, w or y, such as 90d.", param_hint="--expires"
        )
    if owner.lower() in access.RESERVED_OWNERS:
        raise click.BadParameter("this name cannot be used.", param_hint="--owner")
    with knowledge_base(settings) as services, services.database.transaction() as session:
        text = access.create_token(session, owner=owner, role=role, at=now(), lasts=period)
    click.echo(text)
    console.print("This is the only time that it is shown. Send it as “Authorization: Bearer …”.")


@token.command("list")
@click.pass_obj
def token_list(settings: Settings) -> None:
    """Tell of every token whose it is, its role, until when, and when it was last used."""
    with knowledge_base(settings) as services, services.database.reading() as session:
        for each in access.list_tokens(session):
            ends = each.revoked_at or each.expires_at
            word = "revoked" if each.revoked_at else "expires" if ends > now() else "expired"
            used = f"{each.last_used_at:%Y-%m-%d %H:%M}" if each.last_used_at else "never"
            click.echo(f"{each.id}\t{each.role}\t{each.owner}\t{word} {ends:%Y-%m-%d}\tused {used}")


@token.command("revoke")
@click.argument("number", type=int)
@click.pass_obj
def token_revoke(settings: Settings, number: int) -> None:
    """End the token with this NUMBER (see `kb token list`) at once."""
    with knowledge_base(settings) as services, services.database.transaction() as session:
        revoked = access.revoke_token(session, number, now())
    if revoked is None:
        raise click.ClickException(f"There is no token number {number}.")
    console.print(f"Revoked: token {number} of {revoked.owner}.")


@click.group()
def partner() -> None:
    """The websites that show our content, by name."""


@partner.command("add")
@click.argument("name", type=Name())
@click.option("--origin", "origins", multiple=True, required=True, help="https://www.example.nl")
@click.pass_obj
def partner_add(settings: Settings, name: str, origins: tuple[str, ...]) -> None:
    """Register the website NAME, or give it another origin: it may frame us, and is counted."""
    with knowledge_base(settings) as services:
        try:
            with services.database.transaction() as session:
                registered = partners.add(session, name, origins, now())
                _record(session, "partner-added", registered.name)
                listed = ", ".join(each.origin for each in registered.origins)
        except partners.PartnerRefused as error:
            raise click.ClickException(str(error)) from None
    console.print(f"{registered.name}: {listed}")


def _record(session: Session, what: str, name: str) -> None:
    thing = f"partner {name}"
    audit.record(session, what, who=audit.OPERATOR, at=now(), thing=thing)


@partner.command("list")
@click.pass_obj
def partner_list(settings: Settings) -> None:
    """Tell of every partner since when, and its origins."""
    with knowledge_base(settings) as services, services.database.reading() as session:
        for each in partners.all_partners(session):
            origins = " ".join(one.origin for one in each.origins)
            click.echo(f"{each.name}\t{each.added_at:%Y-%m-%d}\t{origins}")


@partner.command("usage")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
@click.pass_obj
def partner_usage(settings: Settings, days: int) -> None:
    """Tell how many requests came from the pages of each partner, per day (UTC)."""
    since = (now() - timedelta(days=days - 1)).date()
    with knowledge_base(settings) as services, services.database.reading() as session:
        for each in partners.usage(session, since):
            click.echo(f"{each.day}\t{each.requests}\t{each.name}")


@partner.command("remove")
@click.argument("name", type=Name())
@click.pass_obj
def partner_remove(settings: Settings, name: str) -> None:
    """Forget the website NAME and its use."""
    with knowledge_base(settings) as services, services.database.transaction() as session:
        former = (each.name for each in partners.all_partners(session))  # maybe in another spelling
        spelt = next((each for each in former if normalise(each, one_line=True) == name), name)
        if not partners.remove(session, spelt):
            raise click.ClickException(f"There is no partner {name!r}.")
        _record(session, "partner-removed", spelt)
    console.print(f"Removed: {name}")


@click.group()
def notes() -> None:
    """What people from practice sent in; publishers decide over HTTP."""


@notes.command("forget")
@click.pass_obj
def notes_forget(settings: Settings) -> None:
    """Delete what was kept for 90 days: e-mail addresses, and notes that were rejected.

    A server that runs does so every hour by itself.
    """
    with knowledge_base(settings) as services, services.database.transaction() as session:
        number = practice_notes.forget(session, now())
    console.print(f"Notes in which something was deleted: {number}.")
