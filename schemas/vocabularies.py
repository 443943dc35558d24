"""Term schemes: the files they come from, and what readers get."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, missing

from kb.vocabulary.terms import language

from .base import Document, Schema
from .json_fields import Identifier, JsonBoolean, Line, Text
from .links import Links
from .match import Excerpt, ListItem
from .published_notes import PracticeNotes
from .terms import TermField
from .validators import Distinct, Length


class Labels(Document):
    """What something is called, in both languages."""

    nl = Line(200, required=True)
    en = Line(200, required=True)


class Synonyms(Document):
    """What else practitioners call it, in both languages."""

    nl = fields.List(Line(100), required=True, validate=Distinct())
    en = fields.List(Line(100), required=True, validate=Distinct())


class FileFlag(JsonBoolean):
    """True, or absent from a file."""

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **options: Any) -> Any:
        """The value, when it is true."""
        return super().serialize(attr, obj, accessor, **options) or missing


class FileReference(Identifier):
    """An id, or absent from a file."""

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **options: Any) -> Any:
        """The value, when there is one."""
        return super().serialize(attr, obj, accessor, **options) or missing


class TermFile(Document):
    """A term in a scheme's file."""

    id = Identifier(80, required=True)
    labels = fields.Nested(Labels, required=True)
    definition = Text(2000, required=True)
    synonyms = fields.Nested(Synonyms, required=True)
    broader = Identifier(80, required=True, allow_none=True)
    is_deprecated = FileFlag(load_default=False, data_key="deprecated")
    replaced_by = FileReference(80, load_default=None, allow_none=True)


class SchemeFile(Document):
    """A scheme's file in `seed_data/terms/`."""

    id = Identifier(40, required=True)
    labels = fields.Nested(Labels, required=True)
    parameter = fields.String(required=True, allow_none=True)
    terms = fields.List(fields.Nested(TermFile), required=True, validate=Length(minimum=1))


class RelatedWords(fields.Dict):
    """What to look for too, by the word or phrase that is typed."""

    def __init__(self) -> None:
        others = fields.List(Line(100), validate=[Length(minimum=1), Distinct()])
        super().__init__(keys=Line(100), values=others, required=True)


class FieldWordsFile(Document):
    """`seed_data/words.json`: what practitioners call things that are no terms, for search."""

    same = fields.List(
        fields.List(Line(100), validate=[Length(minimum=2), Distinct()]), required=True
    )
    english = RelatedWords()
    narrower = RelatedWords()
    query_only = RelatedWords()


class Label(fields.String):
    """The label in the language of the answer."""

    def __init__(self) -> None:
        super().__init__(attribute="labels", dump_only=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        return value[language()]


class Term(Schema):
    """A term with everything that is known of it."""

    id = fields.String(metadata={"example": "buddy-systeem"})
    label = Label()
    labels = fields.Nested(Labels)
    definition = fields.String(metadata={"description": "In Dutch."})
    synonyms = fields.Nested(Synonyms)
    broader = fields.String(allow_none=True)
    is_deprecated = fields.Boolean(
        data_key="deprecated",
        metadata={"description": "Texts that have it keep it; new ones are refused it."},
    )
    replaced_by = fields.String(
        allow_none=True, metadata={"description": "What to take instead of a deprecated term."}
    )


class VocabularyItem(Schema):
    """A scheme of terms; `parameter` is the filter that takes them, where there is one."""

    id = fields.String(metadata={"example": "ingredients"})
    type = fields.Constant("vocabulary")
    label = Label()
    parameter = fields.String(allow_none=True)
    links = Links("vocabularies")


class Vocabulary(VocabularyItem):
    """A scheme with its terms, in their own order."""

    terms = fields.List(fields.Nested(Term), attribute="in_order")


class VocabularyList(Schema):
    """All schemes."""

    items = fields.List(fields.Nested(VocabularyItem), required=True)


class IngredientItem(ListItem):
    """An active ingredient in a list."""

    slug = fields.String(data_key="id", metadata={"example": "buddy-systeem"})
    type = fields.Constant("ingredient")
    title = Label()
    summary = Excerpt("definition")
    broader = TermField("ingredient-groups")
    case_count = fields.Integer(metadata={"description": "Published cases that have it."})
    links = Links("ingredients")


class Ingredient(IngredientItem):
    """An active ingredient with everything that its vocabulary says."""

    label = Label()
    labels = fields.Nested(Labels)
    definition = fields.String()
    synonyms = fields.Nested(Synonyms)
    practice_notes = PracticeNotes()

    class Meta(IngredientItem.Meta):
        exclude = ("match",)
