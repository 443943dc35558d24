"""A study: the file it comes from, and what readers get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import fields

from kb.input_errors import Mistake

from . import checks
from .json_fields import Identifier, Line, Text
from .links import Links
from .match import ListItem
from .parts import FindingInStudy, PitfallInOwner, Programme, PublishedWork, SearchTerms
from .terms import FindingsByLane, Reference, SavedWhenSet, TermField
from .validators import Distinct


class Covers(SavedWhenSet, fields.List[str]):
    """Studies of ours that a review holds, so that they are not counted again beside it."""

    def __init__(self) -> None:
        super().__init__(Reference(), load_default=list, validate=Distinct())


class StudyDocument(PublishedWork):
    """The whole text of a study, as its file has it."""

    READ_ONLY = ("updatedAt", "findingsByLane")

    slug = Identifier(80, required=True, data_key="id", metadata={"example": "kleinhans-2004"})
    title = Line(500, required=True)
    summary = Text(20_000, required=True)
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
        fields = (
            *("slug", "title", "authors", "year", "publisher", "url", "source_type", "summary"),
            *("findings", "pitfalls", "programme", "covers", "search_terms", "unverified"),
        )


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
    """What must be mended before a loaded study can be taken over, each with its pointer."""
    yield from checks.check_required(study, ("source_type",))
    yield from checks.check_year_range(study)
    yield from checks.check_owned_ids(study)
    yield from checks.check_unverified(study, StudyDocument())
