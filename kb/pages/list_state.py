"""The state of a list's page (words, filters, order), and the addresses of the states beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from urllib.parse import quote

from kb.pages.links import language_parameter, link, with_query
from kb.web.addresses import local_address

CACHED_VALUES = 4096  # of filters, which stay quoted
Parameters = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class ListState:
    """A list's path and query parameters, by the names of the API, without the number of the page.

    A parameter that may be repeated is a tuple of texts, any other a text.
    """

    path: str
    parameters: Parameters

    @property
    def address(self) -> str:
        """The address of this list."""
        return link(self.path, self.parameters)

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """The filters that can be removed value by value."""
        return {
            name: values for name, values in self.parameters.items() if isinstance(values, tuple)
        }

    def with_value(self, name: str, value: str) -> ListState:
        """The same list with one value more in a filter."""
        values = (*self.filters.get(name, ()), value)
        return replace(self, parameters={**self.parameters, name: values})

    def addresses_with(self, name: str, values: Iterable[str]) -> list[str]:
        """The address of `with_value` for each of these values."""
        before, after = self._around_values_of(name) if name in self.parameters else self._ends
        before += f"{'&' if '?' in before else '?'}{quote(name)}="
        return [f"{before}{_quoted(value)}{after}" for value in values]

    @cached_property
    def _ends(self) -> tuple[str, str]:
        """What stands before and after a value of a filter that is not chosen yet."""
        return self._around_values_of(None)

    def _around_values_of(self, name: str | None) -> tuple[str, str]:
        """The parts of an address before and after one value more in a filter; None: a new one."""
        parameters = list(self.parameters.items())
        place = list(self.parameters).index(name) + 1 if name else len(parameters)
        before = with_query(local_address(quote(self.path)), dict(parameters[:place]))
        rest = dict(parameters[place:])
        return before, with_query("", {**rest, **language_parameter()}).replace("?", "&", 1)

    def without(self, name: str, value: str | None = None) -> ListState:
        """The same list without a value of a filter, or without that parameter at all."""
        parameters = dict(self.parameters)
        values = parameters.pop(name, ())
        left = tuple(each for each in values if each != value)
        if value and isinstance(values, tuple) and left:
            parameters = {**self.parameters, name: left}
        return replace(self, parameters=parameters)

    def with_parameters(self, **parameters: str) -> ListState:
        """The same list with these parameters of one value."""
        return replace(self, parameters={**self.parameters, **parameters})

    def restricted_to(self, names: Collection[str]) -> ListState:
        """The same list with no other parameters than these."""
        parameters = {name: value for name, value in self.parameters.items() if name in names}
        return replace(self, parameters=parameters)


@lru_cache(maxsize=CACHED_VALUES)
def _quoted(value: str) -> str:
    return quote(value, safe="")
