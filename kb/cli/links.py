"""The addresses in published texts: links check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from filelock import FileLock, Timeout

from kb.cli.context import console, knowledge_base
from kb.database import now
from kb.editors.link_checks import queries, run
from kb.editors.link_checks.checker import PRODUCT, LinkChecker, Pace
from kb.editors.link_checks.client import LinkClient, is_public
from kb.editors.link_checks.model import LinkCheck
from kb.settings import Settings
from kb.web.headers import API_VERSION

ORDER = ("ok", "redirected", "failing", "gone", "refused", "postponed")


@click.group()
def links() -> None:
    """Look whether the addresses in published texts still answer."""


@links.command()
@click.option("--limit", type=click.IntRange(min=1), help="Check so many addresses at most.")
@click.option(
    "--older-than",
    "days",
    type=click.IntRange(0, 3650),
    default=7,
    show_default=True,
    help="Leave alone what was checked in so many days; what fails is checked after three.",
)
@click.option(
    "--pause",
    type=click.FloatRange(0, 3600),
    default=2.0,
    show_default=True,
    help="Seconds between two requests to the same website.",
)
@click.option("--url", "urls", multiple=True, help="Check this address now; may be repeated.")
@click.option("--allow-loopback", is_flag=True, hidden=True)  # for tests with a server here
@click.pass_obj
def check(
    settings: Settings,
    limit: int | None,
    days: int,
    pause: float,
    urls: tuple[str, ...],
    allow_loopback: bool,
) -> None:
    """Ask every http(s) address in published texts whether it is still there; slow and polite."""
    for url in urls:
        if not url.lower().startswith(("http://", "https://")):
            raise click.BadParameter(f"{url!r} does not begin with http:// or https://.")
    checker = LinkChecker(_client(settings, allow_loopback), Pace(pause))
    with knowledge_base(settings) as services, _only_run(settings):
        database = services.database
        database.write(queries.forget_uncited)
        with database.reading() as session:
            due = run.due_links(session, older_than=timedelta(days=days), at=now())
        chosen = list(urls or due)[:limit]
        counts = run.check_links(database, checker, chosen, _print)
    totals = ", ".join(f"{counts[name]} {name}" for name in ORDER if counts[name])
    console.print(f"Links: {totals or 'none is due'}.")
    if counts["gone"]:
        raise click.exceptions.Exit(1)


@contextmanager
def _only_run(settings: Settings) -> Iterator[None]:
    """Keep a second run from asking the same hosts meanwhile. Raises ClickException."""
    try:
        with FileLock(settings.data_dir / "links.lock", timeout=0):
            yield
    except Timeout:
        raise click.ClickException("Another `kb links check` is at it.") from None


def _client(settings: Settings, allow_loopback: bool) -> LinkClient:
    """A client that says whose it is."""
    contact = "; ".join(filter(None, (f"+{settings.public_url}", settings.contact_email)))
    allowed = (lambda _address: True) if allow_loopback else is_public
    return LinkClient(f"{PRODUCT}/{API_VERSION} ({contact})", may_connect=allowed)


def _print(check: LinkCheck) -> None:
    """Say what needs attention."""
    if check.state != "ok":
        status = f" {check.http_status}" if check.http_status else ""
        target = f" → {check.moved_to}" if check.moved_to else ""
        console.print(f"{check.state} ({check.reason}{status}): {check.url}{target}")
