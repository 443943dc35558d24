"""`_links`: where a thing can be read, as absolute addresses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from marshmallow import fields

from kb.kinds import BY_COLLECTION
from kb.web.addresses import public_address

from .base import Schema


def self_link(collection: str, slug: str) -> dict[str, dict[str, str]]:
    """The links of one thing in a collection such as `cases`."""
    return {"self": {"href": public_address(f"/v1/{collection}/{quote(slug)}")}}


def thing_links(collection: str, slug: str) -> dict[str, dict[str, str]]:
    """The links of one thing: where programs read it, and where people do."""
    page = public_address(f"{BY_COLLECTION[collection].page_path}/{quote(slug)}")
    return {**self_link(collection, slug), "html": {"href": page}}


def page_links(
    base: str, query: Iterable[tuple[str, str]], number: int, pages: int
) -> dict[str, dict[str, str]]:
    """The links of a page of a list: the same query with other page numbers, counted from 1."""
    others = [pair for pair in query if pair[0] != "page"]
    numbers = {"self": number} | ({"next": number + 1} if number < pages else {})
    numbers |= {"prev": number - 1} if 1 < number <= pages + 1 else {}
    return {
        rel: {"href": f"{base}?{urlencode([*others, ('page', str(page))])}"}
        for rel, page in numbers.items()
    }


class Link(Schema):
    """Where to go."""

    href = fields.Url(required=True, require_tld=False)


class SelfLinks(Schema):
    """Where this very answer can be read."""

    self_ = fields.Nested(Link, required=True, data_key="self")


class ThingLinks(SelfLinks):
    """Where one thing can be read, by programs and by people."""

    html = fields.Nested(Link, metadata={"description": "Its page, for people."})


class PageLinks(SelfLinks):
    """This page of a list and its neighbours, where there are any."""

    next = fields.Nested(Link)
    prev = fields.Nested(Link)


class Links(fields.Field[Any]):
    """The `_links` of a thing with a `slug`, in its collection."""

    shape = ThingLinks

    def __init__(self, collection: str, below: str = "") -> None:
        super().__init__(dump_only=True, data_key="_links")
        self.collection = collection
        self.below = below  # what follows the slug, with keys of the thing in braces

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **options: Any) -> Any:
        assert accessor is not None
        slug = accessor(obj, "slug", None)
        if self.below:
            links = self_link(self.collection, slug)
            links["self"]["href"] += self.below.format(
                version=accessor(obj, "version", None), number=accessor(obj, "number", None)
            )
            return links
        kind = BY_COLLECTION.get(self.collection)
        if kind and not kind.page_path:
            page = self._page_of_owner(obj, slug, accessor)
            return {**self_link(self.collection, slug), "html": page}
        return thing_links(self.collection, slug) if kind else self_link(self.collection, slug)

    def _page_of_owner(self, obj: Any, slug: str, accessor: Any) -> dict[str, str]:
        """A finding is read on the page of the case or study that owns it."""
        case = accessor(obj, "case", None)
        collection = "cases" if case is not None else "studies"
        owner = case if case is not None else accessor(obj, "study", None)
        page = thing_links(collection, owner.slug)["html"]["href"]
        return {"href": f"{page}#{quote(slug)}"}
