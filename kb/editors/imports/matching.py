"""Which case each row of an import is about: one that exists, or a new one."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases import aliases
from kb.cases.aliases import Thing
from kb.editors.case_texts import CASE
from kb.editors.imports.existing import load_existing
from kb.editors.imports.merging import merge
from kb.editors.imports.parsed_rows import MergedRow, ParsedRow, load, merge_with
from kb.editors.imports.report import RowResult
from kb.editors.model import Revision
from kb.editors.revisions import OPEN_STATES, documents_of
from kb.editors.thing_ids import free_slug
from kb.input_errors import Mistake
from schemas.cases import as_document
from schemas.ids import assign_ids
from schemas.text import comparable

Document = Mapping[str, Any]
STATES = (*OPEN_STATES, "published", "withdrawn")


class CaseKey(NamedTuple):
    """By what two texts are taken to be about one and the same case."""

    title: str  # comparable
    municipality: str | None  # comparable
    start_year: float | None


def key_of(document: Document) -> CaseKey | None:
    """The key of a document; None when it has no title."""
    title, place = document.get("title"), document.get("place")
    if not isinstance(title, str) or not comparable(title):
        return None
    name = place.get("municipality") if isinstance(place, Mapping) else None
    year = document.get("startYear")
    number = year if isinstance(year, (int, float)) and not isinstance(year, bool) else None
    return CaseKey(comparable(title), comparable(name) if isinstance(name, str) else None, number)


class CasesByTitle:
    """The cases that exist, by title."""

    def __init__(self, session: Session) -> None:
        self._keys: dict[str, dict[str, set[CaseKey]]] = defaultdict(dict)  # by title and id
        document = Revision.document
        statement = select(
            Revision.slug,
            document["title"].as_string(),
            document["place"]["municipality"].as_string(),
            document["startYear"].as_integer(),
        ).where(Revision.kind == "case", Revision.state.in_(STATES))
        for slug, title, municipality, year in session.execute(statement.order_by(Revision.id)):
            place = {"municipality": municipality}
            self.add(slug, {"title": title, "place": place, "startYear": year})

    def add(self, slug: str, document: Document) -> None:
        """Add a case."""
        if key := key_of(document):
            self._keys[key.title].setdefault(slug, set()).add(key)

    def same(self, document: Document) -> str | None:
        """The case with this title, municipality and first year, when the document has all."""
        key = key_of(document)
        if key is None or None in key:
            return None
        return next((slug for slug, keys in self._with_title(key) if key in keys), None)

    def namesakes(self, document: Document) -> list[str]:
        """The cases with this title."""
        key = key_of(document)
        return [slug for slug, _ in self._with_title(key)] if key else []

    def _with_title(self, key: CaseKey) -> Iterable[tuple[str, set[CaseKey]]]:
        return self._keys.get(key.title, {}).items()


class Matcher:
    """Gives each row of an import the id of its case; no two rows have the same one."""

    def __init__(self, *, publish: bool) -> None:
        self.publish = publish
        self._used: set[str] = set()  # ids of rows
        self._slugs: dict[int, str] = {}  # by number of row, where its own id does not say
        self._digests: set[str] = set()  # of rows without an id
        self._cases: CasesByTitle | None = None  # read when the first row without an id comes

    def claim(self, row: ParsedRow) -> ParsedRow | RowResult:
        """Reserve the row's own id, if it has one, for it alone."""
        if row.id is None:
            return row
        if row.id in self._used:
            return row.rejected(row.id, ("/id", Mistake("duplicate", {"value": row.id})))
        self._used.add(row.id)
        return row

    def release(self, rows: Iterable[ParsedRow]) -> None:
        """Forget what was decided for rows whose transaction failed: another wrote meanwhile."""
        self._cases = None
        for row in rows:
            self._used.discard(self._slugs.pop(row.number, ""))
            self._digests.discard(_digest(row.document))

    def slug_of(self, session: Session, row: ParsedRow) -> str | RowResult:
        """The id of the case that a row is about: its own, that of the same case, or a new one."""
        if row.number in self._slugs:
            return self._slugs[row.number]
        if row.id is not None:
            return self._current_slug(session, row, row.id)
        self._cases = self._cases or CasesByTitle(session)
        same = self._cases.same(row.document)
        if same in self._used or _digest(row.document) in self._digests:
            title = {"value": row.document["title"]}
            return row.rejected(None, ("", Mistake("duplicate", title)))
        slug = same or self._unchanged(session, row, self._cases) or self._new_slug(session, row)
        if isinstance(slug, str):
            self._digests.add(_digest(row.document))
            self._cases.add(slug, row.document)
            self._assign(row, slug)
        return slug

    def _assign(self, row: ParsedRow, slug: str) -> None:
        self._used.add(slug)
        self._slugs[row.number] = slug

    def _current_slug(self, session: Session, row: ParsedRow, sent_id: str) -> str | RowResult:
        """The id of a row, or the one that its case was renamed to."""
        current = aliases.current_ids(session, "case", [sent_id]).get(sent_id, sent_id)
        if current == sent_id:
            return sent_id
        if current in self._used:
            return row.rejected(current, ("/id", Mistake("duplicate", {"value": current})))
        self._assign(row, current)
        return current

    def _unchanged(self, session: Session, row: ParsedRow, cases: CasesByTitle) -> str | None:
        """The case that has this title and everything that the row has."""
        slugs = [slug for slug in cases.namesakes(row.document) if slug not in self._used]
        for slug, existing in load_existing(session, slugs).items() if slugs else ():
            merged = merge_with(session, row, slug, existing, publish=self.publish)
            if isinstance(merged, MergedRow):
                case = assign_ids(
                    merged.case, existing.base, documents_of(session, Thing("case", slug))
                )
                document = as_document(case)
                if existing.has(document, public=False) or existing.has(document, public=True):
                    return slug
        return None

    def _new_slug(self, session: Session, row: ParsedRow) -> str | RowResult:
        """A free id, made from the title; the result when the document is wrong."""
        case = load(merge(row.document, None).document, publish=self.publish)
        if isinstance(case, tuple):
            return row.rejected(None, *case)
        wanted = CASE.wanted_id(case)
        return free_slug(session, Thing("case", wanted), self._used)


def _digest(document: Document) -> str:
    """A hash that only the very same document has."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
