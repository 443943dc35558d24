"""Running it: serve · db · index · images · openapi."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import click

from kb.cli.context import application, console, database_errors, knowledge_base, progress
from kb.database import Database, now, without_password
from kb.editors import image_sweep
from kb.migrations import steps
from kb.observing.metrics_server import MetricsUnavailable
from kb.search import catch_up, consistency, copying
from kb.search.engine import IndexBusy, SearchEngine, SearchUnavailable
from kb.search.index.archive import ArchiveRefused
from kb.search.whoosh_engine import WhooshEngine
from kb.server import Server
from kb.settings import Settings

NO_INDEX = "There is no index that can be read; make it with `kb index rebuild`."


@click.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Serve the API and its pages until stopped."""
    with knowledge_base(settings):
        pass  # better to hear of it now than by each request
    if settings.log_format == "text":  # else all that comes is JSON; gunicorn says where it listens
        console.print(f"Serving on http://{settings.address} (stop with Ctrl-C)")
        if settings.metrics_port:
            console.print(f"Metrics on http://{settings.metrics_address}/metrics")
    try:
        Server(settings).run()
    except MetricsUnavailable as error:
        raise click.ClickException(
            f"Metrics cannot be served on {settings.metrics_address} ({error}); set another "
            "KB_METRICS_PORT or KB_METRICS_HOST."
        ) from None


@click.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Create the tables, or bring them to this release."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(
            f"The folder {settings.data_dir} cannot be made ({error.strerror}): make it and let "
            "this user write there, or set another KB_DATA_DIR."
        ) from error
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
        except (SearchUnavailable, OSError):
            raise click.ClickException(NO_INDEX) from None
    for key in drift.missing:
        console.print(f"missing: {key}")
    for key in drift.extra:
        console.print(f"should not be there: {key}")
    if drift.behind:
        console.print(f"changes not taken over yet: {drift.behind}")
    if drift:
        sys.exit(1)
    console.print("The index is level with the database.")


@index.command("save")
@click.argument("file", type=click.File("wb", atomic=True))
@click.pass_obj
def index_save(settings: Settings, file: IO[bytes]) -> None:
    """Write a copy of the index into FILE (- for standard output), for `kb index fetch`."""
    with knowledge_base(settings) as services, _index_errors():
        try:
            state = copying.save(_own_index(services.search), file)
        except SearchUnavailable:
            raise click.ClickException(NO_INDEX) from None
    console.print(f"The archive holds every change up to number {state.change}.")


@index.command("fetch")
@click.argument("file", type=click.File("rb"))
@click.pass_obj
def index_fetch(settings: Settings, file: IO[bytes]) -> None:
    """Take the index of another node over from FILE (- for standard input), then catch up.

    It takes seconds where making the index takes minutes. An archive of another release or another
    database is refused, and one that is damaged; the index is then what it was.
    """
    with knowledge_base(settings) as services, _index_errors():
        engine = _own_index(services.search)
        try:
            state = copying.fetch(services.database, engine, file)
        except ArchiveRefused as error:
            raise click.ClickException(
                f"The archive was not used: {error}. Save it anew on a node of this release, or "
                "make the index with `kb index rebuild`."
            ) from None
        change = catch_up.catch_up(services.database, engine)
    taken = "The index was there already" if state is None else "The index was taken over"
    console.print(f"{taken} and holds every change up to number {change}.")


def _own_index(engine: SearchEngine) -> WhooshEngine:
    """The index in the data folder. Raises ClickException where nodes share a cluster."""
    if not isinstance(engine, WhooshEngine):
        raise click.ClickException("KB_SEARCH_URL is set: all nodes share that index already.")
    return engine


@contextmanager
def _index_errors() -> Iterator[None]:
    """End the command with the reason when the index cannot be written."""
    try:
        yield
    except IndexBusy as error:
        raise click.ClickException(f"The index is in use: {error}. Try again.") from None
    except SearchUnavailable as error:
        raise click.ClickException(f"The index cannot be written now: {error}.") from None
    except OSError as error:
        raise click.ClickException(
            f"The index could not be written ({error}); the database is whole. Make room where the "
            "index lives, or let this user write there, and try again."
        ) from error


@click.group()
def images() -> None:
    """The images of cases."""


@images.command("sweep")
@click.pass_obj
def images_sweep(settings: Settings) -> None:
    """Remove the files of images that no text has any more, and has not had for a week."""
    with knowledge_base(settings) as services:
        forgotten, removed = image_sweep.sweep(services.database, settings.images_path, now())
    console.print(f"{forgotten} images forgotten, {removed} files removed.")


@click.command()
@click.pass_obj
def openapi(settings: Settings) -> None:
    """Print the OpenAPI document."""
    with application(settings) as services:
        click.echo(json.dumps(services.api_document(), ensure_ascii=False, indent=2))
