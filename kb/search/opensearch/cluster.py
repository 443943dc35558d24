"""Requests to a cluster, and what its failures mean: an answer, or one honest refusal.

Neither an error nor the log has an address, a password, or what somebody looked for.
"""

from __future__ import annotations

import json
import logging
import math
import random
import time
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any

import urllib3

from kb.search.engine import SearchUnavailable

CONNECT_SECONDS = 0.5
QUEUE_SECONDS = 1.0  # that a search waits until another has been answered
CHUNK = 65_536
MAX_CONNECTIONS = 32  # of a process
NO_ACCESS_RETRY = 30  # seconds; until an operator has mended it
ALARM_SECONDS = 60.0  # between two lines in the log that say so
BREAKER_FAILURES, BREAKER_WINDOW = 5, 10.0  # so many in so many seconds: the cluster is away …
BREAKER_SECONDS = 2.0  # … and for so long nobody waits for it again
NO_CONNECTION = urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError
log = logging.getLogger("kb.search")
Json = dict[str, Any]


class NoAccess(SearchUnavailable):
    """The cluster refuses our user: who runs this must mend that."""

    check = "no-access"


class NotThere(Exception):
    """There is no such index or document."""


class Conflict(Exception):
    """Somebody else has changed it since it was read."""


class Refused(RuntimeError):
    """The cluster does not understand a request: a mistake of ours."""


