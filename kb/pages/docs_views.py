"""/docs, and the short pages behind the types of problems."""

from __future__ import annotations

from functools import cache
from importlib import resources
from mimetypes import guess_type

from flask import Blueprint, Response
from flask_babel import gettext

from kb.pages.rendering import OURS, page
from kb.problems import KNOWN, NotFound

blp = Blueprint("docs", __name__, template_folder="templates", static_folder=None)
SWAGGER = resources.files("flask_swagger_ui") / "dist"
FILES = {
    **dict.fromkeys(("page.css", "docs.js"), OURS),
    **dict.fromkeys(("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"), SWAGGER),
}


@blp.get("/docs")
def docs() -> str:
    """The documentation of the API, to read and to try."""
    return page("docs.html")


@blp.get("/docs/<name>")
def docs_file(name: str) -> Response:
    """The files of the documentation page: nothing comes from another site."""
    if name not in FILES:
        raise NotFound
    return Response(_read(name), mimetype=guess_type(name)[0])


@cache
def _read(name: str) -> bytes:
    return (FILES[name] / name).read_bytes()


@blp.get("/problems/<name>")
def problem(name: str) -> str:
    """What a type of problem means, and what to do about it."""
    if name not in KNOWN:
        raise NotFound
    known = KNOWN[name]
    return page("problem_type.html", problem=known, explanation=gettext(known.explanation))
