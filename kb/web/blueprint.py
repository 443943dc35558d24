"""Blueprints of the API: views declare what they read and answer, rooms what holds for all.

flask-smorest writes the API document from its decorators; those here say what it has none for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask_smorest import Blueprint as SmorestBlueprint

from kb.web.components import RESPONSE_NAMES
from kb.web.headers import add_page_links
from kb.web.parsing import RequestParser, is_body_required
from kb.web.policy import Policy
from schemas.base import cached_schema
from schemas.paths import PATH_PARAMETERS

API = Policy(cacheable=True, cross_origin=True, for_programs=True)
View = TypeVar("View", bound=Callable[..., Any])
Doc = dict[str, Any]  # of an operation, as flask-smorest gathers it


class Blueprint(SmorestBlueprint):
    """A room's routes of the API, parsed strictly."""

    ARGUMENTS_PARSER = RequestParser()

    def __init__(
        self,
        name: str,
        import_name: str,
        policy: Policy = API,
        *,
        statuses: tuple[int, ...] = (503,),
        **options: Any,
    ) -> None:
        """`statuses` are other responses that each operation may give: errors, say."""
        super().__init__(name, import_name, **options)
        self.policy = policy
        self._statuses = statuses
        self._prepare_doc_cbks.append(self._prepare_policy_doc)
        self.after_request(add_page_links)

    def add_url_rule(self, rule: str, *args: Any, **options: Any) -> None:
        """Register a route; `schemas.paths` describes its variable parts."""
        names = re.findall(r"<(?:\w+:)?(\w+)>", rule)
        options["parameters"] = [
            {"in": "path", "name": name, **PATH_PARAMETERS[name]._asdict()} for name in names
        ]
        super().add_url_rule(rule, *args, **options)

    def arguments(self, schema: Any, *, location: str = "json", **options: Any) -> Any:
        """Parse the query, or a body of JSON; which of these may be left out, its schema says."""
        if location == "json":
            options["required"] = is_body_required(cached_schema(schema))
        parsing = super().arguments(schema, location=location, **options)
        statuses = (413, 415) if location == "json" else ()

        def decorate(view: View) -> View:
            parsed = parsing(view)
            parsed._apidoc["arguments"]["responses"] = {}  # 400 is of every operation
            self.alt_responses(*statuses)(parsed)
            return parsed  # type: ignore[no-any-return]

        return decorate

    def body(self, content: Mapping[str, Doc], *, required: bool = True) -> Callable[[View], View]:
        """Document a body that the view reads itself: a JSON Schema by each media type."""
        media = {media_type: {"schema": schema} for media_type, schema in content.items()}
        documented = self.doc(requestBody={"required": required, "content": media})

        def decorate(view: View) -> View:
            return self.alt_responses(413, 415)(documented(view))  # type: ignore[no-any-return]

        return decorate

    def alt_responses(self, *statuses: int) -> Callable[[View], View]:
        """Document responses that are components, beside those of the whole blueprint."""

        def decorate(view: View) -> View:
            add_responses(apidoc(view), statuses)
            return view

        return decorate

    def idempotent(self, view: View) -> View:
        """Document that a POST without a token honours Idempotency-Key too."""
        apidoc(view)["request_headers"] = ["Idempotency-Key"]
        return self.alt_responses(409)(view)

    def _prepare_policy_doc(self, doc: Doc, doc_info: Doc, *, method: str, **_: Any) -> Doc:
        """What follows for an operation from the policy of its blueprint."""
        responses = doc["responses"]
        if self.policy.cacheable and method == "get":
            success = responses[min(responses)]
            success["headers"] = {**success.get("headers", {}), "ETag": "ETag"}
            responses[304] = RESPONSE_NAMES[304]
        responses |= {status: RESPONSE_NAMES[status] for status in self._statuses}
        doc["parameters"] = [*doc["parameters"], *doc_info.get("request_headers", ())]
        return doc


def apidoc(view: Any) -> Doc:
    """What flask-smorest knows of a view; it may be added to."""
    if not hasattr(view, "_apidoc"):
        view._apidoc = {}
    doc: Doc = view._apidoc
    return doc


def add_responses(doc: Doc, statuses: tuple[int, ...]) -> None:
    """Refer to the components of these statuses."""
    responses = doc.setdefault("response", {}).setdefault("responses", {})
    for status in statuses:
        responses.setdefault(status, []).append(RESPONSE_NAMES[status])
