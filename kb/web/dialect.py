"""Our dialect of HTTP, taught to an app: the Dutch API Design Rules (Logius, 2.x)."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_smorest import Api as SmorestApi
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from kb.problems import Problem
from kb.web import compression
from kb.web.addresses import local_address
from kb.web.errors import http_error_response, log, problem_response, server_error_response
from kb.web.headers import finish, note_start
from kb.web.negotiation import negotiate_locale, negotiate_representation
from kb.web.parsing import check_text
from kb.web.templating import TemplateEnvironment
from kb.web.translation import page_ntext, page_text

MAX_BODY_BYTES = 2**20  # of a request; a view may take more


class Api(SmorestApi):
    """flask-smorest without its error handlers: ours answer everything.

    What blueprints say of themselves is read when the document is asked for: most processes never
    need it.
    """

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self._blueprints: list[Any] = []

    def register_blueprint(self, blp: Any, **options: Any) -> None:
        """Register its routes, and remember it for the document."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)
        self._blueprints.append(blp)

    def add_paths(self) -> None:
        """Write the operations of all blueprints into `spec`; once."""
        while self._blueprints:
            blp = self._blueprints.pop(0)
            blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
            self.spec.tag({"name": blp.name, "description": blp.description})

    def _register_error_handlers(self) -> None:
        """Leave errors to `kb.web`."""

    def _register_responses(self) -> None:
        """Describe none by the phrase of its status: views name those of `kb.web.components`."""


class SlugConverter(BaseConverter):
    """An id in a path; neither `_validate` nor an empty one."""

    regex = r"[^/_][^/]*"


class CountConverter(BaseConverter):
    """A number in a path, counted from 1, as people write it and databases hold it."""

    regex = r"[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


def init_app(app: Flask) -> None:
    """Teach an app our dialect."""
    app.jinja_environment = TemplateEnvironment
    app.jinja_env.globals["local_address"] = local_address
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.converters |= {"slug": SlugConverter, "count": CountConverter}
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.compact = True  # type: ignore[attr-defined]
    compression.init_app(app)
    Babel(app, default_locale="nl", locale_selector=negotiate_locale)
    app.jinja_env.globals |= {"_": page_text, "gettext": page_text, "ngettext": page_ntext}
    log.setLevel(logging.INFO)  # who reports a problem by its number must find it in the log
    app.before_request(note_start)
    app.before_request(check_text)
    app.before_request(negotiate_representation)
    app.after_request(finish)
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, http_error_response)
    app.register_error_handler(Exception, server_error_response)
