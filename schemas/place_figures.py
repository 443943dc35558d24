"""Figures of a municipality that follow from its name: readers get them, nobody writes them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, missing
from marshmallow.utils import get_value

from kb.vocabulary.places import Municipality, municipality_of, places

from .terms import TermField, is_bare

FIGURE_KEYS = ("urbanity", "population", "socialRent", "figuresYear")


def _municipality(place: Any) -> Municipality | None:
    country, name = (get_value(place, key, None) for key in ("country", "municipality"))
    return municipality_of(country, name)


class Urbanity(TermField):
    """How urban the municipality is; null where its figures are not known."""

    def __init__(self) -> None:
        super().__init__(
            "urbanity-levels", attribute="municipality", dump_only=True, allow_none=True
        )

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        if is_bare():
            return missing
        known = _municipality(obj)
        return super()._serialize(known and known.urbanity, attr, obj, **options)


class Figure(fields.Integer):
    """A number of the municipality; null where its figures are not known."""

    def __init__(self, name: str, about: str, example: int) -> None:
        """`name` is that of the figure in `Municipality`."""
        metadata = {"description": about, "example": example}
        super().__init__(
            attribute="municipality", dump_only=True, allow_none=True, metadata=metadata
        )
        self._figure = name

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        if is_bare():
            return missing
        known = _municipality(obj)
        return self._of(known) if known else None

    def _of(self, municipality: Municipality) -> int:
        figure: int = getattr(municipality, self._figure)
        return figure


class FiguresYear(Figure):
    """The year on the first day of which was counted."""

    def __init__(self) -> None:
        super().__init__("", "On the first day of this year the figures of CBS were true.", 2024)

    def _of(self, municipality: Municipality) -> int:
        return places().year
