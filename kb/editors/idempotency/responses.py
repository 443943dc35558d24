"""Stored responses by Idempotency-Key: the same request again gets the first response again.

A response is stored in the transaction of its request, so that a process that dies leaves both or
neither. `lock` keeps two requests with one key from running at the same time.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kb.editors.model import IdempotentResponse
from kb.input_errors import InputError, Mistake
from kb.problems import Conflict, InvalidInput
from kb.translation import N_

HEADER = "Idempotency-Key"
LIFETIME = timedelta(hours=24)
MAX_KEY_LENGTH = 200  # characters of a key
VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
ERASED_STATUS = 410  # the status of a response whose text was erased; the request was carried out


@dataclass(frozen=True)
class StoredResponse:
    """A response that can be sent again."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class KeyedRequest:
    """A request with a key: its owner ("" for who has no token), and a fingerprint of the rest."""

    owner: str
    key: str
    fingerprint: str


def checked_key(key: str) -> str:
    """The key, when it is a valid one. Raises InvalidInput."""
    if not key:
        raise _key_error(Mistake("empty"))
    if len(key) > MAX_KEY_LENGTH:
        raise _key_error(Mistake("too-long", {"maximum": MAX_KEY_LENGTH, "actual": len(key)}))
    if not VISIBLE_ASCII.fullmatch(key):
        raise _key_error(Mistake("bad-format", {"value": "…", "expected": "visible"}))
    return key


def find_response(session: Session, request: KeyedRequest, at: datetime) -> StoredResponse | None:
    """The response to this request, when it was carried out in the last 24 hours.

    Raises InvalidInput when the key came with another request, and Conflict when the response
    was erased since: then it must not be carried out a second time either.
    """
    row = session.get(IdempotentResponse, (request.owner, request.key))
    if row is None or row.status is None or row.at <= at - LIFETIME:
        return None  # without a status: what release 1.0.0 began and never ended
    if row.fingerprint != request.fingerprint:
        raise _key_error(Mistake("inconsistent", {"reason": "key-used"}))
    if row.status == ERASED_STATUS:
        raise Conflict(N_("This request was carried out before; its text was erased since."))
    return StoredResponse(row.status, row.headers, row.body)


def save_response(
    session: Session, request: KeyedRequest, response: StoredResponse, at: datetime
) -> None:
    """Store the response, over one that was stored before; delete those older than a day."""
    session.execute(delete(IdempotentResponse).where(IdempotentResponse.at <= at - LIFETIME))
    session.merge(
        IdempotentResponse(
            owner=request.owner,
            key=request.key,
            fingerprint=request.fingerprint,
            status=response.status,
            headers=response.headers,
            body=response.body,
            at=at,
        )
    )


def erase_responses(session: Session, case_id: str) -> int:
    """Erase every stored response with the text of a case; returns how many there were.

    The keys stay, without text: repeating the request must not bring back what was erased.
    """
    likely = IdempotentResponse.body.contains(f'"{case_id}"', autoescape=True)
    rows = [
        row
        for row in session.scalars(select(IdempotentResponse).where(likely))
        if case_id == _subject_of(json_object(row.body))
    ]
    for row in rows:
        row.status, row.headers, row.body = ERASED_STATUS, {}, ""
    return len(rows)


def _subject_of(body: dict[str, Any]) -> Any:
    """The id of the thing that a response has the text of, or a comment on."""
    about = body.get("about")
    return about.get("id") if isinstance(about, dict) else body.get("id")


def json_object(body: str) -> dict[str, Any]:
    """The JSON object in the body of a response; an empty one when it has none."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _key_error(mistake: Mistake) -> InvalidInput:
    return InvalidInput([InputError(mistake, "header", HEADER)])
