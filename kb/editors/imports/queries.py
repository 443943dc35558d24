"""Reports of imports, and files that wait to be imported: written, read again and forgotten."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kb.database import format_utc, now
from kb.editors.model import Import, ImportFile
from kb.problems import UnknownId

LIFETIME = timedelta(hours=1)
MAX_FILES = 10  # of one editor; the oldest makes way
MAX_LISTED = 20
SUMMARY_KEYS = ("file", "publish", "totals")


def stored_report(session: Session, import_id: str) -> dict[str, Any]:
    """The report of an import, or of a dry run of which the hour is not over. Raises UnknownId."""
    row = session.get(Import, import_id)
    if row is None or (row.expires_at and row.expires_at <= now()):
        raise UnknownId(import_id, ())
    later = {"at": format_utc(row.at), "file": None, "fileId": None}  # keys that came later
    return {**later, "publish": False, "columns": [], **row.report}


def last_imports(session: Session, owner: str) -> list[dict[str, Any]]:
    """The last imports of an editor, the newest first, without their rows."""
    parts = [Import.report[key] for key in SUMMARY_KEYS]
    statement = select(Import.id, Import.at, *parts)
    statement = statement.where(Import.owner == owner, Import.expires_at.is_(None))
    statement = statement.order_by(Import.at.desc(), Import.id).limit(MAX_LISTED)
    return [
        {"id": slug, "at": at, "file": file, "publish": bool(publish), "totals": totals}
        for slug, at, file, publish, totals in session.execute(statement)
    ]


def delete_expired(session: Session, at: datetime) -> None:
    """Forget the files of which the hour is over, and the dry runs of them."""
    session.execute(delete(Import).where(Import.expires_at <= at))
    session.execute(delete(ImportFile).where(ImportFile.expires_at <= at))


def save_file(
    session: Session, content: bytes, name: str, facts: dict[str, Any], owner: str
) -> ImportFile:
    """Keep a file for an hour."""
    at = now()
    delete_expired(session, at)
    file = ImportFile(
        id=secrets.token_hex(12),
        owner=owner,
        name=name,
        at=at,
        expires_at=at + LIFETIME,
        facts=facts,
        content=content,
    )
    session.add(file)
    session.flush()
    newest = select(ImportFile.id).where(ImportFile.owner == owner)
    newest = newest.order_by(ImportFile.at.desc(), ImportFile.id).offset(MAX_FILES)
    for each in list(session.scalars(newest)):
        delete_file(session, each)
    return file


def find_file(session: Session, file_id: str, owner: str) -> ImportFile:
    """The file of this editor with this id. Raises UnknownId, also when its hour is over."""
    file = session.get(ImportFile, file_id)
    if file is None or file.owner != owner or file.expires_at <= now():
        raise UnknownId(file_id, ())
    return file


def find_dry_run(session: Session, import_id: str, owner: str) -> Import:
    """The dry run of this editor with this id. Raises UnknownId, also when its hour is over."""
    row = session.get(Import, import_id)
    if row is None or row.owner != owner or row.expires_at is None or row.expires_at <= now():
        raise UnknownId(import_id, ())
    return row


def delete_file(session: Session, file_id: str) -> None:
    """Forget a file, and the dry runs of it."""
    dry_runs = (Import.file_id == file_id) & Import.expires_at.is_not(None)
    session.execute(delete(Import).where(dry_runs))
    session.execute(delete(ImportFile).where(ImportFile.id == file_id))
