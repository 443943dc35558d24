"""Addresses in pages: of our own pages in the language of the reader, of feeds and of oEmbed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode

from flask import request

from kb import image_names
from kb.kinds import BY_COLLECTION, KINDS, KindName
from kb.vocabulary.terms import language
from kb.web.addresses import local_address, public_address

FOLLOWED_LISTS: Mapping[str, KindName] = {  # by the name of their page
    (kind.page_path or "/bevindingen").strip("/"): kind.name for kind in KINDS.values()
}
Query = Mapping[str, Any]  # a text, a number or several texts by the name of the parameter
_requested_language: ContextVar[tuple[str | None] | None] = ContextVar("requested", default=None)
_image_folder: ContextVar[str] = ContextVar("image_folder", default=image_names.PATH)


@contextmanager
def one_requested_language() -> Iterator[None]:
    """Inside, `requested_language` stays as it is: it is looked for once, not for each link."""
    token = _requested_language.set((requested_language(),))
    try:
        yield
    finally:
        _requested_language.reset(token)


def requested_language() -> str | None:
    """The language in the address of this page, which its links keep; None when it has none."""
    if known := _requested_language.get():
        return known[0]
    if "lang" not in request.args:  # `get` raises an exception inside, for each link of a page
        return None
    code = request.args["lang"]
    return code if code in {"nl", "en"} else None


def link(path: str, query: Query | None = None) -> str:
    """The address of a page of ours, in the language that the address of this page asks for."""
    parameters = {**(query or {}), **language_parameter()}
    address = local_address(quoted(path))
    return with_query(address, parameters) if parameters else address


@lru_cache(maxsize=4096)
def quoted(path: str) -> str:
    """A path as it stands in an address; pages have the same ones again and again."""
    return quote(path)


def language_parameter() -> dict[str, str]:
    """The parameter that keeps the language in the address of this page."""
    code = requested_language()
    return {"lang": code} if code else {}


def dossier_address() -> str:
    """The address of a dossier, as far as the kind and id of the thing that it is to have."""
    address = link("/dossier")
    return f"{address}{'&' if '?' in address else '?'}item="


def page_link(href: str) -> str:
    """An absolute address as a page links to it: a page of ours in the language of the reader."""
    path = href.removeprefix(public_address())
    if path == href or not path.startswith("/") or path.startswith("/v1/"):
        return href
    path, hash_, fragment = path.partition("#")
    path, _, query = path.partition("?")
    parameters = {name: values for name, values in parse_qs(query).items() if name != "lang"}
    return f"{link(unquote(path), parameters)}{hash_}{fragment}"


def findings_page(href: str) -> str:
    """The page of a list of findings, of which the API has this address, in our language."""
    page = href.replace(public_address("/v1/findings"), local_address("/bevindingen"), 1)
    return page + more_query()


def more_query() -> str:
    """What keeps the language in an address that has parameters already."""
    return "".join(f"&{name}={code}" for name, code in language_parameter().items())


def document_link(document: Mapping[str, Any]) -> str:
    """The address of the page of a thing, as its JSON has it, with its query and fragment."""
    href: str = document["_links"]["html"]["href"]
    return page_link(href)


@contextmanager
def images_below(path: str) -> Iterator[None]:
    """Inside, pages load their images from files below this path."""
    token = _image_folder.set(path)
    try:
        yield
    finally:
        _image_folder.reset(token)


def image_files(image: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files of an image as a page loads them, the narrowest first."""
    return [
        {
            "address": local_address(f"{_image_folder.get()}/{file.name}"),
            "width": file.width,
            "height": file.height,
        }
        for file in image_names.webp_files(image["id"])
    ]


def other_language_link() -> str:
    """This very page in the other language."""
    query = {name: request.args.getlist(name) for name in request.args if name != "lang"}
    path = local_address(quote(request.path))
    return with_query(path, {**query, "lang": "nl" if language() == "en" else "en"})


def current_address() -> str:
    """The absolute address of this page, with its query."""
    address = public_address(quote(request.path))
    query = request.query_string.decode("ascii", "replace")
    return f"{address}?{query}" if query else address


def feed_address(list_address: str) -> str:
    """The Atom feed of a list of the API."""
    return f"{list_address}{'&' if '?' in list_address else '?'}format=atom"


def follow_address(api_address: str) -> str:
    """The page that tells how to follow a list or a case, of which the API has this address."""
    path, _, query = api_address.removeprefix(local_address("/v1/")).partition("?")
    collection, _, slug = path.partition("/")
    kind = BY_COLLECTION[collection].name
    name = next(name for name, each in FOLLOWED_LISTS.items() if each == kind)
    parameters = {key: values for key, values in parse_qs(query).items() if key != "lang"}
    return link(f"/volgen/{name}/{unquote(slug)}" if slug else f"/volgen/{name}", parameters)


def current_oembed_address() -> str:
    """Where other sites learn how to show this very page."""
    return with_query(public_address("/v1/oembed"), {"url": current_address()})


def with_query(path: str, query: Query) -> str:
    """A path and its parameters, in the order of `query`; a tuple or list repeats its name."""
    pairs = [
        (name, str(each))
        for name, value in query.items()
        for each in (value if isinstance(value, (tuple, list)) else (value,))
    ]
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path
