"""Addresses of ours: as pages link to them, and as the outside world reaches them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flask import current_app

_relative: ContextVar[bool] = ContextVar("relative", default=False)


def local_address(path: str) -> str:
    """A path of ours as a page links to it: below the path of KB_PUBLIC_URL, if that has one."""
    return f"{current_app.config['KB_PUBLIC_PATH']}{path}"


def public_address(path: str = "") -> str:
    """The absolute address of a path of ours, as the outside world reaches it."""
    return path if _relative.get() else f"{current_app.config['KB_PUBLIC_URL']}{path}"


@contextmanager
def relative_addresses() -> Iterator[None]:
    """Inside, `public_address` gives the path alone, for what is stored for any outside world."""
    token = _relative.set(True)
    try:
        yield
    finally:
        _relative.reset(token)
