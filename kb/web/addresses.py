"""Addresses of ours: as pages link to them, and as the outside world reaches them."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app


def local_address(path: str) -> str:
    """A path of ours as a page links to it: below the path of KB_PUBLIC_URL, if that has one."""
    below: str = urlsplit(current_app.config["KB_PUBLIC_URL"]).path
    return f"{below}{path}"


def public_address(path: str = "") -> str:
    """The absolute address of a path of ours, as the outside world reaches it."""
    return f"{current_app.config['KB_PUBLIC_URL']}{path}"
