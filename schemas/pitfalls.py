"""A pitfall across cases and studies."""

from __future__ import annotations

from marshmallow import fields

from .links import Links
from .match import Excerpt, ListItem
from .parts import SearchTerms
from .published_notes import PracticeNotes
from .terms import Reference, TermField


class PitfallItem(ListItem):
    """A pitfall in a list."""

    slug = fields.String(data_key="id")
    type = fields.Constant("pitfall")
    title = fields.String()
    summary = Excerpt("description")
    category = TermField("pitfall-categories")
    phase = TermField("phases")
    description = fields.String()
    avoidance = fields.String(allow_none=True, metadata={"description": "Advice, not evidence."})
    search_terms = SearchTerms()
    case = Reference(allow_none=True)
    study = Reference(allow_none=True)
    links = Links("pitfalls")


class Pitfall(PitfallItem):
    """What went wrong in the process of a case, or as a study saw it."""

    practice_notes = PracticeNotes()

    class Meta(PitfallItem.Meta):
        """A list alone says why it has a thing."""

        exclude = ("match",)
