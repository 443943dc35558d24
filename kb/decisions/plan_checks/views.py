"""/v1/plan-checks: remarks on a draft plan, and the answer “not so”."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from flask.views import MethodView
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from kb.decisions.plan_checks.context import Corrections
from kb.decisions.plan_checks.plan_check import check_plan
from kb.decisions.plan_checks.rejections import checked_rejection, reject
from kb.decisions.plan_checks.upload import CHECKS_LIMIT, MAX_UPLOAD_BYTES, check_length, text_of
from kb.decisions.plan_checks.writer import PlanCheckWriter
from kb.input_errors import InputError, Mistake
from kb.problems import InvalidInput, invalid_body
from kb.services import services
from kb.vocabulary.terms import language
from kb.web.blueprint import API, Blueprint
from kb.web.forms import read_form
from kb.web.parsing import check_media_type, read_object
from kb.web.rate_limits import limit_visitor
from kb.web.translation import one_language
from schemas.base import Schema, cached_schema
from schemas.errors import flatten_errors, printable
from schemas.lists import LanguageQuery
from schemas.plan_checks import PlanCheck, PlanCheckInput, Rejection, RejectionInput

JSON, MULTIPART = "application/json", "multipart/form-data"
FORM_KEYS = ("strategy", "targetGroup", "scale", "phase")  # beside the file
BODIES: dict[str, Any] = {  # what each media type holds, for the API document
    JSON: PlanCheckInput,
    MULTIPART: {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {
                "type": "string",
                "format": "binary",
                "description": "Plain text, Word (.docx), OpenDocument (.odt) or a PDF with text; "
                "at most 5 MiB, with at most 100 kB of text.",
            },
            **{
                name: {"type": "array", "items": {"type": "string"}}
                for name in ("strategy", "targetGroup")
            },
            **{name: {"type": "string"} for name in ("scale", "phase")},
        },
    },
}
blp = Blueprint("plan-checks", __name__, API, url_prefix="/v1", description="Reading a draft plan.")


@blp.route("/plan-checks")
class PlanChecks(MethodView):
    ignores_keys = True

    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, PlanCheck)
    @blp.body(BODIES)
    def post(self, _query: dict[str, Any]) -> Response:
        """Check a draft plan in Dutch against the cases and findings; nothing of it is kept.

        The same text gives the same remarks as long as the content and the rules are the same. It
        is read in the process, by rules that are data: no model, no other service, no log. Five
        kinds of remark: a pitfall, an ingredient that is not mentioned, a case that is much like
        it, counter-evidence to an effect that it counts on, and a question that it leaves open.
        What `context` names takes the place of what is recognised; its other keys stay recognised.
        At most twelve are shown; `folded` has the rest and mere hints, `lookedFor` what rules
        looked for in vain. How often remarks are right is measured: docs/plan-check.md. A repeated
        request does no harm, so an Idempotency-Key is not needed, and would have us keep the
        answer.
        """
        limit_visitor("plan-checks", CHECKS_LIMIT)
        with one_language():
            text, corrections = _read_body()
            cases = services().plan_cases.current()
            check = check_plan(text, cases, services().evidence.current(), corrections)
            return jsonify(PlanCheckWriter(check, cases, language()).document())


def _read_body() -> tuple[str, Corrections]:
    """The text, and what takes the place of what would be recognised."""
    check_media_type(JSON, MULTIPART)
    body = _form_body() if request.mimetype == MULTIPART else read_object()
    loaded = _load(PlanCheckInput, body)
    text: str = check_length(loaded["text"])
    if not any(map(str.isalnum, text)):
        raise invalid_body([("/text", Mistake("empty"))])
    return text, corrections_of(loaded["context"])


def _form_body() -> dict[str, Any]:
    """A form with a file, as the JSON body that says the same. Raises InvalidInput."""
    form, files = read_form(MAX_UPLOAD_BYTES)
    file = files.get("file")
    errors = [
        InputError(Mistake("unknown-key", {"value": printable(name)[:80]}), "body", _pointer(name))
        for name in (*form, *(each for each in files if each != "file"))
        if name not in FORM_KEYS
    ]
    if file is None:
        errors.append(InputError(Mistake("required"), "body", "/file"))
    if errors:
        raise InvalidInput(errors)
    assert file is not None
    return {"text": text_of(file.read(MAX_UPLOAD_BYTES)), "context": _context_in(form)}


def _context_in(form: MultiDict[str, str]) -> dict[str, Any]:
    """The context of a form as JSON has it: a field that is there and empty stands for nothing."""
    context: dict[str, Any] = {}
    for name, key in (("strategy", "strategies"), ("targetGroup", "targetGroups")):
        if name in form:
            context[key] = list(filter(None, form.getlist(name)))
    for name in ("scale", "phase"):
        if name in form:
            context[name] = form[name] or None
    return context


def _pointer(name: str) -> str:
    """Where a field of the form stands, as a JSON Pointer."""
    return "/" + printable(name)[:80].replace("~", "~0").replace("/", "~1")


def _load(schema_class: type[Schema], body: Mapping[str, Any]) -> dict[str, Any]:
    """What a body says. Raises InvalidInput with all mistakes."""
    schema = cached_schema(schema_class)
    try:
        loaded: dict[str, Any] = schema.load(body)
    except ValidationError as error:
        raise invalid_body(flatten_errors(error.messages, schema)) from None
    return loaded


def corrections_of(loaded: Mapping[str, Any] | None) -> Corrections:
    """A context as `schemas.plan_checks` has read it; keys that are absent stay recognised."""
    corrections: Corrections = {}
    for name, value in (loaded or {}).items():
        is_several = name in ("strategies", "target_groups")
        corrections[name] = tuple(value or ()) if is_several else value  # type: ignore[literal-required]
    return corrections


@blp.route("/plan-check-rejections")
class Rejections(MethodView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.arguments(RejectionInput)
    @blp.response(201, Rejection)
    def post(self, _query: dict[str, Any], body: dict[str, str]) -> dict[str, str]:
        """Answer “not so” to a remark: counted by rule and by what it was about, without any text.

        The rule and the id are those of the remark. The operator sees the counts.
        """
        limit_visitor("plan-check-rejections", CHECKS_LIMIT)
        rule = checked_rejection(body["rule"], body["about"])
        reject(rule, body["about"])
        return body
