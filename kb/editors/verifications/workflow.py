"""Recording that a key was checked, in the public rows too, as one numbered change.

The texts stay as they were published: what is unverified follows from a text and its checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from kb.cases import changes
from kb.cases import queries as case_queries
from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.editors import audit
from kb.editors.access import Editor
from kb.editors.editable_kind import editable_kind
from kb.editors.revisions import lock_revisions, revision_in
from kb.editors.verifications import queries
from kb.editors.verifications.digests import digest_of, unverified_keys
from kb.editors.verifications.model import Verification
from kb.input_errors import Mistake
from kb.problems import Conflict, Forbidden, StaleEdit, UnknownId, invalid_body
from kb.translation import N_
from schemas.base import cached_schema
from schemas.checks import key_paths

Source = dict[str, Any]  # id, title, url


class PublicText(NamedTuple):
    """What there is to check: a version, what is unverified in it, and its sources."""

    version: int
    unverified: list[str]
    sources: list[Source]


def read_public(session: Session, thing: Thing) -> PublicText:
    """The public text of a thing, to be checked. Raises UnknownId, Moved and Withdrawn."""
    case_queries.check_published(session, *thing)
    public = revision_in(session, thing, "published")
    assert public is not None
    assert public.version is not None
    checks = queries.checks_of(session, thing.kind, [thing.slug]).get(thing.slug, ())
    unverified = unverified_keys(public.document, checks)
    return PublicText(public.version, unverified, sources_of(public.document))


def sources_of(document: Mapping[str, Any]) -> list[Source]:
    """The sources of a text: those of a case; of a study the study itself."""
    sources = document.get("sources", [document])
    return [{key: each.get(key) for key in ("id", "title", "url")} for each in sources]


def verify(
    session: Session, thing: Thing, check: Mapping[str, Any], *, who: str, at: datetime
) -> tuple[Verification, Change]:
    """Record that a key of version `check["version"]` was checked, and number the change.

    Raises what `read_public` does; InvalidInput with all errors; StaleEdit when the value is
    another now; Conflict when it is not unverified, or was checked meanwhile.
    """
    revisions = lock_revisions(session, thing)
    text = read_public(session, thing)
    key, source_id = check["key"], check["source"]
    version = next((each for each in revisions if each.version == check["version"]), None)
    source = next((each for each in text.sources if each["id"] == source_id), None)
    paths = key_paths(cached_schema(editable_kind(thing.kind).document))
    mistakes = [
        ("/key", Mistake("bad-format", {"value": key[:80], "expected": "key"}), key in paths),
        ("/version", _unknown(check["version"], "version"), version is not None),
        ("/source", _unknown(source_id, "source"), source_id is None or source is not None),
    ]
    if errors := [(pointer, mistake) for pointer, mistake, is_right in mistakes if not is_right]:
        raise invalid_body(errors)
    assert version is not None
    public = next(each for each in revisions if each.state == "published")
    digest = digest_of(public.document, key)
    if digest_of(version.document, key) != digest:
        raise StaleEdit([key.partition(".")[0]])
    if key not in text.unverified:
        raise Conflict(N_("“%(key)s” of “%(id)s” was checked already."), key=key, id=thing.slug)
    verification = Verification(
        kind=thing.kind,
        slug=thing.slug,
        key=key,
        digest=digest,
        version=check["version"],
        source=source and source["id"],
        source_title=source and source["title"],
        reference=check["reference"],
        note=check["note"],
        editor=who,
        at=at,
    )
    session.add(verification)
    session.flush()
    queries.refresh_rows(session, thing.kind, [public])
    session.flush()
    kind = editable_kind(thing.kind).name
    return verification, changes.record(session, "updated", kind, thing.slug, at)


def take_back(
    session: Session, thing: Thing, number: int, *, editor: Editor, at: datetime
) -> Change:
    """Delete a check that was a slip, and number the change.

    Raises what `read_public` does; UnknownId; Forbidden unless by who made it or a publisher.
    """
    lock_revisions(session, thing)
    case_queries.check_published(session, *thing)
    every = queries.verifications_of(session, thing)
    verification = next((each for each in every if each.id == number), None)
    if verification is None:
        raise UnknownId(str(number), [str(each.id) for each in every])
    if editor.owner != verification.editor and editor.role != "publisher":
        raise Forbidden(
            N_("Only %(who)s, who checked this, or a publisher may take it back; ask them."),
            who=verification.editor,
        )
    session.delete(verification)
    session.flush()
    audit.record(
        session, "check-taken-back", who=editor.owner, at=at, thing=f"{thing.kind}:{thing.slug}"
    )
    queries.refresh_row(session, thing)
    session.flush()
    return changes.record(session, "updated", editable_kind(thing.kind).name, thing.slug, at)


def _unknown(value: Any, expected: str) -> Mistake:
    return Mistake("unknown-reference", {"value": str(value), "expected": expected})
