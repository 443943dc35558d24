"""Metrics of `kb serve`: each process writes files, and the master adds them up for Prometheus.

A process has the number of its place among the others, not its process id, in the names of its
files: who takes the place of a process that died goes on counting in its files. So counters never
go back, and there are never more files than places.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkdtemp

from prometheus_client import CollectorRegistry, start_http_server, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus-client looks for it, at each new series


class MetricsUnavailable(Exception):
    """The port of the metrics cannot be had."""


class MetricsServer:
    """The folder of the files, and a port of its own on which Prometheus reads them."""

    def __init__(self) -> None:
        self._folder = Path(os.devnull)

    def start(self, host: str, port: int) -> None:
        """Answer from now on, in a thread. Raises MetricsUnavailable."""
        self._folder = Path(mkdtemp(prefix="kb-metrics-"))  # new: no files of former processes
        os.environ[FOLDER] = str(self._folder)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(self._folder))  # type: ignore[no-untyped-call]
        try:
            start_http_server(port, host, registry)
        except OSError as error:
            self.stop()
            raise MetricsUnavailable(str(error)) from error

    def stop(self) -> None:
        """Remove the files."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def forget(self, place: int) -> None:
        """Take away what only a living process can say, such as its connections."""
        mark_process_dead(place, str(self._folder))  # type: ignore[no-untyped-call]


def free_place(taken: Iterable[int]) -> int:
    """The lowest place that no living process has."""
    used = set(taken)
    return next(place for place in range(len(used) + 1) if place not in used)


def write_as(place: int) -> None:
    """In a process that was just forked: write its metrics into the files of its place.

    Before the first metric is made: prometheus-client looks here for how values are written.
    """
    values.ValueClass = values.MultiProcessValue(lambda: place)  # type: ignore[no-untyped-call]
