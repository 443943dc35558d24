"""Readers and editors who go on while the database goes away, and what they were answered."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from tests.builders import a_case
from tests.durability.nodes import Cluster, Node, Response

PAUSE_SECONDS = 0.1  # between two requests of one client
LISTS, SINGLE = ("/v1/cases?q=tuin", "/zoeken?q=tuin"), "/v1/cases/tuin"


@dataclass
class Storm:
    """One reader and one editor on each node."""

    cluster: Cluster
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)  # by what was read
    refusals: Counter[int] = field(default_factory=Counter)  # of what editors sent
    without_retry_after: list[Response] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)  # ids that a node said are public
    last_public: float = 0.0  # when one of them was, by the monotonic clock
    first_single: float = 0.0  # when a single thing was read after `marked`, by that clock
    marked: float = 0.0
    stopping: threading.Event = field(default_factory=threading.Event)

    def read(self, node: Node) -> None:
        """Read lists and a single thing, again and again."""
        while not self.stopping.is_set():
            for path in (*LISTS, SINGLE):
                response = node.request(path)
                self.statuses[path, response.status] += 1
                if response.status == 503 and not response.headers["Retry-After"]:
                    self.without_retry_after.append(response)
                if path == SINGLE and response.status == 200 and self.marked > self.first_single:
                    self.first_single = time.monotonic()
            time.sleep(PAUSE_SECONDS)

    def write(self, number: int, node: Node) -> None:
        """Publish cases, each step with a key until it was acknowledged."""
        turn = 0
        while not self.stopping.is_set():
            turn += 1
            slug = f"storm-{number}-{turn}"
            if self._publish(node, slug):
                self.acknowledged.append(slug)
                self.last_public = time.monotonic()
            time.sleep(PAUSE_SECONDS)

    def _publish(self, node: Node, slug: str) -> bool:
        address = f"/v1/cases/{slug}"
        steps: list[tuple[str, str, dict[str, Any]]] = [
            (self.cluster.editor, "/v1/cases", a_case(slug)),
            (self.cluster.editor, f"{address}/draft/reviews", {"decision": "submit"}),
            (self.cluster.publisher, f"{address}/publications", {}),
        ]
        tag = ""
        for token, path, body in steps:
            response = self._insist(node, path, body, token, tag)
            if response is None:
                return False
            tag = response.headers.get("ETag", "")
        return True

    def _insist(self, node: Node, path: str, body: Any, token: str, tag: str) -> Response | None:
        """The response to what is sent until it is acknowledged; None when the storm is over."""
        headers = {"Idempotency_Key": f'"{abs(hash(path + str(body)))}"', "If_Match": tag}
        while True:
            try:
                response = node.request(path, body, token=token, **headers)
            except (OSError, HTTPException):
                response = Response(0, {}, b"")  # type: ignore[arg-type]
            if response.status in {200, 201}:
                return response
            self.refusals[response.status] += 1
            assert response.status in {0, 409, 503}, response
            if self.stopping.is_set():
                return None
            time.sleep(PAUSE_SECONDS)

    def mark(self) -> None:
        """Begin to look for the first single thing that is read."""
        self.marked = time.monotonic()


@contextmanager
def a_storm(cluster: Cluster) -> Iterator[Storm]:
    """Have them go on until the end of the block. Raises what went wrong in one of them."""
    storm, errors = Storm(cluster), []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = []
    for number, node in enumerate(cluster.nodes):
        for work in (
            lambda node=node: storm.read(node),
            lambda number=number, node=node: storm.write(number, node),
        ):
            threads.append(threading.Thread(target=run, args=(work,)))
    for thread in threads:
        thread.start()
    try:
        yield storm
    finally:
        storm.stopping.set()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]
