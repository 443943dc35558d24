"""Copies of everything, and the way back: backup · backup verify · restore."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from kb.backups import backup as backups
from kb.backups import checksums, image_archive
from kb.backups import folder as backup_folder
from kb.backups.drill import counts, throw_away
from kb.cli.context import console, database_errors, knowledge_base
from kb.cli.operation import index_rebuild
from kb.database import Database, now, without_password
from kb.editors import audit, image_references
from kb.images import folder
from kb.search import catch_up, consistency
from kb.services import Services
from kb.settings import Settings

FILE = click.Path(path_type=Path)


class BackupCommands(click.Group):
    """`kb backup FILE` makes one; the first word may also be a command of its own."""

    def resolve_command(
        self, context: click.Context, words: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant: `create`, unless another is named."""
        is_named = words[0] in self.commands
        return super().resolve_command(context, words if is_named else ["create", *words])


@click.group(
    cls=BackupCommands,
    context_settings={"ignore_unknown_options": True},
    options_metavar="",
    subcommand_metavar="[--keep N] FILE | verify FILE",
)
def backup() -> None:
    """Copy the whole database into FILE, while others go on; the index is not in it."""


@backup.command()
@click.argument("file", type=FILE)
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="Of a folder: remove all but its newest N backups, once this one is checked.",
)
@click.pass_obj
def create(settings: Settings, file: Path, *, keep: int | None) -> None:
    """Copy the whole database into FILE; in a folder, into a file named by the time.

    Where there are images, they go into FILE.images.tar beside it; FILE.sha256 has checksums.
    """
    if keep and not file.is_dir():
        raise click.UsageError("--keep needs a folder that is there, not a file.")
    place = file
    if place.is_dir():
        file = backup_folder.new_file(place, datetime.now(UTC))
        with suppress(OSError):  # the copy itself says what is wrong with the folder
            backup_folder.remove_unfinished(place)
    with _backup_errors():
        backups.backup(settings.database_url, file)
        _back_images_up(settings, file)
        _write_checksums(file)
    _record(settings, "backed-up")
    console.print(f"Written and checked: {file} ({file.stat().st_size / 2**20:.1f} MiB)")
    if keep:
        try:
            removed = backup_folder.remove_old(place, keep)
        except OSError as error:
            raise click.ClickException(f"Old backups could not be removed: {error}") from None
        for old in removed:
            console.print(f"Removed: {old}")


@backup.command()
@click.argument("file", type=FILE)
@click.pass_obj
def verify(settings: Settings, file: Path) -> None:
    """Restore FILE aside (of a folder its newest), check all of it and throw it away again.

    Nothing of the running system changes. Exit code 1 when something is wrong. On PostgreSQL the
    role needs CREATEDB.
    """
    if file.is_dir():
        files = backup_folder.files(file)
        if not files:
            raise click.ClickException(f"There is no backup in {file}.")
        file = files[-1]
    if not file.is_file():
        raise click.ClickException(f"There is no file {file}.")
    with _backup_errors():
        _check_checksums(file)
    with _backup_errors(), database_errors(settings), throw_away(settings) as aside:
        copy = aside.data_dir / "copy" / file.name  # reading it leaves files of SQLite beside it
        try:
            copy.parent.mkdir()
            shutil.copyfile(file, copy)
        except OSError as error:
            raise backups.BackupFailed(f"{file} cannot be copied: {error}") from error
        try:
            backups.restore(aside.database_url, copy)
        except backups.BackupFailed as error:  # nobody knows the copy by its name
            raise backups.BackupFailed(str(error).replace(str(copy), str(file))) from error
        archive = image_archive.archive_of(file)
        if archive.exists():
            image_archive.unpack(archive, aside.images_path)
        with knowledge_base(aside) as services:
            problems = _report(services, aside)
    for problem in problems:
        console.print(problem)
    if problems:
        raise click.ClickException(f"{file} does not bring everything back.")
    _record(settings, "backup-verified")
    console.print(f"Restored aside, checked and thrown away: {file}")


