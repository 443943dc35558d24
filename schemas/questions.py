"""A practitioner's question: the document that editors and files give, and what readers get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import fields

from kb.input_errors import Mistake

from . import checks
from .base import PUBLICATION_KEYS, Document
from .ids import IdOrTitle
from .json_fields import Identifier, Line, ReadOnlyConstant, Text, UtcDateTime
from .links import Links
from .match import Excerpt, ListItem
from .parts import SearchTerms
from .terms import Reference, TermField, TermList
from .validators import Distinct

REQUIRED_KEYS = ("theme", "title", "answer")


class QuestionDocument(Document):
    """The whole text of a question, also while it is a draft: what is there must be right."""

    READ_ONLY = (*PUBLICATION_KEYS, "summary")
    IGNORED = ("$schema",)  # by which editing tools know what to check a file against

    slug = Identifier(80, required=True, data_key="id")
    type: fields.Field[Any] = ReadOnlyConstant("question")
    theme = TermField("themes", load_default=None, allow_none=True)
    title = Line(300, load_default=None, allow_none=True)
    answer = Text(20_000, load_default=None, allow_none=True)
    studies = fields.List(Reference(), load_default=list, validate=Distinct())
    strategies = TermList("strategies")
    ingredients = TermList("ingredients")
    pitfall_categories = TermList("pitfall-categories")
    effect_domains = TermList("effect-domains")
    search_terms = SearchTerms()


class QuestionInput(IdOrTitle, QuestionDocument):
    """A question as an editor sends it; its id may be missing."""

    slug = Identifier(80, load_default=None, allow_none=False, data_key="id")


class QuestionText(QuestionDocument):
    """A question as one of its texts has it."""

    type = fields.Constant("question", dump_only=True)
    version = fields.Integer(dump_only=True)
    published_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)
    links = Links("questions")


class QuestionItem(ListItem):
    """A question in a list."""

    slug = fields.String(data_key="id")
    type = fields.Constant("question")
    title = fields.String()
    summary = Excerpt("answer")
    theme = TermField("themes")
    links = Links("questions")


class Question(QuestionItem):
    """A question with its answer, the studies behind it and the terms that lead further."""

    answer = fields.String()
    studies = fields.List(Reference())
    strategies = fields.List(TermField("strategies"))
    ingredients = fields.List(TermField("ingredients"))
    pitfall_categories = fields.List(TermField("pitfall-categories"))
    effect_domains = fields.List(TermField("effect-domains"))
    search_terms = SearchTerms()

    class Meta(QuestionItem.Meta):
        exclude = ("match",)


def publication_errors(question: Mapping[str, Any]) -> Iterator[tuple[str, Mistake]]:
    """What must still be mended before a loaded question can be published, with its pointer."""
    yield from checks.check_keys(question, REQUIRED_KEYS)
