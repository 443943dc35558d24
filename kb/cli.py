"""The side door: serve · seed · import · export · token · backup · restore · index · db · …"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from importlib import resources
from itertools import islice
from pathlib import Path

import click
from flask import Flask
from flask_babel import force_locale
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kb import backup
from kb.app import create_app
from kb.database import Database, now, place, without_password
from kb.editors import (
    access,
    advice,
    codebook,
    csv_export,
    export,
    intake,
    rows,
    seed,
    seed_files,
    spreadsheet,
)
from kb.editors.model import ROLES
from kb.migrations import steps
from kb.outage import reason_of
from kb.problems import MOST_ERRORS, Mistake
from kb.search import catch_up
from kb.search.engine import IndexBusy, SearchEngine, SearchUnavailable
from kb.server import Server
from kb.services import services_of
from kb.settings import BadSetting, Settings
from kb.sharing import partners
from kb.web.errors import mistake_text
from schemas.text import is_no_text, normalise

LONGEST_NAME = 200  # characters
say = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


class Name(click.ParamType[str]):
    """The name of a person or organisation, in the spelling that all names here have."""

    name = "name"

    def convert(
        self, value: str, param: click.Parameter | None, context: click.Context | None
    ) -> str:
        """The name on one line. Fails for what cannot be read, shown or stored."""
        if is_no_text(value):
            self.fail("this is no text in UTF-8; type it anew.", param, context)
        name = normalise(value, one_line=True)
        if not 0 < len(name) <= LONGEST_NAME:
            self.fail(f"give a name of 1 to {LONGEST_NAME} characters.", param, context)
        return name


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Run the knowledge base: `make help` and README.md tell where to begin."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        context.obj = Settings.from_environment()
    except BadSetting as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Serve the API and its pages until stopped."""
    with _knowledge_base(settings):
        pass  # better to hear of it now than by each request
    say.print(f"Serving on http://{settings.address} (stop with Ctrl-C)")
    Server(settings).run()


def _check_version(version: str | None) -> None:
    """Refuse tables of another release."""
    if version not in steps.versions():
        known = "There are no tables" if version is None else f"Tables of version {version}"
        newer = "" if version is None else " are of a newer release; run that"
        raise click.ClickException(f"{known}{newer or '; make them with `kb db upgrade`'}.")
    if version != steps.newest():
        raise click.ClickException(
            f"The tables are of an earlier release (version {version}, this release has "
            f"{steps.newest()}); make a backup and bring them here with `kb db upgrade`."
        )


@main.command("seed")
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.pass_obj
def take_seed(settings: Settings, folder: Path | None, *, dry_run: bool = False) -> None:
    """Take over the cases, studies, questions and terms of FOLDER (the ones of this release)."""
    with _knowledge_base(settings) as app:
        folder = folder or Path(str(resources.files("seed_data")))
        try:
            files = seed_files.read_folder(folder)
        except seed_files.BrokenFiles as broken:
            _print_first(
                f"{path}: {pointer or '/'}: {_with_suggestion(mistake)}"
                for path, pointer, mistake in broken.found
            )
            raise click.ClickException(
                f"Mistakes in the files: {len(broken.found)}. Nothing was changed."
            ) from None
        try:
            with _progress("Cases") as advance:
                report = seed.seed(_database(app), files, advance, dry_run=dry_run)
        except seed.TermsInUse as error:
            for key, users in error.used.items():
                say.print(f"{folder / 'terms'}: {key} has gone, but is used by {', '.join(users)}")
            raise click.ClickException(f"{error}; nothing was changed.") from None
    _print_first(
        f"{path}: {at}: saved as “{advice.shortened(text)}”" for path, at, text in files.respelt
    )
    for slug in report.left_alone:
        say.print(f"Left alone, editors have worked on it: {slug}")
    say.print(
        f"{len(report.created)} created, {len(report.updated)} updated, "
        f"{len(report.withdrawn)} withdrawn, {len(report.unchanged)} unchanged, "
        f"{len(report.left_alone)} left alone."
        f"{' Nothing was changed: this was a dry run.' if dry_run else ''}"
    )


