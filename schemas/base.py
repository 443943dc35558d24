"""Schemas that speak camelCase, name every mistake by its code and read JSON strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, ClassVar

from marshmallow import RAISE, ValidationError, fields, pre_load, validate
from marshmallow import Schema as MarshmallowSchema
from marshmallow.exceptions import SCHEMA

from kb.input_errors import Mistake
from kb.suggestions import closest_match

from .text import is_invalid_text, normalise

KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_stored: ContextVar[bool] = ContextVar("stored", default=False)
_EXPECTED = {
    fields.Integer: "integer",
    fields.List: "list",
    fields.Nested: "object",
    fields.Boolean: "boolean",
}


def camel(name: str) -> str:
    """`start_year` → `startYear`; a leading underscore stays."""
    head, *tail = name.strip("_").split("_")
    return "_" * name.startswith("_") + head + "".join(word.title() for word in tail)


def input_error(
    code: str,
    /,
    at: str | None = None,
    suggestion: str | Callable[[], str | None] | None = None,
    allowed: str | None = None,
    **values: Any,
) -> ValidationError:
    """A ValidationError with one mistake; marshmallow adds the key, or `at` names it."""
    mistake = [Mistake(code, values, suggestion, allowed)]
    return ValidationError({at: mistake} if at else mistake)


@contextmanager
def stored_texts() -> Iterator[None]:
    """Inside, what was saved before passes as it is: it was right by the rules of its release."""
    token = _stored.set(True)
    try:
        yield
    finally:
        _stored.reset(token)


def is_stored() -> bool:
    """Whether what is read now was saved before."""
    return _stored.get()


def printable(text: str) -> str:
    """The first 80 characters of an input, with escapes for what cannot be printed."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text[:80])


class Schema(MarshmallowSchema):
    """Keys in camelCase; unknown keys are mistakes."""

    class Meta:
        unknown = RAISE

    error_messages: ClassVar[dict[str, Any]] = {  # type: ignore[misc]  # ours are not strings
        "unknown": Mistake("unknown-key"),
        "type": Mistake("wrong-type", {"expected": "object"}),
    }

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.data_key = field_obj.data_key or camel(field_name)
        _name_mistakes(field_obj)


@cache
def cached_schema(schema: type[MarshmallowSchema]) -> Any:
    """One instance per schema class: making one takes longer than using it, and it has no state."""
    return schema()


class Document(Schema):
    """A document of an editor: what `GET` gave may come back, read-only keys included."""

    READ_ONLY: ClassVar[tuple[str, ...]] = ()  # keys of responses, ignored on input
    IGNORED: ClassVar[tuple[str, ...]] = ()  # keys for tools alone

    @pre_load
    def drop_read_only(self, data: Any, **_options: Any) -> Any:
        """Drop the keys that input is not read from, `_links` and the like too."""
        if not isinstance(data, Mapping):
            return data
        return {
            key: value
            for key, value in data.items()
            if not str(key).startswith("_") and key not in (*self.READ_ONLY, *self.IGNORED)
        }


def _name_mistakes(field: fields.Field[Any]) -> None:
    """Replace marshmallow's sentences by our codes, in a field and in what it holds."""
    expected = next((word for kind, word in _EXPECTED.items() if isinstance(field, kind)), "string")
    mistyped = [Mistake("wrong-type", {"expected": expected})]
    field.error_messages = {
        **dict.fromkeys(field.error_messages, mistyped),
        "required": [Mistake("required")],
        "null": [Mistake("null")],
    }
    if isinstance(field, fields.List):
        _name_mistakes(field.inner)


