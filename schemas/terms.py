"""Fields for terms and references: a bare id or an object on input, an object with a name out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from marshmallow import ValidationError, fields, missing
from marshmallow.utils import get_value

from kb.input_errors import Mistake
from kb.suggestions import closest_match
from kb.vocabulary.outcomes import count_by_lane, outcome_of
from kb.vocabulary.terms import Term, language, schemes

from .base import Schema
from .errors import input_error
from .json_fields import Identifier, is_stored
from .text import comparable
from .validators import Distinct

_bare: ContextVar[bool] = ContextVar("bare", default=False)
_former_terms: ContextVar[frozenset[str] | None] = ContextVar("former_terms", default=None)


@contextmanager
def bare_ids() -> Iterator[None]:
    """Inside, terms and references are written as bare ids: as files and revisions keep them."""
    token = _bare.set(True)
    try:
        yield
    finally:
        _bare.reset(token)


def is_bare() -> bool:
    """Whether documents are made for files and revisions, without what follows from them."""
    return _bare.get()


def _label(scheme: str, term: str) -> str:
    """The label of a term in the language of the request; of a term that is no more, its id."""
    terms = schemes()[scheme].terms
    return terms[term].label(language()) if term in terms else term


def _with_label(scheme: str, term: str) -> dict[str, str]:
    """A term as answers tell it."""
    return {"id": term, "label": _label(scheme, term)}


def _id_in(value: Any, expected: str) -> str:
    """The id in a bare id or in an object that has one; what else the object has is ignored."""
    slug = value.get("id") if isinstance(value, Mapping) else value
    if not isinstance(slug, str):
        raise input_error("wrong-type", expected=expected)
    return slug


@contextmanager
def refusing_deprecated(before: Any) -> Iterator[None]:
    """Inside, a text cannot take in a deprecated term; what the text `before` has, it keeps."""
    token = _former_terms.set(frozenset(_strings(before)))
    try:
        yield
    finally:
        _former_terms.reset(token)


def _strings(value: Any) -> Iterator[str]:
    """Every text in a document, ids of terms among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _strings(each)


def _load_term(scheme: str, value: Any) -> str:
    """The id of a term of this scheme, from a bare id or an object."""
    slug = _id_in(value, "term")
    if mistake := _term_error(scheme, slug):
        raise ValidationError([mistake])
    return slug


def _term_error(scheme: str, slug: str) -> Mistake | None:
    """What is wrong with the id of a term; None for a right one."""
    term = schemes()[scheme].terms.get(slug)
    if term is not None and term.is_deprecated and not is_stored():
        return _deprecation_error(term)
    if term is not None or (slug and is_stored()):
        return None
    allowed = f"/v1/vocabularies/{scheme}"
    if not slug:
        return Mistake("empty", allowed=allowed)
    near = partial(_nearest_term, scheme, slug)
    return Mistake("not-in-vocabulary", {"value": slug[:80]}, near, allowed)


def _deprecation_error(term: Term) -> Mistake | None:
    """What is wrong with a deprecated term; None where a text may have it."""
    former = _former_terms.get()
    if former is None or term.id in former:
        return None
    successor = schemes()[term.scheme].successor_of(term.id)
    allowed = f"/v1/vocabularies/{term.scheme}"
    if successor is None:
        return Mistake("inconsistent", {"reason": "deprecated-term"}, None, allowed)
    values = {"reason": "replaced-term", "successor": successor.id}
    return Mistake("inconsistent", values, successor.id, allowed)


def _nearest_term(scheme: str, slug: str) -> str | None:
    """The term that is called so, or else of which the id or a label comes nearest."""
    terms = schemes()[scheme].terms
    current = schemes()[scheme].current
    called_so = [term.id for term in current if comparable(slug) in map(comparable, term.names)]
    if called_so:
        return called_so[0]
    labels = {term.label(each): term.id for term in current for each in ("nl", "en")}
    return closest_match(slug, terms) or labels.get(closest_match(slug, labels) or "")


