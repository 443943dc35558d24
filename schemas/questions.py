"""A practitioner's question: the file it comes from, and what readers get."""

from __future__ import annotations

from marshmallow import fields

from .base import Document
from .json_fields import Identifier, Line, Text
from .links import Links
from .match import Excerpt, ListItem
from .parts import SearchTerms
from .terms import Reference, TermField, TermList
from .validators import Distinct


class QuestionDocument(Document):
    """The whole text of a question, as its file has it."""

    READ_ONLY = ("updatedAt",)

    slug = Identifier(80, required=True, data_key="id")
    theme = TermField("themes", required=True)
    title = Line(300, required=True)
    answer = Text(20_000, required=True)
    studies = fields.List(Reference(), load_default=list, validate=Distinct())
    strategies = TermList("strategies")
    ingredients = TermList("ingredients")
    pitfall_categories = TermList("pitfall-categories")
    effect_domains = TermList("effect-domains")
    search_terms = SearchTerms()


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
