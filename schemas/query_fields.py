"""Fields of query strings: words, numbers, and several values at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from .errors import input_error
from .json_fields import Identifier, Line
from .validators import Distinct, OneOf, Range

MAX_QUERY_LENGTH = 500  # characters of `q`
MAX_QUERY_WORDS = 100  # of `q`
QUERY_WORD = re.compile(r"[^\s,/:;<>|+=\\—]+")


class EnumString(fields.String):
    """One string of a fixed set."""

    def __init__(self, choices: Iterable[str], **options: Any) -> None:
        super().__init__(validate=[OneOf(choices)], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if value == "":
            raise input_error("empty")
        return super()._deserialize(value, attr, data, **options)


class QueryIdentifier(Identifier):
    """An id in a query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if value == "":
            raise input_error("empty")
        return super()._deserialize(value, attr, data, **options)


class SearchText(Line):
    """What people type into a search box: 1 to 500 characters, at most 100 words."""

    def __init__(self, **options: Any) -> None:
        super().__init__(MAX_QUERY_LENGTH, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **options)
        if (
            len(text) <= MAX_QUERY_LENGTH
            and (number := len(QUERY_WORD.findall(text))) > MAX_QUERY_WORDS
        ):
            raise input_error("too-long", maximum=MAX_QUERY_WORDS, actual=number, unit="words")
        return text


class QueryInteger(fields.Integer):
    """A whole number in a query string."""

    def __init__(self, minimum: int, maximum: int, **options: Any) -> None:
        super().__init__(validate=[Range(minimum, maximum)], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if value == "":
            raise input_error("empty")
        if not re.fullmatch(r"-?[0-9]{1,12}", str(value)):
            raise input_error("wrong-type", expected="integer")
        return int(value)


class DelimitedList(fields.List[Any]):
    """Several values: repeated, or with commas between them, which no value has."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        return super()._deserialize(split_at_commas(value), attr, data, **options)


def split_at_commas(value: str | Iterable[str]) -> list[str]:
    """The values of a parameter that may be repeated, have commas, or both."""
    values = [value] if isinstance(value, str) else value
    return [part.strip() for each in values for part in each.split(",")]


class DelimitedEnums(DelimitedList):
    """Several strings of a fixed set, each once."""

    def __init__(self, choices: Iterable[str], **options: Any) -> None:
        self.choices = tuple(choices)
        word = fields.String(validate=OneOf(self.choices))
        super().__init__(word, validate=[Distinct()], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if "" in split_at_commas(value):
            raise input_error("empty")
        return super()._deserialize(value, attr, data, **options)