class TermField(fields.Field[str]):
    """A term of one scheme."""

    def __init__(self, scheme: str, **options: Any) -> None:
        super().__init__(**options)
        self.scheme = scheme

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        return _load_term(self.scheme, value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        if value is None or _bare.get():
            return value
        return _with_label(self.scheme, value)


class TermList(fields.List[str]):
    """Terms of one scheme, each once; of a long list with many errors each has its index."""

    def __init__(self, scheme: str, **options: Any) -> None:
        super().__init__(
            TermField(scheme), **{"load_default": list, "validate": Distinct(), **options}
        )
        self.scheme = scheme

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            return super()._deserialize(value, attr, data, **options)
        mistakes = ((place, _term_error(self.scheme, each)) for place, each in enumerate(value))
        errors = {place: [mistake] for place, mistake in mistakes if mistake}
        if errors:  # without an exception for each
            valid = [each for place, each in enumerate(value) if place not in errors]
            raise ValidationError(errors, valid_data=valid)
        return list(value)


class SavedWhenSet(fields.Field[Any]):
    """A field for a key that came later: files and revisions have it only when it has a value.

    So what was saved before is still the same document. Combine it with the field that reads it.
    """

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **options: Any) -> Any:
        """The value for a document; missing when there is none to save."""
        value = super().serialize(attr, obj, accessor, **options)
        return missing if _bare.get() and not value else value


class TermId(fields.String):
    """The bare id of a term, in an object that is itself a term with more to it."""

    def __init__(self, scheme: str, **options: Any) -> None:
        super().__init__(**options)
        self.scheme = scheme

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if not isinstance(value, str):
            raise input_error("wrong-type", expected="string")
        return _load_term(self.scheme, value)


class TermLabel(fields.String):
    """The label beside such an id; readers get it, files and revisions do without."""

    def __init__(self, scheme: str, *, attribute: str) -> None:
        super().__init__(attribute=attribute, dump_only=True)
        self.scheme = scheme

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        if _bare.get():
            return missing
        return _label(self.scheme, value)


class LaneField(TermField):
    """The lane that a kind of evidence is in; readers get it, files and revisions do without."""

    def __init__(self) -> None:
        super().__init__("evidence-lanes", attribute="evidence", dump_only=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        if _bare.get():
            return missing
        kind = schemes()["evidence-levels"].terms.get(value)
        return super()._serialize(kind and kind.broader, attr, obj, **options)


class OutcomeField(TermField):
    """What the findings of a case say together; readers get it, files and revisions do without."""

    def __init__(self) -> None:
        super().__init__("outcomes", attribute="findings", dump_only=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        if _bare.get():
            return missing
        directions = (get_value(finding, "direction", None) for finding in value or ())
        return super()._serialize(outcome_of(filter(None, directions)), attr, obj, **options)


class DirectionOfFindings(Schema):
    """How many findings of a lane point in one direction."""

    direction = TermField("effect-directions")
    findings = fields.Integer(metadata={"example": 2})


class LaneOfFindings(Schema):
    """The findings of a case or study in one lane of evidence."""

    lane = TermField("evidence-lanes")
    directions = fields.List(fields.Nested(DirectionOfFindings))


class FindingsByLane(fields.List[Any]):
    """How many findings of a case or study point where, by lane, for readers.

    Files and revisions do without. The strongest lane comes first. A finding of a draft counts
    once it has a direction and a kind of evidence.
    """

    def __init__(self) -> None:
        super().__init__(fields.Nested(LaneOfFindings), attribute="findings", dump_only=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        if _bare.get():
            return missing
        pairs = (
            (get_value(finding, "evidence", None), get_value(finding, "direction", None))
            for finding in value or ()
        )
        counts = count_by_lane((kind, direction) for kind, direction in pairs if kind and direction)
        return [
            {
                "lane": _with_label("evidence-lanes", lane),
                "directions": [
                    {"direction": _with_label("effect-directions", direction), "findings": number}
                    for direction, number in directions.items()
                ],
            }
            for lane, directions in counts.items()
        ]


class Reference(fields.Field[str]):
    """Another thing of ours by its id; whether it is there is for the database to say."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        return str(Identifier().deserialize(_id_in(value, "reference")))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return value.slug if _bare.get() else {"id": value.slug, "title": value.title}


class TermShape(Schema):
    """A term as answers tell it."""

    id = fields.String(required=True)
    label = fields.String(required=True)


class ReferenceShape(Schema):
    """Another thing as answers tell it."""

    id = fields.String(required=True)
    title = fields.String(required=True)
