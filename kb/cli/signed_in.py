"""Who signs in with a browser: session · account."""

from __future__ import annotations

import click

from kb.cli.context import Name, console, knowledge_base
from kb.database import now
from kb.editors import audit, sessions
from kb.editors.openid import accounts
from kb.settings import Settings


@click.group()
def session() -> None:
    """The sessions of editors who signed in with a browser."""


@session.command("list")
@click.pass_obj
def session_list(settings: Settings) -> None:
    """Tell of every session that is in force whose it is, by what, since when and until when."""
    with knowledge_base(settings) as services, services.database.reading() as reading:
        for each in sessions.all_open(reading, now()):
            began, ends = f"{each.created_at:%Y-%m-%d %H:%M}", f"{each.ends_at:%Y-%m-%d %H:%M}"
            who = f"{each.editor.role}\t{each.editor.owner}\t{each.origin}"
            click.echo(f"{each.id}\t{who}\tsince {began}\tends {ends}")


@session.command("revoke")
@click.argument("number", type=int, required=False)
@click.option("--owner", type=Name(), help="All sessions of this person, by whatever they began.")
@click.pass_obj
def session_revoke(settings: Settings, number: int | None, owner: str | None) -> None:
    """End the session with this NUMBER (see `kb session list`), or all of one person, at once.

    Who may still sign in can begin another: end a token with `kb token revoke`, an account at the
    organisation.
    """
    if (number is None) == (owner is None):
        raise click.UsageError("give a NUMBER or --owner.")
    with knowledge_base(settings) as services, services.database.transaction() as writing:
        chosen = [
            each.id
            for each in sessions.all_open(writing, now())
            if each.id == number or each.editor.owner == owner
        ]
        sessions.revoke(writing, chosen, now())
    if not chosen:
        raise click.ClickException("There is no such session.")
    console.print(f"Revoked: {len(chosen)}.")


@click.group()
def account() -> None:
    """The accounts of editors who sign in at their organisation (OpenID Connect)."""


@account.command("list")
@click.pass_obj
def account_list(settings: Settings) -> None:
    """Tell of every account which author it is here, and who it is there."""
    with knowledge_base(settings) as services, services.database.reading() as reading:
        for each in accounts.all_accounts(reading):
            used = f"{each.signed_in_at:%Y-%m-%d %H:%M}"
            click.echo(f"{each.id}\t{each.owner}\t{each.issuer}\t{each.subject}\tused {used}")


@account.command("link")
@click.argument("number", type=int)
@click.option("--owner", type=Name(), required=True, help="The author that they are already.")
@click.pass_obj
def account_link(settings: Settings, number: int, owner: str) -> None:
    """Make the account with this NUMBER the same author as a token of this OWNER.

    Do so before they write anything with the account: then it is refused.
    """
    with knowledge_base(settings) as services, services.database.transaction() as writing:
        try:
            linked = accounts.link(writing, number, owner)
            thing = f"account {number} as {owner}"
            audit.record(writing, "account-linked", who=audit.OPERATOR, at=now(), thing=thing)
        except accounts.AccountRefused as error:
            raise click.ClickException(str(error)) from None
    if linked is None:
        raise click.ClickException(f"There is no account number {number}.")
    console.print(f"Account {number} is {linked.owner} from now on.")
