"""A publication costs the same after thousands of others."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from bench.history import Window, measure

PUBLICATIONS, CASES = 2_000, 60
MAX_RATIO = 1.5  # of the processor: others use the machine too, and its caches


@pytest.mark.long
def test_the_last_publications_cost_what_the_first_ones_did(tmp_path: Path) -> None:
    windows = list(measure(tmp_path, PUBLICATIONS, CASES))

    assert cost(windows[-1]) < MAX_RATIO * cost(windows[1])  # in the first one caches fill
    assert max(window.segments for window in windows) < 64


def cost(window: Window) -> float:
    """Milliseconds of the processor that a publication took, the middle one of a window."""
    return median(sum(each) for each in window.costs)
