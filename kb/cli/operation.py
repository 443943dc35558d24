"""Running it: serve · db · index · backup · restore · openapi."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from kb import backup as backups
from kb.cli.context import application, console, database_errors, knowledge_base, progress
from kb.database import Database, without_password
from kb.migrations import steps
from kb.search import catch_up, consistency
from kb.search.engine import IndexBusy, SearchUnavailable
from kb.server import Server
from kb.settings import Settings


@click.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Serve the API and its pages until stopped."""
    with knowledge_base(settings):
        pass  # better to hear of it now than by each request
    console.print(f"Serving on http://{settings.address} (stop with Ctrl-C)")
    Server(settings).run()


@click.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Create the tables, or bring them to this release."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    with database_errors(settings):
        try:
            steps.upgrade(database)
        except (steps.NewerDatabase, OSError) as error:
            address = without_password(settings.database_url)
            raise click.ClickException(f"{address}: {error}") from None
    database.dispose()
    console.print(f"The tables are up to date: {without_password(settings.database_url)}")


@click.group()
def index() -> None:
    """The search index, a copy of the database."""


@index.command("catch-up")
@click.pass_obj
def index_catch_up(settings: Settings) -> None:
    """Take over the changes that the index does not hold yet."""
    with knowledge_base(settings) as services, _index_errors():
        change = catch_up.catch_up(services.database, services.search)
    console.print(f"The index holds every change up to number {change}.")


@index.command("rebuild")
@click.pass_obj
def index_rebuild(settings: Settings) -> None:
    """Make the index anew; the old one answers until it is done."""
    with knowledge_base(settings) as services, _index_errors(), progress("Documents") as advance:
        change = catch_up.rebuild(services.database, services.search, advance)
    console.print(f"The index was made anew and holds every change up to number {change}.")


@index.command("check")
@click.pass_obj
def index_check(settings: Settings) -> None:
    """Compare the index with the database; exit code 1 when they differ."""
    with knowledge_base(settings) as services:
        try:
            drift = consistency.check(services.database, services.search)
        except SearchUnavailable:
            raise click.ClickException("There is no index that can be read.") from None
    for key in drift.missing:
        console.print(f"missing: {key}")
    for key in drift.extra:
        console.print(f"should not be there: {key}")
    if drift.behind:
        console.print(f"changes not taken over yet: {drift.behind}")
    if drift:
        sys.exit(1)
    console.print("The index is level with the database.")


@contextmanager
def _index_errors() -> Iterator[None]:
    """End the command with the reason when the index cannot be written."""
    try:
        yield
    except IndexBusy as error:
        raise click.ClickException(f"The index is in use: {error}. Try again.") from None
    except OSError as error:
        raise click.ClickException(
            f"The index could not be written ({error}); the database is whole. Make room where the "
            "index lives, or let this user write there, and try again."
        ) from error


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Copy the whole database into FILE, while others go on; the index is not in it."""
    with _backup_errors():
        backups.backup(settings.database_url, file)
    console.print(f"Written and checked: {file} ({file.stat().st_size / 2**20:.1f} MiB)")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask before what is there now is replaced.")
@click.pass_context
def restore(context: click.Context, file: Path, *, yes: bool) -> None:
    """Make the database what it was in FILE, bring it to this release and rebuild the index.

    Until all of it is checked, the database stays as it is. Servers may go on meanwhile.
    """
    settings: Settings = context.obj
    if not yes:
        address = without_password(settings.database_url)
        click.confirm(f"Replace everything in {address}?", abort=True)
    with _backup_errors():
        backups.restore(settings.database_url, file)
    console.print(f"Restored and checked: {file}. Servers that run read it from now on.")
    try:
        context.invoke(index_rebuild)
    except click.ClickException as error:
        raise click.ClickException(
            f"The database was restored, but not the index: {error.message} Servers make it anew "
            "by themselves; `kb index rebuild` does so now."
        ) from None


@contextmanager
def _backup_errors() -> Iterator[None]:
    try:
        yield
    except backups.BackupFailed as error:
        raise click.ClickException(str(error)) from None


@click.command()
@click.pass_obj
def openapi(settings: Settings) -> None:
    """Print the OpenAPI document."""
    with application(settings) as services:
        click.echo(json.dumps(services.api_document(), ensure_ascii=False, indent=2))
