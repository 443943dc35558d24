"""What holds for every address of a blueprint: who may keep and read its responses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import flask
from flask import current_app, request

WITHIN = "kb.within"  # in the environment of a request that we make ourselves to answer another
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Policy:
    """What a blueprint lets happen with its responses."""

    cacheable: bool = False  # anybody may keep what GET answers, for a minute
    outlives_errors: bool = False  # and for a day, while we answer 5xx or nothing
    cross_origin: bool = False  # any website may read it (CORS), and isolated pages may use it
    rate_limited: bool = True
    for_programs: bool = False  # never an HTML page, and only media types that Accept has


PAGES = Policy(cacheable=True)


class PagesBlueprint(flask.Blueprint):
    """Routes for people and their browsers, beside the API."""

    def __init__(self, name: str, import_name: str, policy: Policy = PAGES, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.policy = policy


def without_rate_limit(view: View) -> View:
    """Let everybody ask for this as often as they like: it is a file that a page needs."""
    view.rate_limited = False  # type: ignore[attr-defined]
    return view


def is_rate_limited() -> bool:
    """Whether this request counts for the limit of who makes it."""
    if WITHIN in request.environ:
        return False
    view = current_app.view_functions.get(request.endpoint or "")
    return request_policy().rate_limited and getattr(view, "rate_limited", True)


def is_for_everybody() -> bool:
    """Whether anybody would get the same: a public address, and nobody who says who they are."""
    is_read = request.method in {"GET", "HEAD"} and request_policy().cacheable
    return is_read and "Authorization" not in request.headers and not request.cookies


def request_policy() -> Policy:
    """The policy of the blueprint that answers this request.

    Where no route matches, it is that of the first route whose path begins with the same part.
    """
    name = request.blueprint
    if name is None:
        part = request.path.split("/")[1]
        rules = current_app.url_map.iter_rules()
        endpoints = (rule.endpoint for rule in rules if rule.rule.split("/")[1] == part)
        name = next(endpoints, "").rpartition(".")[0]
    policy: Policy = getattr(current_app.blueprints.get(name), "policy", Policy())
    return policy
