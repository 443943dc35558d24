"""One fault after the other, and what each of them came to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.cluster.nodes import Nodes
from tests.cluster.rounds import Publisher
from tests.cluster.visitors import Visit, Visitors
from tests.conftest import until
from tests.durability.served import Served

RECOVERY_SECONDS = 30
CALM_SECONDS = 3.0  # without a refusal: then it is over
PATIENCE_SECONDS = 60


class Outcome(NamedTuple):
    """What a fault came to; seconds since it began, or since it was mended when it had to be."""

    fault: str
    right: int
    refused: int
    wrong: int
    longest: float  # that a visitor waited for a list
    longest_reading: float  # that one waited for a single thing
    last_refusal: float
    next_round: float  # until visitors saw what was published after that moment

    @property
    def recovery(self) -> float:
        """Until all was well."""
        return max(self.last_refusal, self.next_round)

    def __str__(self) -> str:
        counts = f"{self.right} | {self.refused} | {self.wrong}"
        waits = f"{self.longest:.1f} | {self.longest_reading:.1f}"
        after = f"{self.last_refusal:.1f} | {self.next_round:.1f}"
        return f"| {self.fault} | {counts} | {waits} | {after} |"


HEADER = """\
| fault | right | 503 | wrong | longest wait | single thing | last 503 after | next round after |
|---|--:|--:|--:|--:|--:|--:|--:|"""


@dataclass
class Storm:
    """The cluster, the server, who publishes and who reads."""

    nodes: Nodes
    served: Served
    publisher: Publisher
    visitors: Visitors
    alias: str  # begins the names of the indexes
    outcomes: list[Outcome] = field(default_factory=list)

    def fault(
        self,
        name: str,
        begin: Callable[[], object],
        mend: Callable[[], object],
        *,
        lasts: float | None = None,
        crowd: bool = False,
    ) -> Outcome:
        """Let something happen, and mend it.

        It recovers while the fault is there; with `lasts`, after so many seconds when it is mended.
        With a `crowd` many more visitors come meanwhile than the server has threads.
        """
        self.publisher.resume()
        self._recover(time.monotonic())
        start = moment = time.monotonic()
        begin()
        try:
            if lasts is not None:
                if crowd:
                    self.visitors.crowd()
                time.sleep(lasts)
                mend()
                moment = time.monotonic()
                self.visitors.disperse()
            last_refusal, next_round = self._recover(moment)
        finally:
            if lasts is None:
                mend()
        until(self.nodes.is_whole, PATIENCE_SECONDS)
        self._settle()
        outcome = self._outcome(name, start, last_refusal, next_round)
        self.outcomes.append(outcome)
        return outcome

    @property
    def index(self) -> str:
        """The pattern of the names of the indexes with documents."""
        return f"{self.alias}-*,-*-leases"

    def set_replicas(self, number: int) -> None:
        """Have so many copies of each shard, beside the first."""
        self.nodes.ask("PUT", f"/{self.alias}-*/_settings", {"number_of_replicas": number})
        until(self.nodes.is_whole, PATIENCE_SECONDS)

    def _recover(self, moment: float) -> tuple[float, float]:
        """Wait until visitors see what is newer than a moment, and are refused no more.

        Returns after how many seconds they were refused last, and saw it first.
        """
        end = moment + PATIENCE_SECONDS
        while time.monotonic() < end:
            time.sleep(0.1)
            visits = self.visitors.since(moment)
            published_at = self.publisher.published_at
            seen = [v.ended for v in visits if any(published_at[r] > moment for r in v.rounds)]
            last_refusal = max((v.ended for v in visits if v.is_refused), default=moment)
            is_calm = time.monotonic() - last_refusal > CALM_SECONDS or last_refusal == moment
            if seen and is_calm:
                return last_refusal - moment, min(seen) - moment
        raise AssertionError(f"not recovered within {PATIENCE_SECONDS} s: {self._log()}")

    def _settle(self) -> None:
        """Publish nothing more; the index must be that of the database, and the last round seen."""
        self.publisher.pause()
        paused = time.monotonic()
        until(lambda: any(self.publisher.number in v.rounds for v in self.visitors.since(paused)))
        checked = self.served.run("index", "check")
        assert checked.returncode == 0, checked.stdout + checked.stderr

    def _outcome(self, name: str, start: float, last_refusal: float, next_round: float) -> Outcome:
        visits = self.visitors.since(start)
        readings = self.visitors.readings_since(start)
        right = [each for each in visits if each.is_right(self.publisher)]
        refused = [each for each in visits if each.is_refused]
        wrong = [each for each in visits if each not in refused and each not in right]
        assert not wrong, (len(wrong), wrong[0], self._expected(wrong[0]))
        assert {each.status for each in readings} == {200}
        back = self.visitors.steps_back_since(start)
        assert not back, (len(back), back[0])
        return Outcome(
            name,
            len(right),
            len(refused),
            len(wrong),
            max(each.ended - each.begun for each in visits),
            max(each.ended - each.begun for each in readings),
            last_refusal,
            next_round,
        )

    def _expected(self, visit: Visit) -> object:
        assert visit.question is not None
        return [self.publisher.expected(number, visit.question) for number in visit.rounds]

    def _log(self) -> str:
        log = self.served.log.read_text("utf-8")[-1500:]
        return f"{log}\n{self.nodes.report()}"
