"""A practitioner's question: the file it comes from, and what readers get."""

from __future__ import annotations

from marshmallow import fields

from .base import Distinct, Document, Identifier, Line, Text
from .links import Links
from .match import Excerpt, Listed
from .terms import OneTerm, Reference, Terms


class QuestionDocument(Document):
    """The whole text of a question, as its file has it."""

    TOLD = ("updatedAt",)

    slug = Identifier(80, required=True, data_key="id")
    theme = OneTerm("themes", required=True)
    title = Line(300, required=True)
    answer = Text(20_000, required=True)
    studies = fields.List(Reference(), load_default=list, validate=Distinct())
    strategies = Terms("strategies")
    ingredients = Terms("ingredients")
    pitfall_categories = Terms("pitfall-categories")
    effect_domains = Terms("effect-domains")


class QuestionItem(Listed):
    """A question in a list."""

    slug = fields.String(data_key="id")
    type = fields.Constant("question")
    title = fields.String()
    summary = Excerpt("answer")
    theme = OneTerm("themes")
    links = Links("questions")


class Question(QuestionItem):
    """A question with its answer, the studies behind it and the terms that lead further."""

    answer = fields.String()
    studies = fields.List(Reference())
    strategies = fields.List(OneTerm("strategies"))
    ingredients = fields.List(OneTerm("ingredients"))
    pitfall_categories = fields.List(OneTerm("pitfall-categories"))
    effect_domains = fields.List(OneTerm("effect-domains"))

    class Meta(QuestionItem.Meta):
        exclude = ("match",)
