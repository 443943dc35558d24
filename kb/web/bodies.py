"""Reading what came with a request: JSON, strictly, with every mistake told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from kb.problems import N_, InputError, InvalidInput, Mistake, UnsupportedMediaType
from schemas.base import mistakes
from schemas.strict_json import NoText, strict_json, too_deep


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
        told = strict_json(text)
    except NoText as error:
        mistake = Mistake("bad-format", {"value": "…", "expected": "characters"})
        raise InvalidInput([InputError(mistake, "body", at) for at in error.places]) from None
    except ValueError as error:
        raise invalid_json(str(error)[:200]) from None
    if too_deep(told):
        raise invalid_json("depth")
    return told


def read_object(*types: str, optional: bool = False) -> dict[str, Any]:
    """The body as an object; an optional one may be left out."""
    if optional and not request.content_type and not request.get_data():
        return {}
    told = read_json(*types)
    if not isinstance(told, dict):
        mistake = Mistake("wrong-type", {"expected": "object"})
        raise InvalidInput([InputError(mistake, "body", "")])
    return told


def load_body(schema: Schema, told: Mapping[str, Any]) -> dict[str, Any]:
    """What a schema makes of a body. Raises InvalidInput with all mistakes."""
    try:
        known: dict[str, Any] = schema.load(told)
    except ValidationError as error:
        found = mistakes(error.messages, schema)
        raise InvalidInput([InputError(mistake, "body", at) for at, mistake in found]) from None
    return known


def invalid_json(reason: str) -> InvalidInput:
    """The body is no JSON; `reason` is a key of REASONS or a text of the parser."""
    return InvalidInput([InputError(Mistake("invalid-json", {"reason": reason}), "body", "")])
