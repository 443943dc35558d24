"""What our e-mails say, in the language of this moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kb.sharing.mail import Block, Letter
from kb.vocabulary.terms import language
from kb.web.translation import gettext, ngettext

MAX_SUMMARY_LENGTH = 240  # characters of a thing in a digest
Entry = tuple[bool, dict[str, Any]]  # whether it is new, and the thing as lists have it in JSON


def confirmation(heading: str, link: str, days: int) -> Letter:
    """Whether this address wants to follow a list."""
    name = gettext("Knowledge base on mixed neighbourhoods")
    asks = gettext("Somebody, you we hope, wants to follow by e-mail at %(name)s:", name=name)
    return Letter(
        gettext("Please confirm: follow %(what)s", what=heading),
        language(),
        [
            Block(f"{asks} {heading}"),
            Block(
                gettext("You then get an e-mail at most once a week, when there is something new."),
                (gettext("Yes, I want to follow this"), link),
            ),
            Block(
                gettext(
                    "Was it not you? Then do nothing: without your confirmation we send nothing "
                    "more, and after %(days)s days we know nothing of this.",
                    days=days,
                )
            ),
        ],
    )


def digest(heading: str, entries: Sequence[Entry], more: int, page: str, stop: str) -> Letter:
    """What is new in a list, and how to hear no more of it; `page` and `stop` are addresses."""
    total = len(entries) + more
    blocks = [
        Block(
            link=document_link(document),
            above=gettext("New") if is_new else gettext("Changed"),
            text=_shortened(document["summary"] or ""),
        )
        for is_new, document in entries
    ]
    if more:
        blocks.append(Block(ngettext("And %(num)s more.", "And %(num)s more.", more)))
    why = gettext("You get this at most once a week, because you follow it.")
    return Letter(
        ngettext("%(num)s new or changed: ", "%(num)s new or changed: ", total) + heading,
        language(),
        [
            Block(gettext("New or changed since the last e-mail in: %(what)s", what=heading)),
            *blocks,
            Block(link=(gettext("See everything on our website"), page)),
            Block(why, (gettext("Stop these e-mails"), stop)),
        ],
    )


def withdrawal(heading: str, reason: str, page: str, stop: str) -> Letter:
    """That the one case that somebody follows is not public any more, and why."""
    return Letter(
        gettext("Withdrawn: %(what)s", what=heading),
        language(),
        [
            Block(gettext("This case, which you follow, was withdrawn: %(what)s", what=heading)),
            Block(reason, (gettext("What stands in its place"), page)),
            Block(
                gettext("When it comes back, or changes, you hear of it."),
                (gettext("Stop these e-mails"), stop),
            ),
        ],
    )


def document_link(document: dict[str, Any]) -> tuple[str, str]:
    """What a thing is called, and where people read it."""
    links = document["_links"]
    return document["title"], links.get("html", links["self"])["href"]


def _shortened(text: str) -> str:
    if len(text) <= MAX_SUMMARY_LENGTH:
        return text
    return f"{text[:MAX_SUMMARY_LENGTH].rpartition(' ')[0]} …"
