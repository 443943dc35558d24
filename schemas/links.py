"""`_links`: where a thing can be read, as absolute addresses."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import current_app
from marshmallow import fields

from .base import Schema


def address(path: str) -> str:
    """The absolute address of a path of ours, as the outside world reaches it."""
    return f"{current_app.config['KB_PUBLIC_URL']}{path}"


def self_link(collection: str, slug: str) -> dict[str, dict[str, str]]:
    """The links of one thing in a collection such as `cases`."""
    return {"self": {"href": address(f"/v1/{collection}/{quote(slug)}")}}


class Link(Schema):
    """Where to go."""

    href = fields.Url(required=True, require_tld=False)


class ThingLinks(Schema):
    """Where one thing can be read."""

    self_ = fields.Nested(Link, required=True, data_key="self")


class PageLinks(ThingLinks):
    """This page of a list and its neighbours, where there are any."""

    next = fields.Nested(Link)
    prev = fields.Nested(Link)


class Links(fields.Field[Any]):
    """The `_links` of a thing with a `slug`, in its collection."""

    shape = ThingLinks

    def __init__(self, collection: str) -> None:
        super().__init__(dump_only=True, data_key="_links")
        self.collection = collection

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **options: Any) -> Any:
        assert accessor is not None
        return self_link(self.collection, accessor(obj, "slug", None))