def _with_suggestion(mistake: Mistake) -> str:
    return mistake_text(mistake) + (f" → {mistake.suggestion}" if mistake.suggestion else "")


def _print_first(lines: Iterable[str]) -> None:
    """Print as many lines as people read, and how many more there are."""
    rest = iter(lines)
    for line in islice(rest, MOST_ERRORS):
        say.print(line)
    if more := sum(1 for _ in rest):
        say.print(f"… and {more} more.")


def _lines(path: Path) -> Iterator[rows.Told]:
    with path.open("rb") as file:  # line by line: it may be large
        yield from rows.from_lines(file)


READERS: Mapping[str, Callable[[Path], Iterable[rows.Told]]] = {  # by the ending of a file
    ".json": lambda path: rows.from_json(path.read_bytes()),
    ".ndjson": _lines,
    ".jsonl": _lines,
    ".csv": lambda path: _table(path, spreadsheet.read_csv(path.read_bytes())),
    ".xlsx": lambda path: _table(path, spreadsheet.read_xlsx(path.read_bytes())),
}


def _table(path: Path, table: spreadsheet.Table) -> Iterable[rows.Told]:
    """The rows of a table, after telling how it was read."""
    delimiter = {"\t": "tab"}.get(table.delimiter or "", table.delimiter)
    read = (f"sheet “{table.sheet}”" if table.sheet else None, table.encoding, delimiter)
    say.print(f"{path}: read as {', '.join([table.format, *filter(None, read)])}")
    return table.rows


@main.command("import")
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1)
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.option("--publish", is_flag=True, help="Publish; needs KB_FOUR_EYES=off.")
@click.option(
    "--author", type=Name(), default="import", show_default=True, help="Whose drafts they become."
)
@click.option("--codebook", "tell", is_flag=True, help="Print the columns of a CSV file instead.")
@click.pass_obj
def take_import(
    settings: Settings,
    files: tuple[Path, ...],
    *,
    dry_run: bool,
    publish: bool,
    author: str,
    tell: bool,
) -> None:
    """Import the cases in FILES (.json, .ndjson, .csv, .xlsx) as drafts.

    What a file leaves out stays as it is. One case that is wrong harms no other, and importing the
    same again changes nothing. Exit code 1 when one is rejected.
    """
    if tell:
        with _application(settings):
            click.echo(codebook.codebook("nl"), nl=False)
        return
    _check_files(files)
    if publish and settings.four_eyes:
        raise click.ClickException("Publishing without another's approval needs KB_FOUR_EYES=off.")
    where: list[tuple[Path, int]] = []  # of each row: its file, and its number there
    with _knowledge_base(settings) as app:
        with _progress("Cases") as advance:
            report = intake.take(
                _database(app),
                _numbered(files, where),
                author=author,
                publish=publish,
                dry_run=dry_run,
                progress=lambda done: advance(done, None),
            )
        _tell_rows(report.rows, where)
        totals = ", ".join(f"{number} {outcome}" for outcome, number in report.totals.items())
        say.print(f"{totals}.{' Nothing was changed: this was a dry run.' if dry_run else ''}")
        if publish and not dry_run:
            _index_the_import(app)
    if report.totals["rejected"]:
        sys.exit(1)


def _index_the_import(app: Flask) -> None:
    say.print("Bringing the index up to date …")
    try:
        catch_up.catch_up(_database(app), _engine(app))
    except IndexBusy:  # a serving process was there first, and takes over the rest too
        say.print("Another process is at it already.")


def _check_files(files: tuple[Path, ...]) -> None:
    if not files:
        raise click.UsageError("Name the files.")
    for path in files:
        if path.suffix.lower() not in READERS:
            raise click.UsageError(f"{path}: the name must end in {', '.join(READERS)}.")


