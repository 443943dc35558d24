"""A PostgreSQL server that is frozen, stopped or locked keeps nobody waiting."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests import postgres
from tests.conftest import need, until
from tests.durability.away import (
    READ,
    Answer,
    a_server,
    ask,
    assert_goes_on,
    assert_unavailable,
    comes_back,
    create,
)


def together(*works: Callable[[], Answer]) -> list[Answer]:
    """Twelve who ask at the same moment."""
    with ThreadPoolExecutor(12) as pool:
        running = [pool.submit(works[number % len(works)]) for number in range(12)]
        return [each.result() for each in running]


class Cluster(NamedTuple):
    """A PostgreSQL server that can be stopped and started."""

    url: str
    home: Path

    @property
    def processes(self) -> list[int]:
        """Its main process, and those that it started."""
        main = int((self.home / "cluster" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]

    def signal(self, sent: signal.Signals) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.kill(process, sent)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server of its own, since it will suffer."""
    need("postgresql", postgres.binaries() is not None, "apt-get install postgresql")
    home = Path(tempfile.mkdtemp(prefix="kb-postgres-"))  # where its own user may come too
    try:
        with postgres.cluster(home) as url:
            yield Cluster(url, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_frozen_server_blocks_nobody_for_long(cluster: Cluster, tmp_path: Path) -> None:
    with a_server(tmp_path, cluster.url) as (served, token):
        together(lambda: ask(served, READ))
        cluster.signal(signal.SIGSTOP)
        try:
            for _ in range(3):
                answers = together(lambda: ask(served, READ), lambda: create(served, "x", token))
                for answer in answers:
                    assert_unavailable(answer)
                time.sleep(0.5)
            assert_goes_on(served)
        finally:
            cluster.signal(signal.SIGCONT)
        comes_back(served)
        until(lambda: create(served, "terug", token).status == 201)


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_table_that_another_holds_locked(cluster: Cluster, tmp_path: Path) -> None:
    with a_server(tmp_path, cluster.url) as (served, token):
        address = make_url(cluster.url).set(drivername="postgresql").render_as_string()
        with psycopg.connect(address) as holder:
            holder.execute("LOCK TABLE case_study, revision IN ACCESS EXCLUSIVE MODE")

            answers = together(lambda: ask(served, READ), lambda: create(served, "x", token))
            for answer in answers:
                assert_unavailable(answer, "bezet")
        comes_back(served)
        until(lambda: create(served, "terug", token).status == 201)


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_server_that_was_stopped_is_reached_again(cluster: Cluster, tmp_path: Path) -> None:
    with a_server(tmp_path, cluster.url) as (served, token):
        main = cluster.processes[0]
        options = (cluster.home / "cluster" / "postmaster.opts").read_text()
        os.kill(main, signal.SIGINT)
        until(lambda: not (cluster.home / "cluster" / "postmaster.pid").exists())

        for answer in together(lambda: ask(served, READ), lambda: create(served, "x", token)):
            assert_unavailable(answer)
        assert_goes_on(served)

        start_again(cluster, options)
        comes_back(served)
        until(lambda: create(served, "terug", token).status == 201)


def start_again(cluster: Cluster, options: str) -> None:
    folder = postgres.binaries()
    assert folder is not None
    words = options.strip().replace('"', "").split(" ")[1:]
    settings = " ".join(words[words.index("-p") :])
    command: list[Any] = [folder / "pg_ctl", "-D", cluster.home / "cluster", "-w"]
    command += ["-l", cluster.home / "log", "-o", settings, "start"]
    owner = cluster.home.owner() if os.geteuid() == 0 else None
    run: dict[str, Any] = {"user": owner, "cwd": cluster.home, "stdout": subprocess.DEVNULL}
    subprocess.run(command, check=True, **run)
