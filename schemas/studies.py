"""A study: the document that editors and files give, and what readers get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import fields

from kb.input_errors import Mistake

from . import checks
from .base import PUBLICATION_KEYS, cached_schema
from .ids import IdOrTitle
from .json_fields import Identifier, Line, ReadOnlyConstant, Text, UtcDateTime
from .links import Links
from .match import ListItem
from .parts import (
    FindingInStudy,
    FindingOfStudyInput,
    PitfallInOwner,
    PitfallInput,
    Programme,
    PublishedWork,
    SearchTerms,
)
from .terms import FindingsByLane, Reference, SavedWhenSet, TermField
from .validators import Distinct

REQUIRED_KEYS = ("title", "summary", "source_type")
TEXT_FIELDS = (
    *("slug", "type", "title", "authors", "year", "publisher", "url", "source_type", "summary"),
    *("findings", "pitfalls", "programme", "covers", "search_terms", "unverified"),
)
SHOWN_FIELDS = (
    *(*TEXT_FIELDS, "findings_by_lane", "version", "published_at", "updated_at", "links"),
)


class Covers(SavedWhenSet, fields.List[str]):
    """Studies of ours that a review holds, so that they are not counted again beside it."""

    def __init__(self) -> None:
        super().__init__(Reference(), load_default=list, validate=Distinct())


class StudyDocument(PublishedWork):
    """The whole text of a study, also while it is a draft: what is there must be right."""

    READ_ONLY = (*PUBLICATION_KEYS, "findingsByLane")
    IGNORED = ("$schema",)  # by which editing tools know what to check a file against

    slug = Identifier(80, required=True, data_key="id", metadata={"example": "kleinhans-2004"})
    type: fields.Field[Any] = ReadOnlyConstant("study")
    title = Line(500, load_default=None, allow_none=True)
    summary = Text(20_000, load_default=None, allow_none=True)
    findings = fields.List(fields.Nested(FindingInStudy), load_default=list)
    pitfalls = fields.List(fields.Nested(PitfallInOwner), load_default=list)
    programme = Programme()
    covers = Covers()
    search_terms = SearchTerms()
    unverified = fields.List(
        Line(100),
        load_default=list,
        validate=Distinct(),
        metadata={"description": "Keys that nobody has checked against a source yet."},
    )

    class Meta(PublishedWork.Meta):
        fields: tuple[str, ...] = TEXT_FIELDS


class StudyInput(IdOrTitle, StudyDocument):
    """A study as an editor sends it; ids may be missing."""

    slug = Identifier(
        80,
        load_default=None,
        allow_none=False,
        data_key="id",
        metadata={"example": "kleinhans-2004"},
    )
    findings = fields.List(fields.Nested(FindingOfStudyInput), load_default=list)
    pitfalls = fields.List(fields.Nested(PitfallInput), load_default=list)


class StudyItem(ListItem):
    """A study in a list."""

    slug = fields.String(data_key="id", metadata={"example": "kleinhans-2004"})
    type = fields.Constant("study")
    title = fields.String()
    summary = fields.String()
    authors = fields.List(fields.String())
    year = fields.Integer(allow_none=True)
    publisher = fields.String(allow_none=True)
    url = fields.String(allow_none=True)
    source_type = TermField("source-types")
    findings_by_lane = FindingsByLane()
    links = Links("studies")


class FindingOfStudy(FindingInStudy):
    """A finding in its study, which is its source."""

    source = Reference(dump_only=True)


class StudyText(StudyDocument):
    """A study as one of its texts has it, with what follows from that."""

    class Meta(StudyDocument.Meta):
        """What a text has, and when it was published."""

        fields: tuple[str, ...] = SHOWN_FIELDS

    type = fields.Constant("study", dump_only=True)
    findings = fields.List(fields.Nested(FindingOfStudy))
    findings_by_lane = FindingsByLane()
    version = fields.Integer(dump_only=True)
    published_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)
    links = Links("studies")


class Study(StudyItem):
    """A study with its findings and pitfalls."""

    findings = fields.List(fields.Nested(FindingOfStudy))
    pitfalls = fields.List(fields.Nested(PitfallInOwner))
    programme = fields.String(allow_none=True)
    covers = fields.List(Reference())
    search_terms = SearchTerms()
    unverified = fields.List(fields.String())

    class Meta(StudyItem.Meta):
        exclude = ("match",)


def publication_errors(study: Mapping[str, Any]) -> Iterator[tuple[str, Mistake]]:
    """What must still be mended before a loaded study can be published, each with its pointer."""
    yield from checks.check_required(study, REQUIRED_KEYS)
    yield from checks.check_owned_ids(study)
    yield from impossible_values(study)


def impossible_values(study: Mapping[str, Any]) -> Iterator[tuple[str, Mistake]]:
    """What no loaded study can mean, so that a draft cannot take it in either."""
    yield from checks.check_year_range(study)
    yield from checks.check_unverified(study, cached_schema(StudyDocument))