def _tell_rows(done: Sequence[intake.Row], where: list[tuple[Path, int]]) -> None:
    """What is wrong, has changed or is spelt otherwise, by file and row; mistakes only at first."""
    left = MOST_ERRORS
    for row in done:
        path, number = where[row.number]
        place = f"{path}:{number}: {row.id or '?'}"
        for pointer, mistake in row.errors[:left]:
            cell = row.cells.get(pointer)
            of = f" ({cell.column}{cell.row}, “{cell.header}”: “{cell.value}”)" if cell else ""
            say.print(f"{place}: {pointer or '/'}{of}: {_with_suggestion(mistake)}")
        left -= min(left, len(row.errors))
        for change in row.changes:
            before, after = (json.dumps(each, ensure_ascii=False) for each in change[1:])
            say.print(f"{place}: {change.key}: {before} → {after}")
        for pointer, text in row.respelt:
            say.print(f"{place}: {pointer}: saved as “{advice.shortened(text)}”")
    if (more := sum(row.error_count for row in done) - MOST_ERRORS) > 0:
        say.print(f"… and {more} more mistakes.")


def _numbered(files: Iterable[Path], where: list[tuple[Path, int]]) -> Iterator[rows.Told]:
    """The rows of all files, by their place in `where`, which tells where they came from."""
    for path in files:
        for number, told in READERS[path.suffix.lower()](path):
            where.append((path, number))
            yield len(where) - 1, told


@main.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "csv"]),
    default="json",
    show_default=True,
    help="csv: the cases, as a table that `kb import` reads.",
)
@click.pass_obj
def write_export(settings: Settings, folder: Path | None, form: str) -> None:
    """Write everything that is public into FOLDER, as the files that `kb seed` reads.

    Files that an earlier export wrote there, of what is no longer public, are removed. With
    --format csv only the cases, in FOLDER/cases.csv or, without FOLDER, on standard output.
    """
    if folder is None and form == "json":
        raise click.UsageError("Name the folder to write into.")
    with _knowledge_base(settings) as app:
        try:
            if folder is None:
                for line in csv_export.table(_database(app)):
                    click.echo(line.encode(), nl=False)
            elif form == "csv":
                _write_table(_database(app), folder / "cases.csv")
            else:
                _write_files(_database(app), folder)
        except OSError as error:
            raise click.ClickException(f"{folder} could not be written: {error}") from None


def _write_table(database: Database, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_export.table(database))
    say.print(f"{path}")


def _write_files(database: Database, folder: Path) -> None:
    written = export.export(database, folder)
    for name in written.removed:
        say.print(f"Removed, it is no longer public: {folder / name}")
    for name in written.left:
        say.print(f"Not of this export, and left as it is: {folder / name}")
    say.print(f"{len(written.files)} files in {folder}")


@main.group()
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
    period = access.period(lasts)
    if period is None:
        raise click.BadParameter(
            "give a number and d, w or y, such as 90d.", param_hint="--expires"
        )
    if owner.lower() in access.RESERVED:
        raise click.BadParameter("this name cannot be used.", param_hint="--owner")
    with _knowledge_base(settings) as app, _database(app).transaction() as session:
        text = access.create(session, owner=owner, role=role, at=now(), lasts=period)
    click.echo(text)
    say.print("This is the only time that it is shown. Send it as “Authorization: Bearer …”.")


@token.command("list")
@click.pass_obj
def token_list(settings: Settings) -> None:
    """Tell of every token whose it is, its role, until when, and when it was last used."""
    with _knowledge_base(settings) as app, _database(app).reading() as session:
        for each in access.every(session):
            ends = each.revoked_at or each.expires_at
            word = "revoked" if each.revoked_at else "expires" if ends > now() else "expired"
            used = f"{each.last_used_at:%Y-%m-%d %H:%M}" if each.last_used_at else "never"
            click.echo(f"{each.id}\t{each.role}\t{each.owner}\t{word} {ends:%Y-%m-%d}\tused {used}")


