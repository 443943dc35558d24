"""marshmallow's validators, raising mistakes with a code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from marshmallow import ValidationError, validate

from kb.input_errors import Mistake
from kb.suggestions import closest_match

from .errors import input_error


class Length(validate.Length):
    """marshmallow's length, with our code; it also tells OpenAPI."""

    def __init__(self, minimum: int | None = None, maximum: int | None = None) -> None:
        super().__init__(min=minimum, max=maximum)

    def __call__(self, value: Any) -> Any:
        unit = "characters" if isinstance(value, str) else "items"
        if self.min is not None and len(value) < self.min:
            raise input_error("too-short", minimum=self.min, actual=len(value), unit=unit)
        if self.max is not None and len(value) > self.max:
            raise input_error("too-long", maximum=self.max, actual=len(value), unit=unit)
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