def _write_checksums(file: Path) -> None:
    """Write what tells later whether the backup is still what it was."""
    try:
        checksums.write(file)
    except OSError as error:
        for each in (file, image_archive.archive_of(file), checksums.file_of(file)):
            each.unlink(missing_ok=True)
        raise backups.BackupFailed(
            f"{checksums.file_of(file)} could not be written: {error}"
        ) from error


def _check_checksums(file: Path) -> None:
    """Compare a backup with its checksums, or say that there are none."""
    if not checksums.check(file):
        console.print(f"There is no {checksums.file_of(file)}: texts cannot be checked for damage.")


def _record(settings: Settings, what: str) -> None:
    """Tell the audit log, where metrics read when the last backup was made."""
    database = Database(settings.database_url)
    try:
        with database.transaction() as session:
            audit.record(session, what, who=audit.OPERATOR, at=now())
    except SQLAlchemyError:  # tables of another release, or only to be read
        console.print(f"Not in the audit log, which cannot be written: {what}.")
    finally:
        database.dispose()


def _report(services: Services, aside: Settings) -> list[str]:
    """Print how much there is in what was restored; returns what is wrong with it."""
    catch_up.rebuild(services.database, services.search)
    drift = consistency.check(services.database, services.search)
    with services.database.reading() as session:
        for collection, number in counts(session).items():
            console.print(f"{collection}: {number}")
        known = image_references.known_images(session)
    console.print(f"images: {len(known)}")
    console.print(f"changes: {services.search.change()}")
    missing = [each for each in sorted(known) if not folder.has_all(aside.images_path, each)]
    return [
        *(f"The index made of it lacks {key}." for key in drift.missing),
        *(f"The index made of it has {key} too much." for key in drift.extra),
        *(f"Files are missing: image {image}" for image in missing),
    ]


def _back_images_up(settings: Settings, file: Path) -> None:
    """Write the images of the backup beside it."""
    database = Database(settings.database_url)
    with database.reading() as session:
        known = image_references.known_images(session)
    database.dispose()
    if not known:
        return
    archive = image_archive.archive_of(file)
    try:
        incomplete = image_archive.pack(settings.images_path, known, archive)
    except OSError as error:
        file.unlink()
        raise backups.BackupFailed(f"{archive} could not be written: {error}") from error
    for image in incomplete:
        console.print(f"Files are missing in {settings.images_path}: image {image}")
    console.print(f"Written: {archive} ({archive.stat().st_size / 2**20:.1f} MiB)")


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
    archive = image_archive.archive_of(file)
    with _backup_errors():
        if file.is_file():
            _check_checksums(file)
        if archive.exists():  # first: what is there already stays, and what is too much goes later
            written = image_archive.unpack(archive, settings.images_path)
            console.print(f"Images written from {archive}: {written} files")
        backups.restore(settings.database_url, file)
        _name_missing_images(settings, archive)
    _record(settings, "restored")
    console.print(f"Restored and checked: {file}. Servers that run read it from now on.")
    try:
        context.invoke(index_rebuild)
    except click.ClickException as error:
        raise click.ClickException(
            f"The database was restored, but not the index: {error.message} Servers make it anew "
            "by themselves; `kb index rebuild` does so now."
        ) from None


def _name_missing_images(settings: Settings, archive: Path) -> None:
    """Say which images texts have whose files are not here: none of it is lost in silence."""
    database = Database(settings.database_url)
    with database.reading() as session:
        known = image_references.known_images(session)
    database.dispose()
    missing = [each for each in sorted(known) if not folder.has_all(settings.images_path, each)]
    for image in missing:
        console.print(f"Files are missing in {settings.images_path}: image {image}")
    if missing:
        console.print(f"Put {archive.name} beside the backup and restore again to bring them back.")


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Have SIGTERM (systemd, a machine that stops) remove what is half done, as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


@contextmanager
def _backup_errors() -> Iterator[None]:
    try:
        with _orderly_end():
            yield
    except (backups.BackupFailed, image_archive.ArchiveDamaged) as error:
        raise click.ClickException(str(error)) from None