@token.command("revoke")
@click.argument("number", type=int)
@click.pass_obj
def token_revoke(settings: Settings, number: int) -> None:
    """End the token with this NUMBER (see `kb token list`) at once."""
    with _knowledge_base(settings) as app, _database(app).transaction() as session:
        ended = access.revoke(session, number, now())
    if ended is None:
        raise click.ClickException(f"There is no token number {number}.")
    say.print(f"Revoked: token {number} of {ended.owner}.")


@main.group()
def partner() -> None:
    """The websites that show our content, by name."""


@partner.command("add")
@click.argument("name", type=Name())
@click.option("--origin", "origins", multiple=True, required=True, help="https://www.example.nl")
@click.pass_obj
def partner_add(settings: Settings, name: str, origins: tuple[str, ...]) -> None:
    """Register the website NAME, or give it another origin: it may frame us, and is counted."""
    with _knowledge_base(settings) as app:
        try:
            with _database(app).transaction() as session:
                known = partners.add(session, name, origins, now())
                told = ", ".join(each.origin for each in known.origins)
        except partners.PartnerRefused as error:
            raise click.ClickException(str(error)) from None
    say.print(f"{known.name}: {told}")


@partner.command("list")
@click.pass_obj
def partner_list(settings: Settings) -> None:
    """Tell of every partner since when, and its origins."""
    with _knowledge_base(settings) as app, _database(app).reading() as session:
        for each in partners.every(session):
            origins = " ".join(one.origin for one in each.origins)
            click.echo(f"{each.name}\t{each.added_at:%Y-%m-%d}\t{origins}")


@partner.command("usage")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
@click.pass_obj
def partner_usage(settings: Settings, days: int) -> None:
    """Tell how many requests came from the pages of each partner, per day (UTC)."""
    since = (now() - timedelta(days=days - 1)).date()
    with _knowledge_base(settings) as app, _database(app).reading() as session:
        for each in partners.usage(session, since):
            click.echo(f"{each.day}\t{each.requests}\t{each.name}")


@partner.command("remove")
@click.argument("name", type=Name())
@click.pass_obj
def partner_remove(settings: Settings, name: str) -> None:
    """Forget the website NAME and its use."""
    with _knowledge_base(settings) as app, _database(app).transaction() as session:
        former = (each.name for each in partners.every(session))  # maybe in another spelling
        spelt = next((each for each in former if normalise(each, one_line=True) == name), name)
        if not partners.remove(session, spelt):
            raise click.ClickException(f"There is no partner {name!r}.")
    say.print(f"Removed: {name}")


@main.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Create the tables, or bring them to this release."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    with _database_is_told(settings):
        try:
            steps.upgrade(database)
        except (steps.NewerDatabase, OSError) as error:
            place = without_password(settings.database_url)
            raise click.ClickException(f"{place}: {error}") from None
    database.dispose()
    say.print(f"The tables are up to date: {without_password(settings.database_url)}")


@main.group()
def index() -> None:
    """The search index, a copy of the database."""


@index.command("catch-up")
@click.pass_obj
def index_catch_up(settings: Settings) -> None:
    """Take over the changes that the index does not hold yet."""
    with _knowledge_base(settings) as app, _writing_is_told():
        change = catch_up.catch_up(_database(app), _engine(app))
    say.print(f"The index holds every change up to number {change}.")


@index.command("rebuild")
@click.pass_obj
def index_rebuild(settings: Settings) -> None:
    """Make the index anew; the old one answers until it is done."""
    with _knowledge_base(settings) as app, _writing_is_told(), _progress("Documents") as advance:
        change = catch_up.rebuild(_database(app), _engine(app), advance)
    say.print(f"The index was made anew and holds every change up to number {change}.")


@index.command("check")
@click.pass_obj
def index_check(settings: Settings) -> None:
    """Compare the index with the database; exit code 1 when they differ."""
    with _knowledge_base(settings) as app:
        try:
            drift = catch_up.check(_database(app), _engine(app))
        except SearchUnavailable:
            raise click.ClickException("There is no index that can be read.") from None
    for key in drift.missing:
        say.print(f"missing: {key}")
    for key in drift.extra:
        say.print(f"should not be there: {key}")
    if drift.behind:
        say.print(f"changes not taken over yet: {drift.behind}")
    if drift:
        sys.exit(1)
    say.print("The index is level with the database.")


