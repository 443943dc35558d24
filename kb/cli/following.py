"""Following by e-mail: digest · forget-address."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from kb.cli.context import console, knowledge_base
from kb.database import now
from kb.editors import audit
from kb.search.engine import SearchUnavailable
from kb.settings import Settings
from kb.sharing import subscriptions
from kb.sharing.address_seal import AddressSeal
from kb.sharing.digest import Run, send_digests
from kb.sharing.mail import MailServer


@click.command()
@click.pass_obj
def digest(settings: Settings) -> None:
    """Send who follows a list by e-mail what is new in it; at most once a week to each."""
    if not settings.sends_mail:
        raise click.ClickException("Nobody follows by e-mail: set KB_SMTP_HOST and KB_MAIL_FROM.")
    with knowledge_base(settings) as services, MailServer(settings) as server:
        try:
            outcomes = send_digests(
                Run(settings, services.database, services.search, server, now())
            )
        except SearchUnavailable as error:
            raise click.ClickException(f"The index cannot be read: {error}") from None
    counts = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())
    console.print(f"E-mails: {counts or 'nobody is waiting for one'}.")
    if outcomes["not-sent"] or outcomes["broken"]:
        raise click.exceptions.Exit(1)


@click.command("forget-address")
@click.argument("address")
@click.pass_obj
def forget_address(settings: Settings, address: str) -> None:
    """Delete an e-mail address with all that it follows: who asks for it, or whose mail bounces."""
    with knowledge_base(settings) as services:
        seal = AddressSeal.of_file(settings.mail_key_path)

        def forget(session: Session) -> int:
            audit.record(session, "address-forgotten", who=audit.OPERATOR, at=now())
            return subscriptions.forget(session, seal, address.strip())

        gone = services.database.write(forget)
    console.print(f"Forgotten; it followed {gone}.")
