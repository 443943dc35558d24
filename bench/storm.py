"""Several nodes on one PostgreSQL while things go wrong, with every answer checked.

Visitors come at times that were fixed beforehand, so what has to wait is counted. They are sent to
the nodes in turn, and to the next one when a node refuses the connection, as a load balancer does.
Meanwhile an editor publishes once a second, to whichever node answers, and again when it is not
known what became of it. An answer is right when it is that of one state: one that was not yet gone
when the visitor asked, or went only a short while before.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bench.rehearsal import LISTS, Answer, answer, publication
from bench.servers import START_TIMEOUT_SECONDS, free_port
from bench.timing import percentile

ANSWER_TIMEOUT_SECONDS = 10.0  # of a visitor, after which the load balancer says so
VISITORS = 16  # at one moment
RATE = 12.0  # visitors in a second
PUBLISH_SECONDS = 1.0  # from the begin of one publication to that of the next


class NoNode(Exception):
    """No node took the connection."""


@dataclass
class ServedNode:
    """`kb serve` with a data folder of its own."""

    folder: Path
    environment: dict[str, str]
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin; it answers some seconds later."""
        self.folder.mkdir(parents=True, exist_ok=True)
        program = str(Path(sys.executable).with_name("kb"))
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, "serve"],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of its processes."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End it at once, as a machine that loses its power."""
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()


def nodes(folder: Path, database_url: str, number: int, **settings: str) -> list[ServedNode]:
    """Nodes that have not begun."""
    made = []
    for place in range(number):
        port = free_port()
        own = folder / f"node-{place + 1}"
        environment = os.environ | {
            "KB_DATA_DIR": str(own),
            "KB_DATABASE_URL": database_url,
            "KB_PORT": str(port),
            "KB_WORKERS": "1",
            "KB_FOUR_EYES": "off",
            **settings,
        }
        made.append(ServedNode(own, environment, port))
    return made


@contextmanager
def running(chosen: Sequence[ServedNode]) -> Iterator[None]:
    """Serve on all of them, until the block ends."""
    try:
        for node in chosen:
            node.start()
        for node in chosen:
            wait_until(partial(is_ready, node))
        yield
    finally:
        for node in chosen:
            if node.process is not None:
                node.kill()


def is_ready(node: ServedNode) -> bool:
    """Whether requests may be sent to it. Raises OSError, HTTPException."""
    return ask(node, "/health/ready")[0] == 200


def wait_until(is_so: Callable[[], bool], seconds: float = START_TIMEOUT_SECONDS) -> None:
    """Look again until it is so. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException):
            if is_so():
                return
        time.sleep(0.1)
    raise TimeoutError(f"not so within {seconds:.0f} s")


def ask(
    node: ServedNode, path: str, body: Any = None, token: str = ""
) -> tuple[int, Any, str | None]:
    """Status, JSON and Retry-After; with a body it is posted. Raises OSError, HTTPException."""
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=ANSWER_TIMEOUT_SECONDS)
    try:
        if body is None:
            connection.request("GET", path)
        else:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
            connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        content = response.read()
        is_json = "json" in response.headers.get("Content-Type", "")
        return (
            response.status,
            json.loads(content) if is_json else None,
            response.headers["Retry-After"],
        )
    finally:
        connection.close()


@dataclass
class Story:
    """What has been published when; times are of `time.monotonic`."""

    begun: list[float] = field(default_factory=list)  # of publication 1, 2, …
    done: list[float] = field(default_factory=list)
    unclear: int = 0  # attempts of which the outcome was not heard


@dataclass
class Log:
    """What visitors met."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    behind: list[float] = field(default_factory=list)  # seconds since the state had gone
    times: list[float] = field(default_factory=list)  # seconds from when they came
    failed_at: list[float] = field(default_factory=list)  # when they came who got no list


