"""What the log says: lines for people or JSON, and nothing of whoever sent a request.

A request is named by its number and the rule of its address; what somebody typed, from where, and
what a token or the address of a preview is, stands in no line.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from flask import has_request_context, request
from gunicorn.glogging import Logger as GunicornLogger

from kb.services import services
from kb.settings import EMAIL, LogFormat, Settings
from kb.web.request_ids import request_id
from kb.web.wsgi import CACHED, NO_ROUTE, ROUTE, Environ, method_of

ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)
FIELDS = "fields"  # of a record: what JSON says apart, by name
access_log = logging.getLogger("kb.access")


class TextFormatter(logging.Formatter):
    """A line for people; no e-mail address is in it, though mail servers repeat them."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line, and where an exception was raised below it."""
        record.exc_text = None  # what another formatter made of it
        return _without_addresses(super().format(record))

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - its name in `logging`
        """Where it went wrong; in a request without the message, which may quote what was sent."""
        if not has_request_context() or ei[1] is None:
            return super().formatException(ei)
        return "\n".join(_without_messages(ei[1]))


def _without_addresses(text: str) -> str:
    return re.sub(EMAIL, "[e-mail address]", text)


def _without_messages(error: BaseException | None) -> Iterator[str]:
    """The lines of an exception and of what led to it."""
    while error is not None:
        yield "Traceback (most recent call last):"
        yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
        yield f"{type(error).__module__}.{type(error).__qualname__}"
        error = error.__cause__ or error.__context__


class JsonFormatter(TextFormatter):
    """An object in JSON on each line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time (UTC), level, logger and message; and what else is known, in fields of their own."""
        moment = datetime.fromtimestamp(record.created, UTC)
        entry: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context():
            has_proxy = bool(services().settings.trusted_proxies)
            entry["requestId"] = request_id(request.environ, has_proxy=has_proxy)
            entry |= _of_request(request.environ)
        entry |= getattr(record, FIELDS, {})
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return _without_addresses(json.dumps(entry, ensure_ascii=False, default=str))


def _of_request(environ: Environ) -> dict[str, Any]:
    return {"method": method_of(environ), "route": environ.get(ROUTE) or NO_ROUTE}


class ServerFilter(logging.Filter):
    """Takes out of what waitress says which address it was serving: that may be a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass it on, without its values."""
        if record.name == "waitress" and record.args:
            record.msg, record.args = str(record.msg).partition("%")[0].strip(), ()
        return True


class AccessLog:
    """Logs each request, where the operator wants so."""

    def __init__(self, settings: Settings) -> None:
        self._has_proxy = bool(settings.trusted_proxies)
        access_log.setLevel(logging.INFO)

    def observe_request(self, environ: Environ, status: str, seconds: float) -> None:
        """Log a request; `status` is the status line of its response."""
        fields = {
            "requestId": request_id(environ, has_proxy=self._has_proxy),
            **_of_request(environ),
            "status": int(status[:3]),
            "ms": round(seconds * 1000, 1),
            "cached": CACHED in environ,
        }
        access_log.info(
            "%(requestId)s %(method)s %(route)s %(status)s %(ms)s ms",
            fields,
            extra={FIELDS: fields},
        )


def formatter(kind: LogFormat) -> logging.Formatter:
    """What writes a record as the operator wants it."""
    return JsonFormatter() if kind == "json" else TextFormatter()


def configure(kind: LogFormat) -> None:
    """Have the whole process log to standard error like this."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(kind))
    handler.addFilter(ServerFilter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class JsonServerLogger(GunicornLogger):
    """What gunicorn says of its processes, as JSON too."""

    def setup(self, cfg: Any) -> None:
        """Take its handlers over."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter())
