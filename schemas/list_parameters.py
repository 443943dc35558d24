"""Parameters of lists, in words for the API document: sort, fields, facets, format."""

from __future__ import annotations

from typing import Any

from .base import Schema
from .cases import CaseItem
from .query_fields import DelimitedEnums, EnumString

ALL_KEYS = "all"  # keys of a case, and not those of an item alone
OFTEN_MISSING = ("province", "pitfallCategory")  # of things in lists; for examples
UNPAGED_REPRESENTATIONS = ("csv", "ndjson")  # of a whole list, whatever its length


def representation_field(*representations: str) -> EnumString:
    """The choice of a representation, under the name `format`."""
    return EnumString(
        representations,
        data_key="format",
        metadata={"description": "In which form to answer; it wins from Accept."},
    )


def csv_separator_field() -> EnumString:
    """The choice of what parts the cells of a table, under the name `csvSeparator`."""
    return EnumString(
        ("comma", "semicolon", "tab"),
        metadata={
            "description": "What parts the cells of `format=csv`: a comma, or the semicolon with "
            "which a Dutch or German Excel opens a file right away.",
            "example": "semicolon",
        },
    )


class SortKeys(DelimitedEnums):
    """Orders, the first one first; `-` before a key turns it round."""

    def __init__(self, *more: str) -> None:
        keys = ("updatedAt", "title", *more)
        super().__init__(
            ("relevance", *(f"{sign}{key}" for key in keys for sign in ("", "-"))),
            metadata={
                "description": "What to sort by, the first key first; `-` turns it round. "
                "Repeat it, or put commas between. What has no such number comes last. `lane` "
                "begins with the strongest evidence, `year` is that of a publication. Default: "
                "relevance with `q`, else the list's own order.",
                "example": ["-updatedAt"],
            },
        )


class Fieldset(DelimitedEnums):
    """Top-level keys of the items; `id` and `type` always come."""

    def __init__(self, *shapes: type[Schema]) -> None:
        keys = dict.fromkeys(
            field.data_key or "" for shape in shapes for field in shape().fields.values()
        )
        super().__init__(
            keys,
            data_key="fields",
            metadata={
                "description": "Which keys of the items to give; `id` and `type` always come. "
                "Repeat it, or put commas between.",
                "example": ["title"],
            },
        )


class CaseFieldset(Fieldset):
    """The same of cases, or all that a case has, for tables and lines of JSON."""

    def __init__(self) -> None:
        super().__init__(CaseItem)
        about = (
            f"{self.metadata['description']} With `format=csv` or `format=ndjson`, `all` alone "
            "gives whole cases: as CSV every column of the codebook. An import takes both back."
        )
        self.metadata = {**self.metadata, "description": about}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if value in (ALL_KEYS, [ALL_KEYS]):  # not among the choices: it does not go with every form
            return [ALL_KEYS]
        return super()._deserialize(value, attr, data, **options)


class FacetNames(DelimitedEnums):
    """Filters to count the values of."""

    def __init__(self, *filters: str) -> None:
        super().__init__(
            filters,
            metadata={
                "description": "For which filters to count what each value would give. "
                "Repeat it, or put commas between.",
                "example": [filters[0]],
            },
        )


class MissingFilters(DelimitedEnums):
    """Filters of which things must have no value: what a facet counts as `missing`."""

    def __init__(self, *filters: str) -> None:
        super().__init__(
            filters,
            metadata={
                "description": "Only things without any value of these filters: what `facets` "
                "counts as `missing`. Repeat it, or put commas between.",
                "example": [next(name for name in filters if name in OFTEN_MISSING)],
            },
        )
