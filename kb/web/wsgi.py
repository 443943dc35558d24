"""The types of WSGI (PEP 3333), for what stands before the application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
# What the application says in the environment of a request about its response.
ROUTE = "kb.route"  # the rule of the address, as /v1/cases/<slug:case_id>; empty when there is none
NO_ROUTE = "none"  # how that is called
CACHED = "kb.cached"  # there when the response cache had it
PROBLEM = "kb.problem"  # the name of the problem that was answered
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
WSGIApplication = Callable[[Environ, StartResponse], Iterable[bytes]]


def method_of(environ: Environ) -> str:
    """The method of a request, or `other`: anybody may send any word."""
    method: str = environ["REQUEST_METHOD"]
    return method if method in METHODS else "other"
