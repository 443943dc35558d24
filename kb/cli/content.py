"""Content in and out: seed · import · export."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

import click

from kb.cli.context import Name, application, console, knowledge_base, print_first, progress
from kb.database import Database, now
from kb.editors import advice, audit, image_files, seed_files
from kb.editors import export as seed_export
from kb.editors import seed as seeding
from kb.editors.access import SEED_AUTHOR
from kb.editors.imports import rows
from kb.editors.imports.intake import import_rows
from kb.editors.imports.report import RowResult
from kb.editors.tables import codebook, csv_export, csv_import, sheet, xlsx_import
from kb.input_errors import MAX_ERRORS, Mistake
from kb.search import catch_up
from kb.search.engine import IndexBusy, SearchUnavailable
from kb.services import Services
from kb.settings import Settings
from kb.web.errors import mistake_text

DRY_RUN_NOTE = " Nothing was changed: this was a dry run."


@click.command()
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.pass_obj
def seed(settings: Settings, folder: Path | None, *, dry_run: bool = False) -> None:
    """Take over the cases, studies, questions and terms of FOLDER (the ones of this release)."""
    with knowledge_base(settings) as services:
        folder = folder or Path(str(resources.files("seed_data")))
        files = _read_seed_folder(folder)
        if not dry_run:
            _take_over_images(services, [folder], SEED_AUTHOR)
        try:
            with progress("Cases") as advance:
                report = seeding.seed(services.database, files, advance, dry_run=dry_run)
        except seeding.TermsInUse as error:
            for key, users in error.used.items():
                console.print(
                    f"{folder / 'terms'}: {key} has gone, but is used by {', '.join(users)}"
                )
            raise click.ClickException(f"{error}; nothing was changed.") from None
    print_first(
        f"{path}: {at}: saved as “{advice.shortened(text)}”" for path, at, text in files.respelt
    )
    for slug in report.left_alone:
        console.print(f"Left alone, editors have worked on it: {slug}")
    console.print(
        f"{len(report.created)} created, {len(report.updated)} updated, "
        f"{len(report.withdrawn)} withdrawn, {len(report.unchanged)} unchanged, "
        f"{len(report.left_alone)} left alone."
        f"{DRY_RUN_NOTE if dry_run else ''}"
    )


def _take_over_images(services: Services, folders: Iterable[Path], who: str) -> None:
    """Take over the images beside files of cases, before these."""
    sources = [folder / image_files.FOLDER for folder in folders]
    images = services.settings.images_path
    try:
        taken, left = image_files.take_over(services.database, sources, images, who=who, at=now())
    except OSError as error:
        raise click.ClickException(f"{images} could not be written: {error}") from None
    for image in left:
        console.print(f"Not taken over, files are missing or damaged: image {image}")
    if taken:
        console.print(f"{len(taken)} images taken over.")


def _read_seed_folder(folder: Path) -> seed_files.SeedFiles:
    """The files of a folder, checked. Raises ClickException, after printing what is wrong."""
    try:
        return seed_files.read_folder(folder)
    except seed_files.SeedErrors as error:
        print_first(
            f"{path}: {pointer or '/'}: {_with_suggestion(mistake)}"
            for path, pointer, mistake in error.errors
        )
        raise click.ClickException(
            f"Mistakes in the files: {len(error.errors)}. Nothing was changed."
        ) from None


def _with_suggestion(mistake: Mistake) -> str:
    return mistake_text(mistake) + (f" → {mistake.suggestion}" if mistake.suggestion else "")


def _read_lines(path: Path) -> Iterator[rows.NumberedRow]:
    with path.open("rb") as file:  # line by line: it may be large
        yield from rows.from_lines(file)


READERS: Mapping[str, Callable[[Path], Iterable[rows.NumberedRow]]] = {  # by the ending of a file
    ".json": lambda path: rows.from_json(path.read_bytes()),
    ".ndjson": _read_lines,
    ".jsonl": _read_lines,
    ".csv": lambda path: _rows_of_table(path, csv_import.read_csv(path.read_bytes())),
    ".xlsx": lambda path: _rows_of_table(path, xlsx_import.read_xlsx(path.read_bytes())),
}


def _rows_of_table(path: Path, table: sheet.Table) -> Iterable[rows.NumberedRow]:
    """The rows of a table, after printing how it was read."""
    delimiter = {"\t": "tab"}.get(table.delimiter or "", table.delimiter)
    options = (f"sheet “{table.sheet}”" if table.sheet else None, table.encoding, delimiter)
    console.print(f"{path}: read as {', '.join([table.format, *filter(None, options)])}")
    return table.rows


@click.command("import")
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1)
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.option("--publish", is_flag=True, help="Publish; needs KB_FOUR_EYES=off.")
@click.option(
    "--author", type=Name(), default="import", show_default=True, help="Whose drafts they become."
)
@click.option(
    "--codebook",
    "print_codebook",
    is_flag=True,
    help="Print the columns of a CSV file instead.",
)
@click.pass_obj
def import_(
    settings: Settings,
    files: tuple[Path, ...],
    *,
    dry_run: bool,
    publish: bool,
    author: str,
    print_codebook: bool,
) -> None:
    """Import the cases in FILES (.json, .ndjson, .csv, .xlsx) as drafts.

    What a file leaves out stays as it is. One case that is wrong harms no other, and importing the
    same again changes nothing. Exit code 1 when one is rejected.
    """
    if print_codebook:
        with application(settings):
            click.echo(codebook.codebook("nl"), nl=False)
        return
    _check_files(files)
    if publish and settings.four_eyes:
        raise click.ClickException("Publishing without another's approval needs KB_FOUR_EYES=off.")
    origins: list[tuple[Path, int]] = []  # of each row: its file, and its number there
    with knowledge_base(settings) as services:
        if not dry_run:
            around = [folder for path in files for folder in path.absolute().parents[:2]]
            _take_over_images(services, around, author)
        with progress("Cases") as advance:
            report = import_rows(
                services.database,
                _numbered_rows(files, origins),
                author=author,
                publish=publish,
                dry_run=dry_run,
                progress=lambda done: advance(done, None),
            )
        if not dry_run:
            thing = f"cases of {author}"
            audit.note(services.database, "imported", who=audit.OPERATOR, at=now(), thing=thing)
        _print_rows(report.rows, origins)
        totals = ", ".join(f"{number} {outcome}" for outcome, number in report.totals.items())
        console.print(f"{totals}.{DRY_RUN_NOTE if dry_run else ''}")
        if publish and not dry_run:
            _index_the_import(services)
    if report.totals["rejected"]:
        sys.exit(1)


def _check_files(files: tuple[Path, ...]) -> None:
    if not files:
        raise click.UsageError("Name the files.")
    for path in files:
        if path.suffix.lower() not in READERS:
            raise click.UsageError(f"{path}: the name must end in {', '.join(READERS)}.")


def _numbered_rows(
    files: Iterable[Path], origins: list[tuple[Path, int]]
) -> Iterator[rows.NumberedRow]:
    """The rows of all files, numbered by their place in `origins`, which this fills."""
    for path in files:
        for number, document in READERS[path.suffix.lower()](path):
            origins.append((path, number))
            yield len(origins) - 1, document


def _print_rows(done: Sequence[RowResult], origins: list[tuple[Path, int]]) -> None:
    """Print by file and row the first errors, all changes, and what is spelt otherwise."""
    left = MAX_ERRORS
    for row in done:
        path, number = origins[row.number]
        prefix = f"{path}:{number}: {row.id or '?'}"
        for pointer, mistake in row.errors[:left]:
            cell = row.cells.get(pointer)
            of = f" ({cell.column}{cell.row}, “{cell.header}”: “{cell.value}”)" if cell else ""
            console.print(f"{prefix}: {pointer or '/'}{of}: {_with_suggestion(mistake)}")
        left -= min(left, len(row.errors))
        for change in row.changes:
            before, after = (json.dumps(each, ensure_ascii=False) for each in change[1:])
            console.print(f"{prefix}: {change.key}: {before} → {after}")
        for pointer, text in row.respelt:
            console.print(f"{prefix}: {pointer}: saved as “{advice.shortened(text)}”")
    if (more := sum(row.error_count for row in done) - MAX_ERRORS) > 0:
        console.print(f"… and {more} more mistakes.")


def _index_the_import(services: Services) -> None:
    console.print("Bringing the index up to date …")
    try:
        catch_up.catch_up(services.database, services.search)
    except IndexBusy:  # a serving process was there first, and takes over the rest too
        console.print("Another process is at it already.")
    except SearchUnavailable as error:
        console.print(f"The index cannot be written now ({error}); `kb index catch-up` does it.")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["json", "csv"]),
    default="json",
    show_default=True,
    help="csv: the cases, as a table that `kb import` reads.",
)
@click.pass_obj
def export(settings: Settings, folder: Path | None, file_format: str) -> None:
    """Write everything that is public into FOLDER, as the files that `kb seed` reads.

    Files that an earlier export wrote there, of what is no longer public, are removed. With
    --format csv only the cases, in FOLDER/cases.csv or, without FOLDER, on standard output.
    """
    if folder is None and file_format == "json":
        raise click.UsageError("Name the folder to write into.")
    with knowledge_base(settings) as services:
        try:
            if folder is None:
                for line in csv_export.table(services.database):
                    click.echo(line.encode(), nl=False)
            elif file_format == "csv":
                _write_table(services.database, folder / "cases.csv")
            else:
                _write_files(services.database, folder, settings.images_path)
            audit.note(services.database, "exported", who=audit.OPERATOR, at=now())
        except OSError as error:
            raise click.ClickException(f"{folder} could not be written: {error}") from None


def _write_table(database: Database, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_export.table(database))
    console.print(f"{path}")


def _write_files(database: Database, folder: Path, images: Path) -> None:
    report = seed_export.export(database, folder, images)
    for name in report.removed:
        console.print(f"Removed, it is no longer public: {folder / name}")
    for name in report.left:
        console.print(f"Not of this export, and left as it is: {folder / name}")
    console.print(f"{len(report.files)} files in {folder}")
