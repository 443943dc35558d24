"""Processes beside a test, which begin at once: forked from one that has imported the house.

def write(test: Connection, folder: Path) -> None:
    test.send("ready")
    …

with beside(write, tmp_path) as child:
    assert child.receive() == "ready"
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["kb.app", "kb.editors.seed"])
TIMEOUT_SECONDS = 300  # on a busy machine


@dataclass(frozen=True)
class Child:
    """A process, and the other end of its connection."""

    process: BaseProcess
    connection: Connection

    def receive(self) -> Any:
        """What it sends next. Raises EOFError when it ended instead."""
        assert self.connection.poll(TIMEOUT_SECONDS), "a process sends nothing"
        return self.connection.recv()

    def kill(self) -> None:
        """End it in the middle of what it does."""
        self.process.kill()
        self.process.join()

    def end(self) -> None:
        """Wait until it has ended by itself, well."""
        self.process.join(TIMEOUT_SECONDS)
        assert self.process.exitcode == 0


@contextmanager
def beside(work: Callable[..., None], *arguments: Any) -> Iterator[Child]:
    """Let `work(connection, *arguments)` run in a process, which is killed at the end."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=work, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()  # the process has its own
    try:
        yield Child(process, ours)
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()
