"""A list as its page was asked for, and the addresses of the same list asked otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from kb.pages.page import link

Given = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Asked:
    """What was asked of a list, by the names of the API; the page of the list is left out."""

    path: str
    given: Given

    @property
    def address(self) -> str:
        """Where this list is."""
        return link(self.path, self.given)

    @property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        """The filters that can be taken away one by one."""
        return {name: values for name, values in self.given.items() if isinstance(values, tuple)}

    def with_(self, name: str, value: str) -> Asked:
        """The same list with one value more in a filter."""
        before = self.chosen.get(name, ())
        return replace(self, given={**self.given, name: (*before, value)})

    def without(self, name: str, value: str | None = None) -> Asked:
        """The same list without a value of a filter, or without that parameter at all."""
        left = tuple(each for each in self.chosen.get(name, ()) if each != value)
        given = {key: told for key, told in self.given.items() if key != name}
        return replace(self, given={**given, name: left} if value and left else given)

    def asking(self, **told: str) -> Asked:
        """The same list with single parameters told otherwise."""
        return replace(self, given={**self.given, **told})

    def only(self, names: Collection[str], **told: str) -> Asked:
        """As much of what was asked as another list understands."""
        kept = {name: value for name, value in self.given.items() if name in names}
        return replace(self, given={**kept, **told})