class Text(fields.String):
    """A text that is not blank, of at most `maximum` characters, normalised; it may have lines."""

    one_line = False

    def __init__(self, maximum: int, **options: Any) -> None:
        super().__init__(validate=[Length(minimum=1, maximum=maximum)], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        sent: str = super()._deserialize(value, attr, data, **options)
        if is_stored():
            return sent
        if is_invalid_text(sent):
            raise input_error("bad-format", value=printable(sent), expected="characters")
        text = self._normalised(sent)
        if not text:
            raise input_error("empty")
        return text

    def _normalised(self, text: str) -> str:
        return normalise(text, one_line=self.one_line)


class Line(Text):
    """The same on one line: a title or a name."""

    one_line = True


class JsonInteger(fields.Integer):
    """A JSON number without a fraction, 3.0 too; neither "3" nor true."""

    def __init__(self, minimum: int, maximum: int, **options: Any) -> None:
        super().__init__(strict=True, validate=[Range(minimum, maximum)], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            return int(value)  # for JSON it is the same number
        if not isinstance(value, int) or isinstance(value, bool):
            raise input_error("wrong-type", expected="integer")
        return value


class JsonBoolean(fields.Boolean):
    """`true` or `false` as JSON has them, and nothing that looks like one of them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Identifier(fields.String):
    """An id in kebab-case, of at most `maximum` characters."""

    pattern = KEBAB

    def __init__(self, maximum: int = 80, **options: Any) -> None:
        super().__init__(validate=[Length(maximum=maximum)], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **options)
        if not self.pattern.fullmatch(text):
            raise input_error("bad-format", value=text[:80], expected="id")
        return text


class OwnedIdentifier(Identifier):
    """The id of what a case or study owns: that of the owner, two dashes, a name of its own.

    No id of an owner has two dashes, so no two owners can come to the same id.
    """

    pattern = re.compile(f"(?:{KEBAB.pattern}--)?{KEBAB.pattern}")

    def __init__(self, **options: Any) -> None:
        super().__init__(170, **options)


class Country(fields.String):
    """A country by its ISO 3166-1 alpha-2 code."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **options)
        if not re.fullmatch(r"[A-Z]{2}", text):
            raise input_error("bad-format", value=text[:80], expected="country")
        return text


class UtcDateTime(fields.DateTime):
    """A moment in UTC, to the second, as `2026-11-25T09:30:00Z`."""

    def __init__(self, **options: Any) -> None:
        super().__init__("%Y-%m-%dT%H:%M:%SZ", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if not isinstance(value, str):
            raise input_error("wrong-type", expected="string")
        try:
            return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise input_error("bad-format", value=printable(value), expected="moment") from None


class ReadOnlyConstant(fields.Field[str]):
    """A key of responses that input may repeat, but not with another value."""

    def __init__(self, word: str) -> None:
        super().__init__(load_only=True)
        self.word = word

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if value != self.word:
            raise input_error("read-only")
        return self.word


class Length(validate.Length):
    """marshmallow's length, with our code; it also tells OpenAPI."""

    def __init__(self, minimum: int | None = None, maximum: int | None = None) -> None:
        super().__init__(min=minimum, max=maximum)

    def __call__(self, value: Any) -> Any:
        if self.min is not None and len(value) < self.min:
            raise input_error("too-short", minimum=self.min, actual=len(value))
        if self.max is not None and len(value) > self.max:
            raise input_error("too-long", maximum=self.max, actual=len(value))
        return value


class Range(validate.Range):
    """marshmallow's range, both ends included, with our code; it also tells OpenAPI."""

    def __init__(self, minimum: int, maximum: int) -> None:
        super().__init__(min=minimum, max=maximum)

    def __call__(self, value: Any) -> Any:
        if not self.min <= value <= self.max:
            raise input_error("out-of-range", minimum=self.min, maximum=self.max)
        return value


class OneOf(validate.OneOf):
    """marshmallow's choice, with our code and the nearest choice."""

    def __init__(self, choices: Iterable[str]) -> None:
        super().__init__(tuple(choices))

    def __call__(self, value: Any) -> Any:
        if value not in self.choices:
            raise input_error(
                "not-in-vocabulary",
                suggestion=partial(closest_match, str(value), self.choices),
                value=str(value)[:80],
            )
        return value


class Distinct(validate.Validator):
    """No value twice in a list; each repetition is an error at its own index."""

    def __call__(self, values: list[Any]) -> list[Any]:
        first = {value: place for place, value in reversed(list(enumerate(values)))}
        again = {
            place: [Mistake("duplicate", {"value": str(value)[:80]})]
            for place, value in enumerate(values)
            if first[value] != place
        }
        if again:
            raise ValidationError(again)
        return values


def flatten_errors(
    errors: Any, known: MarshmallowSchema | None = None, pointer: str = ""
) -> Iterable[tuple[str, Mistake]]:
    """The leaves of marshmallow's tree of errors, each with its JSON Pointer.

    `known` is the schema of the document, from which an unknown key gets its suggestion.
    """
    if isinstance(errors, Mistake):
        yield pointer, _with_suggestion(errors, pointer, known)
    elif isinstance(errors, list):
        for error in errors:
            yield from flatten_errors(error, known, pointer)
    elif isinstance(errors, dict):
        for key, error in errors.items():
            if key == SCHEMA:
                yield from flatten_errors(error, known, pointer)
            else:
                step = key if isinstance(key, int) else key.replace("~", "~0").replace("/", "~1")
                at = f"{pointer}/{step}"
                if _is_leaf(error):
                    for mistake in error:
                        yield at, _with_suggestion(mistake, at, known)
                else:
                    yield from flatten_errors(error, _below(known, key), at)
    else:  # a sentence of a library; there should be none
        yield pointer, Mistake("inconsistent", {"reason": str(errors)})


def _is_leaf(errors: Any) -> bool:
    return isinstance(errors, list) and all(isinstance(error, Mistake) for error in errors)


def _below(known: MarshmallowSchema | None, key: Any) -> MarshmallowSchema | None:
    """The schema one step deeper; a step into a list keeps the schema of its items."""
    if known is None or isinstance(key, int):
        return known
    field = next((one for one in known.fields.values() if one.data_key == key), None)
    inner = field.inner if isinstance(field, fields.List) else field
    return inner.schema if isinstance(inner, fields.Nested) else None


@cache
def _keys_of(schema: type[MarshmallowSchema]) -> tuple[str, ...]:
    return tuple(field.data_key or "" for field in schema().fields.values())


def _with_suggestion(mistake: Mistake, pointer: str, known: MarshmallowSchema | None) -> Mistake:
    if mistake.code != "unknown-key" or mistake.values:
        return mistake
    key = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    keys = _keys_of(type(known)) if known else ()
    return Mistake("unknown-key", {"value": printable(key)}, partial(closest_match, key, keys))
