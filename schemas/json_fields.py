"""Fields of JSON documents, read strictly: texts, numbers, ids and moments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from marshmallow import fields

from .countries import country_code
from .errors import input_error, printable
from .text import is_invalid_text, normalise
from .validators import Length, Range

KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_stored: ContextVar[bool] = ContextVar("stored", default=False)


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


class Text(fields.String):
    """A text that is not blank, of at most `maximum` characters, normalised; it may have lines."""

    one_line = False
    may_be_blank = False  # a blank text is read as an empty one, instead of refused

    def __init__(self, maximum: int, **options: Any) -> None:
        minimum = 0 if self.may_be_blank else 1
        super().__init__(validate=[Length(minimum=minimum, maximum=maximum)], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **options)
        if is_stored():
            return text
        if is_invalid_text(text):
            raise input_error("bad-format", value=printable(text), expected="characters")
        text = self._normalised(text)
        if not text and not self.may_be_blank:
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
            meant = country_code(text)
            raise input_error("bad-format", suggestion=meant, value=text[:80], expected="country")
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
