"""A fresh clone, with the commands of the README: how soon it answers, and what it takes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

from bench import relevance
from bench.bars import Bar
from bench.servers import START_TIMEOUT_SECONDS, UnexpectedAnswer, free_port, get

ROOT = Path(__file__).parents[1]
START_SECONDS = 30.0  # from installed packages to the first answer


def measure() -> Iterator[Bar]:
    """From a clone to its first answer, with the commands of the README; then what it takes."""
    with tempfile.TemporaryDirectory(prefix="kb-fresh-") as name:
        checkout = Path(name) / "kb"
        start = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
        subprocess.run(["make", ".venv/installed"], cwd=checkout, check=True, stdout=sys.stderr)
        installed = time.perf_counter()
        with _serving(checkout) as (port, group):
            answered = time.perf_counter()
            for each in relevance.judged():
                get(port, f"/v1/cases?{urlencode({'q': each.q})}")
            memory = [_private_bytes(pid) / 1e6 for pid in _processes(group)]
        took, packages = answered - installed, installed - start
        yield Bar(
            f"from an installed clone to the first answer, {START_SECONDS:.0f} s or less",
            f"{took:.0f} s (before that {packages:.0f} s for packages)",
            took <= START_SECONDS,
        )
        sizes = ", ".join(f"{each} {_size(checkout / each):.0f} MB" for each in (".venv", "var"))
        processes = ", ".join(f"{each:.0f}" for each in memory)
        yield Bar("what an installation takes on disk", sizes, True)
        yield Bar("memory of its own of each process that serves", f"{processes} MB", True)


@contextmanager
def _serving(checkout: Path) -> Iterator[tuple[int, int]]:
    """Serve a checkout until the block ends: its port, and its group of processes."""
    port = free_port()
    environment = {name: each for name, each in os.environ.items() if not name.startswith("KB_")}
    environment |= {"KB_PORT": str(port), "KB_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    server = subprocess.Popen(
        ["make", "serve"],
        cwd=checkout,
        env=environment,
        stdout=sys.stderr,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + START_TIMEOUT_SECONDS
        while not _answers(port):
            assert server.poll() is None, "it does not serve"
            assert time.monotonic() < end, "it does not answer"
            time.sleep(0.1)
        yield port, server.pid
    finally:
        for pid in _processes(server.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        server.wait()


def _answers(port: int) -> bool:
    with suppress(OSError, UnexpectedAnswer):
        return get(port, "/v1/cases") > 0
    return False


def _processes(group: int) -> list[int]:
    """The processes of Python in a group."""
    pids = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group and "python" in stat.with_name("exe").readlink().name:
                pids.append(int(stat.parent.name))
    return pids


def _private_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def _size(folder: Path) -> float:
    """MB of files."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6
