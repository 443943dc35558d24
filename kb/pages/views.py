"""/docs, the short pages behind the types of problems, and the page for an error."""

from __future__ import annotations

from importlib import resources
from typing import Any

from flask import Blueprint, Response, redirect, render_template, send_from_directory
from flask_babel import get_locale, gettext

from kb.problems import KNOWN, NotFound

blp = Blueprint("pages", __name__, template_folder="templates", static_folder=None)
SWAGGER = resources.files("flask_swagger_ui") / "dist"
SWAGGER_FILES = {"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"}
OWN_FILES = {"page.css", "docs.js"}


@blp.get("/")
def front() -> Any:
    """Lead to the documentation, until there is a front page."""
    return redirect("/docs")


@blp.get("/docs")
def docs() -> str:
    """The documentation of the API, to read and to try."""
    return page("docs.html")


@blp.get("/docs/<name>")
def docs_file(name: str) -> Response:
    """The files of the documentation page: nothing comes from another site."""
    if name in OWN_FILES:
        return send_from_directory(resources.files("kb.pages") / "static", name)  # type: ignore[arg-type]
    if name in SWAGGER_FILES:
        return send_from_directory(str(SWAGGER), name)
    raise NotFound


@blp.get("/problems/<name>")
def problem(name: str) -> str:
    """What a type of problem means, and what to do about it."""
    if name not in KNOWN:
        raise NotFound
    known = KNOWN[name]
    return page("problem_type.html", problem=known, explanation=gettext(known.explanation))


def problem_page(body: dict[str, Any]) -> str:
    """The page that a person sees instead of a problem in JSON."""
    return page("problem.html", problem=body)


def page(template: str, **content: Any) -> str:
    """A page in the language of the request."""
    locale = get_locale()
    return render_template(template, language=locale.language if locale else "nl", **content)
