"""What editors write of one kind: how its text is read, checked, shown and made public.

Drafts, reviews, versions and the rest ask nothing else of a kind. `kb.kinds` has them all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, cast

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.cases.changes import ChangedKind, Event
from kb.editors.model import Revision
from kb.editors.revisions import Publications
from kb.input_errors import Mistake
from kb.kinds import KINDS, KindName
from kb.problems import invalid_body
from schemas.base import Document as DocumentSchema
from schemas.base import Schema
from schemas.cases import as_document
from schemas.errors import flatten_errors
from schemas.ids import assign_ids, slugify
from schemas.json_fields import stored_texts
from schemas.loading import LoadResult, load_with_errors, only_new, read_only_errors
from schemas.terms import refusing_deprecated

Document = Mapping[str, Any]  # by the keys of JSON, with bare ids: as it is saved
Text = Mapping[str, Any]  # the same, loaded
ChangeEvent = tuple[Event, ChangedKind, str]
Errors = Iterator[tuple[str, Mistake]]  # with JSON Pointers


class NamedReference(NamedTuple):
    """Another thing, as a reference is dumped."""

    slug: str
    title: str


class EditableKind(ABC):
    """One kind of thing that editors write, with its own schemas, checks and public rows."""

    name: ClassVar[KindName]
    fallback_id: ClassVar[str]  # of something whose title has no letter or digit
    document: ClassVar[type[DocumentSchema]]  # the whole text, as it is saved
    input: ClassVar[type[DocumentSchema]]  # as an editor sends it: ids may be missing
    draft: ClassVar[type[Schema]]  # these three are for editors and readers
    saved_text: ClassVar[type[Schema]]
    version: ClassVar[type[Schema]]

    def load_input(
        self,
        document: Document,
        *,
        body: Document | None = None,
        slug: str | None = None,
        current: Document | None = None,
        before: Document | None = None,
    ) -> dict[str, Any]:
        """Load a whole document; ids of what it owns may be missing.

        `body` is the part of it that the request had (all of it when None): read-only keys in
        there, and the id `slug`, must be as in `current`. What the saved document `before` has
        already may be impossible. Raises InvalidInput with all errors.
        """
        errors = list(read_only_errors(document if body is None else body, slug, current or {}))
        result = self.load_with_errors(document, before)
        errors += result.errors
        if errors:
            raise invalid_body(errors)
        return result.document

    def load_with_errors(self, document: Any, before: Document | None = None) -> LoadResult:
        """What can be loaded of a document, with all that is wrong with it as a draft."""
        check = only_new(self.impossible_values, self.document(), before)
        with refusing_deprecated(before):
            return load_with_errors(self.input(), document, check)

    def load_stored(self, document: Document) -> dict[str, Any]:
        """Load the document of a revision, also when later rules forbid what it has."""
        with stored_texts():
            text: dict[str, Any] = self.document().load(document)
        return text

    def load_strictly(self, revision: Revision) -> dict[str, Any]:
        """Load the document of a revision by the terms of this release. Raises InvalidInput."""
        schema = self.document()
        try:
            text: dict[str, Any] = schema.load(revision.document)
        except ValidationError as error:  # a later release has dropped a term, say
            raise invalid_body(flatten_errors(error.messages, schema)) from None
        return text

    def as_document(self, text: Any) -> dict[str, Any]:
        """The canonical document of what was loaded, or of a public row."""
        return as_document(text, self.document)

    def empty_document(self, slug: str) -> dict[str, Any]:
        """The document of a thing that has nothing but its id."""
        return self.as_document(self.document().load({"id": slug}))

    def wanted_id(self, text: Text) -> str:
        """The id that a new text brings, or else one made from its title."""
        return text["slug"] or slugify(text["title"], 80, self.fallback_id)

    def with_ids(self, text: Text, before: Document | None, earlier: Any = ()) -> dict[str, Any]:
        """A loaded text in which everything has an id (`schemas.ids.assign_ids`)."""
        return assign_ids({**text, "slug": self.wanted_id(text)}, before, earlier)

    def impossible_values(self, text: Text) -> Errors:
        """What no loaded text can mean, so that a draft cannot take it in either."""
        yield from ()

    @abstractmethod
    def publication_errors(self, session: Session, text: Text) -> Errors:
        """What keeps a loaded text from being published, also beside other things."""

    @abstractmethod
    def with_current_ids(self, session: Session, text: Text) -> dict[str, Any]:
        """A loaded text; what it names by a former id, it names by its own."""

    @abstractmethod
    def with_titles(self, session: Session, document: Document) -> dict[str, Any]:
        """The document of a revision, loaded, with the titles of what it refers to: to dump."""

    @abstractmethod
    def write(
        self,
        session: Session,
        texts: Sequence[tuple[Revision, Text]],
        earlier: Mapping[str, Publications],
        at: datetime,
    ) -> list[ChangeEvent]:
        """Make loaded texts the public rows of their things; gives the changes to be numbered.

        The revisions have their numbers; `earlier` are the publications before, by id. The change
        of a thing itself comes after those of others that show something of it.
        """

    @abstractmethod
    def withdraw(self, session: Session, slug: str, at: datetime) -> list[ChangeEvent]:
        """Delete the public rows; gives the changes of others that showed something of them."""

    @abstractmethod
    def rename(
        self, session: Session, slug: str, new: str
    ) -> tuple[list[tuple[Thing, Thing]], list[ChangeEvent]]:
        """Give the public rows their new ids: which ones became which, and what else changed.

        References to the thing, in rows and in saved texts, follow.
        """


def editable_kind(name: str) -> EditableKind:
    """The kind of this name, which editors write."""
    part = KINDS[name].editable
    assert part is not None
    return cast("EditableKind", part())
