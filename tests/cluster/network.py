"""A network of our own for the nodes: each in a namespace, with a way to us and one to the others.

So a node can be cut off from the others while it still answers us, which is what a partition is.
It takes the right to make network namespaces; without it the nodes share the loopback address.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

PREFIX = "kbtest"
OURS, THEIRS = "10.213.1", "10.213.2"  # the networks, in none that anybody is likely to have
HOST = 254


class Network:
    """Namespaces 1, 2, … with an address in both networks."""

    def command(self, number: int) -> list[str]:
        """What a command begins with that is to run in a namespace."""
        return ["ip", "netns", "exec", f"{PREFIX}{number}"]

    def cut(self, number: int) -> None:
        """Let nothing pass between a node and the others; no connection hears of it."""
        _ip("link", "set", f"{PREFIX}t{number}", "nomaster")

    def mend(self, number: int) -> None:
        """Let it pass again."""
        _ip("link", "set", f"{PREFIX}t{number}", "master", f"{PREFIX}t")


def is_permitted() -> bool:
    """Whether we may make namespaces here."""
    if shutil.which("ip") is None:
        return False
    made = _try("netns", "add", f"{PREFIX}0") and _try(
        *("link", "add", f"{PREFIX}t0", "type", "bridge")
    )
    _try("link", "delete", f"{PREFIX}t0")
    _try("netns", "delete", f"{PREFIX}0")
    return made


@contextmanager
def network(size: int) -> Iterator[Network]:
    """Make so many namespaces, and take them away at the end."""
    _remove(size)
    try:
        for kind in "ht":
            _ip("link", "add", f"{PREFIX}{kind}", "type", "bridge")
            _ip("link", "set", f"{PREFIX}{kind}", "up")
        _ip("address", "add", f"{OURS}.{HOST}/24", "dev", f"{PREFIX}h")
        for number in range(1, size + 1):
            _add(number)
        yield Network()
    finally:
        _remove(size)


def _add(number: int) -> None:
    space = f"{PREFIX}{number}"
    _ip("netns", "add", space)
    _ip("-n", space, "link", "set", "lo", "up")
    for kind, addresses in (("h", OURS), ("t", THEIRS)):
        outside = f"{PREFIX}{kind}{number}"
        _ip("link", "add", outside, "type", "veth", "peer", "name", kind, "netns", space)
        _ip("link", "set", outside, "master", f"{PREFIX}{kind}", "up")
        _ip("-n", space, "address", "add", f"{addresses}.{number}/24", "dev", kind)
        _ip("-n", space, "link", "set", "dev", kind, "up")


def _remove(size: int) -> None:
    for number in range(1, size + 1):
        _try("netns", "delete", f"{PREFIX}{number}")
        for kind in "ht":
            _try("link", "delete", f"{PREFIX}{kind}{number}")
    for kind in "ht":
        _try("link", "delete", f"{PREFIX}{kind}")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _try(*words: str) -> bool:
    return subprocess.run(["ip", *words], check=False, capture_output=True).returncode == 0