@main.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def write_backup(settings: Settings, file: Path) -> None:
    """Copy the whole database into FILE, while others go on; the index is not in it."""
    with _backup_is_told():
        backup.backup(settings.database_url, file)
    say.print(f"Written and checked: {file} ({file.stat().st_size / 2**20:.1f} MiB)")


@main.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask before what is there now is replaced.")
@click.pass_context
def read_backup(context: click.Context, file: Path, *, yes: bool) -> None:
    """Make the database what it was in FILE, bring it to this release and rebuild the index.

    Until all of it is checked, the database stays as it is. Servers may go on meanwhile.
    """
    settings: Settings = context.obj
    if not yes:
        place = without_password(settings.database_url)
        click.confirm(f"Replace everything in {place}?", abort=True)
    with _backup_is_told():
        backup.restore(settings.database_url, file)
    say.print(f"Restored and checked: {file}. Servers that run read it from now on.")
    try:
        context.invoke(index_rebuild)
    except click.ClickException as error:
        raise click.ClickException(
            f"The database was restored, but not the index: {error.message} Servers make it anew "
            "by themselves; `kb index rebuild` does so now."
        ) from None


@main.command()
@click.pass_context
def prepare(context: click.Context) -> None:
    """Upgrade the tables, take over the seed and bring the index up to date, before serving."""
    for step in (upgrade, take_seed, index_catch_up):
        context.invoke(step)


@main.command()
@click.pass_obj
def openapi(settings: Settings) -> None:
    """Print the OpenAPI document."""
    with _application(settings) as app:
        click.echo(json.dumps(services_of(app).api_document, ensure_ascii=False, indent=2))


@contextmanager
def _application(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings, follow=False)
    try:
        with app.app_context(), force_locale("en"), _database_is_told(settings):
            yield app
    finally:
        _engine(app).close()
        _database(app).dispose()


@contextmanager
def _knowledge_base(settings: Settings) -> Iterator[Flask]:
    """The application, with tables that are of this release."""
    with _application(settings) as app:
        url = _database(app).engine.url
        if url.get_backend_name() == "sqlite" and not place(url).exists():
            raise click.ClickException(f"There is no {place(url)}; make it with `kb db upgrade`.")
        with _database(app).reading() as session:
            _check_version(steps.version(session.connection()))
        yield app


@contextmanager
def _database_is_told(settings: Settings) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        if reason_of(error) is None and not isinstance(error, DBAPIError):
            raise
        place, cause = without_password(settings.database_url), getattr(error, "orig", error)
        raise click.ClickException(
            f"{place} does not answer as it should ({cause}). Is it there, and was it brought "
            "to this release with `kb db upgrade`?"
        ) from error


def _database(app: Flask) -> Database:
    return services_of(app).database


def _engine(app: Flask) -> SearchEngine:
    return services_of(app).search


@contextmanager
def _backup_is_told() -> Iterator[None]:
    try:
        yield
    except backup.BackupFailed as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _writing_is_told() -> Iterator[None]:
    try:
        yield
    except IndexBusy as error:
        raise click.ClickException(f"The index is in use: {error}. Try again.") from None
    except OSError as error:
        raise click.ClickException(
            f"The index could not be written ({error}); the database is whole. Make room where the "
            "index lives, or let this user write there, and try again."
        ) from error


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar; when all are done it says that they are being saved, which takes a while too."""
    described = TextColumn("{task.description}")
    columns = (described, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=say) as bar:
        task = bar.add_task(what, total=None)

        def advance(done: int, total: int | None) -> None:
            doing = f"{what}: saving" if done == total else what
            bar.update(task, completed=done, total=total, description=doing)

        yield advance
