"""Paths, query parameters and bodies, parsed strictly for programs and leniently for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, NoReturn
from urllib.parse import unquote_to_bytes

from flask import Request, request
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict

from kb.input_errors import InputError, Mistake
from kb.problems import InvalidInput, UnsupportedMediaType
from kb.suggestions import closest_match
from kb.translation import N_
from kb.web.policy import request_policy
from schemas.base import cached_schema, camel
from schemas.errors import flatten_errors, printable
from schemas.strict_json import InvalidJSON, InvalidText, strict_json, too_deep

PARAMETER_NAMES = {  # by the attributes of our schemas; of the others it is camelCase
    "keys": "fields",
    "representation": "format",
}


def is_body_required(schema: Schema) -> bool:
    """Whether a request has to have a body: not when it may leave out every field."""
    return any(field.required for field in schema.fields.values())


class RequestParser(FlaskParser):
    """Bad input is 400 with every mistake, unknown and repeated parameters among them."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = {  # type: ignore[misc]
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
    }

    def parse(self, argmap: Any, req: Request | None = None, **options: Any) -> Any:
        """Parse as webargs does, and refuse a single-valued parameter that was given twice."""
        parsed = super().parse(argmap, req, **options)
        if options.get("location") == "query":
            schema = self._get_schema(argmap, req or request)
            if repeated := list(_repeated(schema, (req or request).args)):
                raise InvalidInput(repeated)
        return parsed

    def _get_schema(self, argmap: Any, req: Request) -> Schema:
        is_schema = isinstance(argmap, type) and issubclass(argmap, Schema)
        return cached_schema(argmap) if is_schema else super()._get_schema(argmap, req)

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body, parsed strictly. Raises UnsupportedMediaType and InvalidInput."""
        return read_object(optional=not is_body_required(schema))

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise InvalidInput with all mistakes, each in its place."""
        errors = []
        trees: dict[str, Any] = error.messages_dict
        for location, tree in trees.items():
            for pointer, mistake in flatten_errors(tree, schema):
                errors.append(_placed(location, pointer, mistake, schema))
        if "query" in trees:
            repeated = {each.where: each for each in _repeated(schema, req.args)}
            errors = [each for each in errors if each.where not in repeated]
            errors += repeated.values()
        raise InvalidInput(errors) from error


def _placed(location: str, pointer: str, mistake: Mistake, schema: Schema) -> InputError:
    if location != "query":
        return InputError(mistake, "body" if location == "json" else location, pointer)
    name = pointer.split("/")[1] if pointer else ""
    name = name.replace("~1", "/").replace("~0", "~")
    if mistake.code == "unknown-key":
        near = partial(closest_match, name, tuple(_parameters(schema)))
        mistake = Mistake("unknown-parameter", {"value": name[:80]}, near)
    return InputError(mistake, "query", name[:200])


def _parameters(schema: Schema) -> dict[str, fields.Field[Any]]:
    return {field.data_key or name: field for name, field in schema.fields.items()}


def _repeated(schema: Schema, args: MultiDict[str, str]) -> Iterator[InputError]:
    """Single-valued parameters that the query gives more than once."""
    several = {name for name, values in args.lists() if len(values) > 1}
    for name, field in _parameters(schema).items() if several else ():
        if name in several and not isinstance(field, fields.List):
            yield InputError(Mistake("repeated"), "query", name)


class PageQueryParser(RequestParser):
    """For people: empty fields and parameters that it does not know are passed over."""

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = {  # type: ignore[misc]
        **RequestParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": EXCLUDE,
    }

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """The parameters that say something."""
        filled = [pair for pair in req.args.items(multi=True) if pair[1].strip()]
        return self._makeproxy(MultiDict(filled), schema)


def parse_page_query(schema: type[Schema]) -> Any:
    """The query of this request as a page for people reads it; a wrong value is still told."""
    return PageQueryParser().parse(schema, request, location="query")


def is_page_query(schema: type[Schema], query: str) -> bool:
    """Whether a page for people that reads this query string has nothing to tell of it."""
    try:
        page_request = Request({"REQUEST_METHOD": "GET", "QUERY_STRING": query})
        PageQueryParser().parse(schema, page_request, location="query")
    except InvalidInput:
        return False
    return True


def api_parameters(query: dict[str, Any]) -> dict[str, Any]:
    """Parsed parameters by their names in the API; lists as tuples."""
    return {
        PARAMETER_NAMES.get(key, camel(key)): tuple(value) if isinstance(value, list) else value
        for key, value in query.items()
    }


def check_text() -> None:
    """Programs send UTF-8 without NUL in the address. Raises InvalidInput with each place."""
    if not request_policy().for_programs:
        return
    errors = []
    path = request.environ["PATH_INFO"].encode("latin-1")
    if not _is_text(path):
        errors.append(InputError(_no_text(path), "path", printable(request.path)))
    for pair in request.query_string.split(b"&"):
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        if not _is_text(unquote_to_bytes(value)):
            shown = unquote_to_bytes(name).decode("utf-8", "replace")[:200]
            errors.append(InputError(_no_text(unquote_to_bytes(value)), "query", shown))
    if errors:
        raise InvalidInput(errors)


def _is_text(sent: bytes) -> bool:
    try:
        return "\0" not in sent.decode()
    except UnicodeDecodeError:
        return False


def _no_text(sent: bytes) -> Mistake:
    shown = printable(sent.decode("utf-8", "replace"))
    return Mistake("bad-format", {"value": shown, "expected": "characters"})


def read_text(*types: str) -> str:
    """The body as text. Raises UnsupportedMediaType, and InvalidInput when it is not UTF-8."""
    check_media_type(*types)
    try:
        text = request.get_data().decode()
    except UnicodeDecodeError:
        raise invalid_json("encoding") from None
    if text.startswith("\ufeff"):
        raise invalid_json("byte-order-mark")
    return text


def check_media_type(*types: str) -> None:
    """Whether this kind of body is read here. Raises UnsupportedMediaType."""
    if request.mimetype not in types:
        raise UnsupportedMediaType(expected=", ".join(types))
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8"} or request.headers.get("Content-Encoding"):
        raise UnsupportedMediaType(N_("Send %(expected)s, as UTF-8 and not compressed."), types[0])


def read_json(*types: str) -> Any:
    """The body as JSON. Raises InvalidInput, UnsupportedMediaType, and what Flask raises at 413."""
    text = read_text(*(types or ("application/json",)))
    try:
        value = strict_json(text)
    except InvalidText as error:
        mistake = Mistake("bad-format", {"value": "…", "expected": "characters"})
        raise InvalidInput([InputError(mistake, "body", at) for at in error.places]) from None
    except InvalidJSON as error:
        raise invalid_json(error.reason, **error.values) from None
    if too_deep(value):
        raise invalid_json("depth")
    return value


def read_object(*types: str, optional: bool = False) -> dict[str, Any]:
    """The body as an object; an optional one may be left out."""
    if optional and not request.content_type and not request.get_data():
        return {}
    value = read_json(*types)
    if not isinstance(value, dict):
        mistake = Mistake("wrong-type", {"expected": "object"})
        raise InvalidInput([InputError(mistake, "body", "")])
    return value


def invalid_json(reason: str, **values: Any) -> InvalidInput:
    """The body is no JSON; `reason` is a key of REASONS."""
    mistake = Mistake("invalid-json", {"reason": reason, **values})
    return InvalidInput([InputError(mistake, "body", "")])
