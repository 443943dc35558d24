"""A polite look at one address: by its robots.txt, at its pace, with HEAD before GET.

A body is never read, but for that of robots.txt.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from kb.editors.link_checks.client import LinkClient, LinkError, Response
from kb.editors.link_checks.judge import Outcome, reason_of

PRODUCT = "kennisbank-gemengde-wijken"  # what robots.txt may call us
MAX_REDIRECTS = 5
MAX_ROBOTS_BYTES = 2**16
MAX_CRAWL_DELAY_SECONDS = 60.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FOR_GOOD = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})


class Pace:
    """When each host may be asked again: one request at a time, with a pause between."""

    def __init__(self, pause: float) -> None:
        self._pause = pause  # seconds
        self._own_pauses: dict[str, float] = {}  # of hosts that want longer ones
        self._free_at: dict[str, float] = {}

    def wait(self, host: str) -> None:
        """Sleep until this host may be asked."""
        if (seconds := self.seconds_until_free(host)) > 0:
            time.sleep(seconds)

    def seconds_until_free(self, host: str) -> float:
        """How long this host is not to be asked; nothing or less when it may be now."""
        return self._free_at.get(host, 0.0) - time.monotonic()

    def hold(self, host: str, seconds: float = 0.0) -> None:
        """Ask this host nothing for so long, and for a pause at least."""
        pause = self._own_pauses.get(host, self._pause)
        until = time.monotonic() + max(pause, seconds)
        self._free_at[host] = max(until, self._free_at.get(host, 0.0))

    def slow_down(self, host: str, pause: float) -> None:
        """Wait longer than elsewhere between requests to this host."""
        self._own_pauses[host] = max(self._pause, pause)
        self.hold(host)


class LinkChecker:
    """Looks at addresses one by one; what it knows of a host holds for one run."""

    def __init__(self, client: LinkClient, pace: Pace) -> None:
        self._client = client
        self.pace = pace
        self._robots: dict[str, RobotFileParser] = {}

    def check(self, url: str) -> Outcome:
        """What comes of asking for an address and following where it leads. Never raises."""
        here, visited, is_for_good = urldefrag(url)[0], set[str](), True
        moved_to: str | None = None
        try:
            while len(visited) <= MAX_REDIRECTS and here not in visited:
                visited.add(here)
                response = self._ask(here)
                target = _target(here, response)
                if target is None:
                    return _outcome(response, moved_to, host_of(here))
                is_for_good = is_for_good and response.status in FOR_GOOD
                moved_to = target if is_for_good else moved_to
                here = urldefrag(target)[0]
        except LinkError as error:
            return Outcome(reason=error.reason)
        except ValueError:  # an address that the standard library cannot take apart
            return Outcome(reason="bad-address")
        return Outcome(reason="redirects")

    def _ask(self, url: str) -> Response:
        """HEAD, and GET where HEAD is refused or says that it is gone. Raises LinkError."""
        if not self._robots_of(url).can_fetch(PRODUCT, url):
            raise LinkError("robots")
        try:
            response = self._send("HEAD", url)
        except LinkError as error:
            if error.reason != "connection":
                raise
            return self._send("GET", url)
        is_final = response.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
        if response.status < HTTPStatus.BAD_REQUEST or (is_final and response.retry_after):
            return response
        return self._send("GET", url)

    def _send(self, method: str, url: str, max_body: int = 0) -> Response:
        host = host_of(url)
        self.pace.wait(host)
        try:
            return self._client.send(method, url, max_body)
        finally:
            self.pace.hold(host)

    def _robots_of(self, url: str) -> RobotFileParser:
        """What the robots.txt of a site says; who cannot be reached has not forbidden anything."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._robots:
            self._robots[site] = rules = RobotFileParser()
            try:
                self._read_robots(f"{site}/robots.txt", rules)
            except (LinkError, ValueError):
                rules.parse(())
            if delay := rules.crawl_delay(PRODUCT):
                self.pace.slow_down(host_of(url), min(float(delay), MAX_CRAWL_DELAY_SECONDS))
        return self._robots[site]

    def _read_robots(self, url: str, rules: RobotFileParser) -> None:
        """Read the rules as RFC 9309 tells: absent allows all, a broken server nothing."""
        for _ in range(MAX_REDIRECTS + 1):
            response = self._send("GET", url, MAX_ROBOTS_BYTES)
            target = _target(url, response)
            if target is None:
                break
            url = target
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            rules.parse(("User-agent: *", "Disallow: /"))
        elif response.status != HTTPStatus.OK:
            rules.parse(())
        else:
            rules.parse(response.body.decode("utf-8", "replace").splitlines())


def host_of(url: str) -> str:
    """The host of an address; empty when it cannot be read."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _target(url: str, response: Response) -> str | None:
    """Where a response leads; None when it is final."""
    if response.status not in REDIRECTS or not response.location:
        return None
    return urljoin(url, response.location.encode("latin-1", "replace").decode("utf-8", "replace"))


def _outcome(response: Response, moved_to: str | None, host: str) -> Outcome:
    reason = reason_of(response.status)
    is_moved = reason == "ok" and moved_to is not None
    return Outcome(
        reason="moved" if is_moved else reason,
        http_status=response.status,
        moved_to=moved_to if is_moved else None,
        retry_after=None if reason == "ok" else response.retry_after,
        host=host,
    )
