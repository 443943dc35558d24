"""Addresses of embeds: their query strings, and which frame shows which page of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from kb.kinds import KINDS
from kb.web.addresses import public_address

EMBED_ONLY = {"show", "look", "headingLevel", "fragment", "embed", "page", "pageSize", "picture"}
DEFAULTS = {
    **{"page": 1, "pageSize": 5, "look": "light", "headingLevel": 3, "ingredientMatch": "any"},
    **{"fragment": "0", "rows": "ingredient", "columns": "effectDomain", "order": "vocabulary"},
}
MAP_PATH, MAP_EMBED_PATH = "/kaart-van-het-bewijs", "/embed/kaart-van-het-bewijs"
LIST_PATHS = {"/", *(kind.list_path for kind in KINDS.values())}
EMBED_PATHS = {kind.page_path: kind.embed_path for kind in KINDS.values() if kind.embed_path}
PAGE_PATHS = {embed_path: page_path for page_path, embed_path in EMBED_PATHS.items()}
Parameters = Mapping[str, Any]  # parsed, by the names of the API
Query = Sequence[tuple[str, str]]  # names and values, decoded


def without_defaults(parameters: Parameters) -> dict[str, tuple[str, ...]]:
    """The parameters that differ from what goes without saying, as texts."""
    texts = {
        name: tuple(str(each) for each in value) if isinstance(value, tuple) else (str(value),)
        for name, value in parameters.items()
        if value != DEFAULTS.get(name)
    }
    return {name: values for name, values in texts.items() if values}


def embed_address(path: str, parameters: Parameters, **more: str) -> str:
    """The absolute address of an embed; `more` parameters stand last, defaults too."""
    values = without_defaults(parameters)
    query = [(name, each) for name, some in values.items() for each in some]
    return public_address(with_query(quote(path), [*query, *more.items()]))


def search_address(parameters: Parameters) -> str:
    """The page on our own website with all the results of an embedded search."""
    return embed_address("/zoeken", _of_page(parameters))


def map_address(parameters: Parameters) -> str:
    """The page on our own website with the map that is embedded."""
    return embed_address(MAP_PATH, _of_page(parameters))


def _of_page(parameters: Parameters) -> Parameters:
    return {name: value for name, value in parameters.items() if name not in EMBED_ONLY}


def oembed_address(address: str) -> str:
    """Where the standard's answer about an address of ours is."""
    return public_address(with_query("/v1/oembed", [("url", address), ("format", "json")]))


def local_path(address: str) -> str:
    """An absolute address of ours from its path on."""
    return urlsplit(public_address()).path + address.removeprefix(public_address())


def embed_path(path: str, query: Query) -> str | None:
    """The path, with its query, that shows a page of ours in a frame; None when nothing does.

    Whether there is such a thing, only the frame itself says.
    """
    if path == "/embed/zoeken":
        return with_query(path, query)
    if path in {MAP_PATH, MAP_EMBED_PATH}:
        return with_query(MAP_EMBED_PATH, query)
    if path in LIST_PATHS:
        return with_query("/embed/zoeken", _of_case_list(path, query))
    folder, _, name = path.rpartition("/")
    if not re.fullmatch("[^/_][^/]*", name):
        return None
    if folder == "/bestanddelen":
        return with_query("/embed/zoeken", [("ingredient", unquote(name)), *query])
    embed = EMBED_PATHS.get(folder, folder)
    return with_query(f"{embed}/{name}", query) if embed in PAGE_PATHS else None


def page_path(path: str) -> str:
    """The path of the page that shows what a path of ours shows, which may be that of a frame."""
    if path == "/embed/zoeken":
        return "/zoeken"
    if path == MAP_EMBED_PATH:
        return MAP_PATH
    folder, _, name = path.rpartition("/")
    return f"{PAGE_PATHS[folder]}/{name}" if folder in PAGE_PATHS else path


def _of_case_list(path: str, query: Query) -> Query:
    """The query of a list of ours, as far as the list of cases understands it."""
    is_of_cases = path in {"/", "/zoeken"} and dict(query).get("type", "case") == "case"
    left_out = {"type", "page", "pageSize", *([] if is_of_cases else ["sort", "theme"])}
    return [pair for pair in query if pair[0] not in left_out]


def with_query(path: str, query: Query) -> str:
    """A path and its query."""
    return f"{path}?{urlencode(query, quote_via=quote)}" if query else path
