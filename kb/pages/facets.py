"""Facets of a list for people: each value with its count, and a link that chooses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kb.pages.links import quoted
from kb.pages.list_state import ListState
from kb.vocabulary.terms import scheme_of

ORDERED_FACETS = (
    *("outcome", "lane", "evidence", "effectLevel", "effectDirection", "scale", "urbanity"),
    *("phase", "status"),
)


class FacetValue(NamedTuple):
    """A value of a facet, to choose or to take away."""

    value: str
    label: str
    doc_count: int
    is_selected: bool
    address: str  # of the list with it, or without it where it is selected
    element_id: str  # of its link in the page


def shown_facets(facets: Mapping[str, Any], state: ListState) -> dict[str, Any]:
    """The facets with a value to choose; where order has a meaning, in that of the scheme."""
    shown = {}
    for name, facet in facets.items():
        values = [value for value in facet["values"] if value["count"] or value["selected"]]
        scheme = scheme_of(name) if name in ORDERED_FACETS else None
        if scheme:
            order = list(scheme.terms)
            values.sort(key=lambda value: order.index(value["value"]))
        if values:
            shown[name] = {
                **facet,
                "values": _facet_values(name, values, state),
                "scheme": scheme.id if scheme else None,
            }
    return shown


def _facet_values(name: str, values: list[dict[str, Any]], state: ListState) -> list[FacetValue]:
    addresses = state.addresses_with(name, [value["value"] for value in values])
    return [
        FacetValue(
            value["value"],
            value["label"],
            value["count"],
            value["selected"],
            state.without(name, value["value"]).address if value["selected"] else address,
            f"{name}-{quoted(value['value'])}",
        )
        for value, address in zip(values, addresses, strict=True)
    ]
