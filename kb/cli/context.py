"""What commands share: the application around their work, how errors end it, and progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

import click
from flask_babel import force_locale
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kb.app import create_app
from kb.cases.vocabulary import vocabulary_in
from kb.database import without_password
from kb.input_errors import MAX_ERRORS
from kb.migrations import steps
from kb.outage import outage_reason
from kb.services import Services, services_of
from kb.settings import Settings
from kb.sqlite_file import sqlite_path
from kb.vocabulary.terms import in_force
from schemas.text import is_invalid_text, normalise

MAX_NAME_LENGTH = 200  # characters
UPGRADE = "Is it there, and was it brought to this release with `kb db upgrade`?"
ADVICE: dict[str, str] = {  # what to do, by the kind of outage
    "away": "Is it there, may this user reach it, and is KB_DATABASE_URL right?",
    "busy": "Another holds it locked: try again in a while.",
    "damaged": "That is no database of ours, or a damaged one: `kb restore` brings a backup back.",
    "full": "Make room on its disk and try again.",
    "read-only": "Let this user write there (of SQLite: the file and its folder), and try again.",
    "not-upgraded": UPGRADE,
    "not-seeded": "It lacks terms of this release: bring them there with `kb seed`.",
}


class LenientConsole(Console):
    """Standard error; that nobody can read it (a full disk, a reader that left) stops no work."""

    def on_broken_pipe(self) -> None:
        """Go on."""

    def __exit__(self, *exception: Any) -> None:
        """Write what was printed, where that can be done."""
        with suppress(OSError):
            super().__exit__(*exception)


console = LenientConsole(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


class Name(click.ParamType[str]):
    """The name of a person or organisation, in the spelling that all names here have."""

    name = "name"

    def convert(
        self, value: str, param: click.Parameter | None, context: click.Context | None
    ) -> str:
        """The name on one line. Fails for what cannot be read, shown or stored."""
        if is_invalid_text(value):
            self.fail("this is no text in UTF-8; type it anew.", param, context)
        name = normalise(value, one_line=True)
        if not 0 < len(name) <= MAX_NAME_LENGTH:
            self.fail(f"give a name of 1 to {MAX_NAME_LENGTH} characters.", param, context)
        return name


@contextmanager
def application(settings: Settings) -> Iterator[Services]:
    """The parts of an application, inside its context and in English; closed at the end."""
    app = create_app(settings, serving=False)
    services = services_of(app)
    try:
        with app.app_context(), force_locale("en"), database_errors(settings):
            yield services
    finally:
        services.search.close()
        services.database.dispose()


@contextmanager
def knowledge_base(settings: Settings) -> Iterator[Services]:
    """The same, when the database has the tables of this release. Raises ClickException."""
    with application(settings) as services:
        url = services.database.engine.url
        if url.get_backend_name() == "sqlite" and not sqlite_path(url).exists():
            raise click.ClickException(
                f"There is no {sqlite_path(url)}; make it with `kb db upgrade`."
            )
        with services.database.reading() as session:
            _check_version(steps.version(session.connection()))
            vocabulary = vocabulary_in(session)
        with in_force(vocabulary):
            yield services


def _check_version(version: str | None) -> None:
    """Raise ClickException for tables of another release."""
    if version not in steps.versions():
        known = "There are no tables" if version is None else f"Tables of version {version}"
        newer = "" if version is None else " are of a newer release; run that"
        raise click.ClickException(f"{known}{newer or '; make them with `kb db upgrade`'}.")
    if version != steps.newest():
        raise click.ClickException(
            f"The tables are of an earlier release (version {version}, this release has "
            f"{steps.newest()}); make a backup and bring them here with `kb db upgrade`."
        )


@contextmanager
def database_errors(settings: Settings) -> Iterator[None]:
    """End the command with the reason when the database fails, without its password."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = outage_reason(error)
        if reason is None and not isinstance(error, DBAPIError):
            raise
        address, cause = without_password(settings.database_url), getattr(error, "orig", error)
        raise click.ClickException(
            f"{address} does not answer as it should ({cause}). {ADVICE[reason or 'not-upgraded']}"
        ) from error


def print_first(lines: Iterable[str]) -> None:
    """Print the first 100 lines, and how many more there are."""
    rest = iter(lines)
    for line in islice(rest, MAX_ERRORS):
        console.print(line)
    if more := sum(1 for _ in rest):
        console.print(f"… and {more} more.")


@contextmanager
def progress(noun: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar; when all are done it says that they are being saved, which takes a while too."""
    description = TextColumn("{task.description}")
    columns = (description, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(noun, total=None)

        def advance(done: int, total: int | None) -> None:
            label = f"{noun}: saving" if done == total else noun
            bar.update(task, completed=done, total=total, description=label)

        yield advance