class Cluster:
    """One cluster, over a pool of connections; safe for threads."""

    def __init__(
        self,
        *urls: str,
        ca_file: Path | None = None,
        user: str = "",
        password: str = "",
        max_searches: int = 4,
        read_seconds: float = 2.5,
        write_seconds: float = 15.0,
        request_id: Callable[[], str | None] = lambda: None,
    ) -> None:
        """`urls` are where its nodes answer, without a path; one is asked until it fails.

        `ca_file` says who vouches for their certificates, and `max_searches` how many may wait for
        an answer at a time, so that a slow cluster leaves threads to what needs none. Its own logs
        (of slow searches, say) have what `request_id` gives, when it gives something.
        """
        self._urls, self._place = urls, 0
        self._request_id = request_id
        self.read_seconds, self._write_seconds = read_seconds, write_seconds
        headers = {}
        if user:
            credentials = b64encode(f"{user}:{password}".encode()).decode()
            headers["authorization"] = f"Basic {credentials}"
        self._pool = urllib3.PoolManager(
            maxsize=MAX_CONNECTIONS,
            retries=False,  # urllib3 would log the address
            headers=headers,
            cert_reqs="CERT_REQUIRED",
            ca_certs=str(ca_file) if ca_file else None,
        )
        self._failures: deque[float] = deque(maxlen=BREAKER_FAILURES)
        self._closed_until = 0.0
        self._alarmed_at = -math.inf
        self._lock = Lock()
        self._free = BoundedSemaphore(max_searches)

    def get(self, path: str) -> Json:
        """Read something. Raises NotThere, SearchUnavailable."""
        return self._request("GET", path, None, self.read_seconds)

    def has(self, path: str) -> bool:
        """Whether there is an index. Raises SearchUnavailable."""
        try:
            self.get(f"{path}/_mapping")
        except NotThere:
            return False
        return True

    def search(self, path: str, body: Json, end: float = math.inf) -> Json:
        """Search all shards, and have the answer by a moment of the monotonic clock.

        Raises NotThere, and SearchUnavailable when a part does not answer, or not in time.
        """
        if not self._free.acquire(timeout=QUEUE_SECONDS):
            raise SearchUnavailable(
                "too much waits for the search cluster", retry_after=_jittered()
            )
        try:
            seconds = min(self.read_seconds, end - time.monotonic())
            answer = self._request("POST", path, body, seconds)
        finally:
            self._free.release()
        if answer.get("timed_out") or answer.get("_shards", {}).get("failed"):
            raise SearchUnavailable("a part of the search cluster does not answer")
        return answer

    def write(self, method: str, path: str, body: Json | None = None) -> Json:
        """Change something. Raises Conflict, NotThere, SearchUnavailable."""
        return self._request(method, path, body, self._write_seconds)

    def bulk(self, path: str, lines: Iterable[str]) -> Json:
        """Write many documents; the answer says of each what became of it."""
        return self._request("POST", path, "\n".join([*lines, ""]), self._write_seconds)

    def turn(self) -> None:
        """Ask another node from now on, if there are several."""
        self._turn_from(self._place)

    def close(self) -> None:
        """Let go of the connections; it may be used again."""
        self._pool.clear()

    def _request(self, method: str, path: str, body: Json | str | None, seconds: float) -> Json:
        if time.monotonic() < self._closed_until:
            raise SearchUnavailable("the search cluster was away a moment ago", retry_after=2)
        if seconds <= 0:
            raise SearchUnavailable("the search cluster is slow")
        end = time.monotonic() + seconds
        content = json.dumps(body) if isinstance(body, dict) else body
        kind = "application/x-ndjson" if isinstance(body, str) else "application/json"
        timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds)
        try:
            response = self._send(
                method,
                path,
                body=content.encode() if content is not None else None,
                headers={**self._pool.headers, "content-type": kind, **self._opaque_id()},
                timeout=timeout,
                preload_content=False,
            )
            answer = _parsed(_whole(response, end), response.status)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            self._count_failure()
            raise SearchUnavailable(_why(error)) from None  # the error has the address
        if response.status < 400:
            self._failures.clear()
            return answer
        raise self._error(response.status, answer)

    def _opaque_id(self) -> dict[str, str]:
        """The header by which a cluster names a request in its logs and its list of tasks."""
        number = self._request_id()
        return {"x-opaque-id": number} if number else {}

    def _send(self, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """Send a request; when no connection was made, once more, to the next node."""
        for attempt in (1, 2):
            place = self._place
            try:
                response = self._pool.request(method, self._urls[place] + path, **options)
            except urllib3.exceptions.HTTPError as error:
                self._turn_from(place)
                if attempt == 2 or not isinstance(error, NO_CONNECTION):
                    raise
            else:
                if response.status >= 500:
                    self._turn_from(place)
                return response
        raise AssertionError("the second attempt returns or raises")

    def _turn_from(self, place: int) -> None:
        """Ask the next node from now on, unless another thread has turned to it already."""
        with self._lock:
            if place == self._place:
                self._place = (place + 1) % len(self._urls)

    def _error(self, status: int, answer: Json) -> Exception:
        """What a refusal of the cluster means."""
        error = answer.get("error")
        kind = error.get("type", "") if isinstance(error, dict) else ""
        if status == 404:
            return NotThere(kind)
        if status == 409:
            return Conflict(kind)
        if status == 429:
            return SearchUnavailable("the search cluster is busy", retry_after=_jittered())
        if status in {401, 403} and "block" not in kind:
            self._log_no_access(status)
            return NoAccess("the search cluster refuses our user", retry_after=NO_ACCESS_RETRY)
        if status >= 500 or "block" in kind:
            self._count_failure()
            return SearchUnavailable(f"the search cluster cannot answer ({kind})")
        return Refused(f"{status} {kind} {_reasons(error)}")

    def _log_no_access(self, status: int) -> None:
        """Say once a minute that an operator has something to mend."""
        now = time.monotonic()
        if now - self._alarmed_at > ALARM_SECONDS:
            self._alarmed_at = now
            log.error("the search cluster refuses our user (%d)", status)

    def _count_failure(self) -> None:
        """Wait for nothing during a moment, when there was too much to wait for."""
        now = time.monotonic()
        with self._lock:
            self._failures.append(now)
            is_full = len(self._failures) == BREAKER_FAILURES
            if is_full and now - self._failures[0] < BREAKER_WINDOW:
                self._closed_until = now + BREAKER_SECONDS


def _parsed(body: bytes, status: int) -> Json:
    """An answer; a refusal may be a page of the proxy before a cluster. Raises ValueError."""
    try:
        answer: Json = json.loads(body)
    except ValueError:
        if status < 400:
            raise
        return {}
    return answer


def _whole(response: urllib3.BaseHTTPResponse, end: float) -> bytes:
    """The body of an answer. Raises HTTPError when it is cut off, or is not here by a moment."""
    pieces = []
    try:
        while piece := response.read1(CHUNK):
            pieces.append(piece)
            if time.monotonic() > end:
                raise urllib3.exceptions.TimeoutError
        response.release_conn()
    except BaseException:
        response.close()
        raise
    return b"".join(pieces)


def _jittered() -> int:
    return 1 + random.randint(0, 2)  # noqa: S311  # so that not all come back at once


def _why(error: Exception) -> str:
    """What went wrong with a connection, without where."""
    return f"the search cluster cannot be reached ({type(error).__name__})"


def _reasons(error: Any) -> str:
    """The kinds of mistakes in a request, without its words."""
    causes = error.get("root_cause", []) if isinstance(error, dict) else []
    return ", ".join(sorted({str(each.get("type")) for each in causes}))