class Storm:
    """Visitors and an editor on some nodes, for as long as the block lasts."""

    def __init__(
        self, chosen: Sequence[ServedNode], token: str, states: Sequence[Sequence[Answer]]
    ) -> None:
        """`states` are the right answers to LISTS after 0, 1, … publications."""
        self._nodes = chosen
        self._token = token
        self._states = states
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.story = Story()
        self.log = Log()

    @contextmanager
    def blowing(self) -> Iterator[None]:
        """Ask and publish beside the block."""
        editor = threading.Thread(target=self._publish)
        visitors = threading.Thread(target=self._send_visitors)
        editor.start()
        visitors.start()
        try:
            yield
        finally:
            self._stopping.set()
            editor.join()
            visitors.join()

    def check_publications(self) -> None:
        """See that each acknowledged publication is there once. Raises AssertionError.

        One that was under way at the end may be there too.
        """
        done, begun = len(self.story.done), len(self.story.begun)
        versions = Counter[str]()
        cursor = "0"
        while True:
            status, body, _ = ask(self._nodes[-1], f"/v1/changes?cursor={cursor}")
            assert status == 200, body
            versions.update(each["id"] for each in body["items"] if each["type"] == "case")
            if not body["items"]:
                break
            cursor = body["nextCursor"]
        ids = {publication(number)["id"] for number in range(1, begun + 1)}
        made = sum(versions[each] for each in ids)
        assert done <= made <= begun, f"{made} publications of {done} to {begun}"

    def _publish(self) -> None:
        for number in range(1, len(self._states)):
            start = time.monotonic()
            self.story.begun.append(start)
            attempt = number
            while not self._has_published(number, attempt):
                attempt += 1
                time.sleep(0.3)
                if self._stopping.is_set():
                    return
            self.story.done.append(time.monotonic())
            if self._stopping.wait(max(0.0, start + PUBLISH_SECONDS - time.monotonic())):
                return

    def _has_published(self, number: int, attempt: int) -> bool:
        """Whether a node says that it was, or had been, published."""
        node = self._nodes[attempt % len(self._nodes)]
        path = "/v1/imports?publish=true"
        try:
            status, body, _ = ask(node, path, [publication(number)], self._token)
        except (OSError, http.client.HTTPException):
            self.story.unclear += 1
            return False
        if status != 201:
            return False
        outcome: str = body["rows"][0]["outcome"]
        assert outcome in {"created", "updated", "unchanged"}, body
        return True

    def _send_visitors(self) -> None:
        start = time.monotonic()
        with ThreadPoolExecutor(VISITORS) as pool:
            turn = 0
            while not self._stopping.is_set():
                comes = start + turn / RATE
                time.sleep(max(0.0, comes - time.monotonic()))
                pool.submit(self._visit, turn, comes)
                turn += 1

    def _visit(self, turn: int, comes: float) -> None:
        """Ask for a list and judge the answer."""
        place = turn % len(LISTS)
        asks = time.monotonic()
        try:
            status, body, retry_after = self._balanced(turn, LISTS[place])
        except NoNode:
            outcome = "no node"
        except (OSError, http.client.HTTPException):
            outcome = "cut off or too late"
        else:
            outcome = self._judge(place, asks, status, body, retry_after)
        with self._lock:
            self.log.outcomes[outcome] += 1
            self.log.times.append(time.monotonic() - comes)
            if outcome != "right":
                self.log.failed_at.append(comes)

    def _balanced(self, turn: int, path: str) -> tuple[int, Any, str | None]:
        for step in range(len(self._nodes)):
            with suppress(ConnectionRefusedError):
                return ask(self._nodes[(turn + step) % len(self._nodes)], path)
        raise NoNode

    def _judge(
        self, place: int, asks: float, status: int, body: Any, retry_after: str | None
    ) -> str:
        if status == 503:
            return "503 with Retry-After" if retry_after else "503 without Retry-After"
        if status != 200:
            return f"status {status}"
        seen = answer(body)
        newest = len(self.story.begun)
        states = [n for n in range(newest + 1) if self._states[n][place] == seen]
        if not states:
            self.log.wrong.append(f"{LISTS[place]}: {seen[0]} {seen[1][:5]}")
            return "of no state"
        with self._lock:
            self.log.behind.append(self._seconds_behind(place, max(states), asks))
        return "right"

    def _seconds_behind(self, place: int, state: int, asks: float) -> float:
        """How long ago the list had become another one when the visitor asked; 0 when it had not.

        States in which it says the same are one.
        """
        done = list(self.story.done)
        known = bisect_right(done, asks)  # publications that were acknowledged by then
        for later in range(state + 1, known + 1):
            if self._states[later][place] != self._states[state][place]:
                return asks - done[later - 1]
        return 0.0


def figures(storm: Storm, begin: float, end: float) -> dict[str, Any]:
    """What happened while something was wrong, and how long afterwards visitors noticed.

    `begin` and `end` are of the fault, in the time of `time.monotonic`.
    """
    log = storm.log
    late = [at - end for at in log.failed_at if at > end]
    return {
        "answers": dict(log.outcomes),
        "wrong": log.wrong[:5],
        "fault seconds": round(end - begin, 1),
        "recovery seconds": round(max(late, default=0.0), 1),
        "behind seconds": round(max(log.behind, default=0.0), 1),
        "p95 seconds": round(percentile(log.times, 0.95), 2) if log.times else None,
        "published": len(storm.story.done),
        "unclear": storm.story.unclear,
    }
