"""The front page, and the page for an error."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect

from kb.pages.page import file, page

blp = Blueprint("pages", __name__, template_folder="templates", static_folder=None)


@blp.get("/")
def front() -> Any:
    """Lead to the documentation, until there is a front page."""
    return redirect("/docs")


@blp.get("/static/<name>")
def site_file(name: str) -> Response:
    """The style, the script and the icon of the pages."""
    return file(name)


def problem_page(body: dict[str, Any]) -> str:
    """The page that a person sees instead of a problem in JSON."""
    return page("problem.html", problem=body)
