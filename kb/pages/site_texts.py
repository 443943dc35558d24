"""Texts of the site itself, in Markdown: the operator's own where there are, else honest ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

OURS = resources.files("kb.pages") / "texts"
NAMED = re.compile(r"\s*\{#([a-z][a-z0-9-]*)\}$")  # what a heading is called in addresses
MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")  # HTML shows as text


class SiteText(NamedTuple):
    """A text as HTML, without its title."""

    title: str | None  # as text; None when it begins without a heading
    html: str
    language: str  # it may have been written in Dutch alone


def site_text(
    name: str, language: str, folder: Path | None, link: Callable[[str], str] = str
) -> SiteText:
    """The text of the page with this name, in this language if anybody wrote it so.

    An operator puts `name.md` in `folder`, and `name.en.md` beside it for English; one of these
    comes before what a release has, also in the other language. `link` makes addresses of our
    own paths.
    """
    own = {"nl": f"{name}.md", "en": f"{name}.en.md"}
    for spoken in dict.fromkeys((language, "nl", "en")) if folder else ():
        path = Path(folder or ".") / own[spoken]
        if path.is_file():
            return _read(path.read_text("utf-8-sig", errors="replace"), spoken, link)
    return _read((OURS / f"{name}.{language}.md").read_text("utf-8"), language, link)


def _read(text: str, language: str, link: Callable[[str], str]) -> SiteText:
    """Markdown as HTML that is safe to show; the one heading of the first level is its title."""
    tokens = MARKDOWN.parse(text)
    title = None
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        title, tokens = tokens[1].content, tokens[3:]
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            _name(opening, inline)
    for token in tokens:
        token.tag = "h2" if token.tag == "h1" else token.tag
        for inner in token.children or ():
            href = str(inner.attrGet("href") or "")
            if href.startswith("/") and not href.startswith("//"):
                path, hash_, place = href.partition("#")
                inner.attrSet("href", f"{link(path)}{hash_}{place}")
    return SiteText(title, MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}), language)


def _name(opening: Token, inline: Token) -> None:
    """Give a heading that ends in `{#name}` that name."""
    named = NAMED.search(inline.content)
    if named and inline.children and inline.children[-1].type == "text":
        opening.attrSet("id", named[1])
        inline.children[-1].content = NAMED.sub("", inline.children[-1].content)
