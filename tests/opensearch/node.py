"""A node of OpenSearch of our own, one for all workers of a test run.

It is put together of the published parts that `pom.xml` names (Maven fetches them once, into a
cache outside the repository) and started by `TestNode.java`. It ends by itself with the run.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import urllib3

from tests.conftest import need, run_folder

HERE = Path(__file__).parent
PARTS = HERE / "pom.xml"
INSTALL = "apt-get install openjdk-17-jdk-headless maven"
MAVEN_SECONDS = 600  # that fetching the parts may take
START_SECONDS = 180  # on a busy machine
JAVA_OPTIONS = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # short runs: compile quickly rather than well
    "-Xshare:auto",
    "-Dlog4j2.disable.jmx=true",
    "-Dlog4j2.formatMsgNoLookups=true",
    f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}",
)


def address() -> str:
    """Where the node of this run answers; it is started when nobody has yet."""
    folder = parts()
    run = run_folder()
    with _alone(run / "opensearch.lock"):
        url_file = run / "opensearch.url"
        if not url_file.exists():
            url_file.write_text(_started(folder), "utf-8")
        return url_file.read_text("utf-8")


def parts() -> Path:
    """The folder with the parts of a node, fetched when they are not there yet.

    Skips the test where Java, Maven or the parts are out of reach, or fails it where OpenSearch is
    required.
    """
    tools = all(shutil.which(tool) for tool in ("java", "javac", "mvn"))
    need("opensearch", tools, INSTALL)
    key = hashlib.sha256(PARTS.read_bytes()).hexdigest()[:16]
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(cache) / "kennisbank-opensearch" / key
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "lock"):
        if not (folder / "complete").exists():
            fetched = subprocess.run(
                [
                    *("mvn", "-q", "-B", "-f", str(PARTS), "dependency:copy-dependencies"),
                    f"-DoutputDirectory={folder / 'lib'}",
                ],
                capture_output=True,
                text=True,
                timeout=MAVEN_SECONDS,
                check=False,
            )
            reason = f"its parts from a Maven repository ({fetched.stdout.strip()[-200:]})"
            need("opensearch", fetched.returncode == 0, reason)
            (folder / "complete").touch()
    return folder / "lib"


@contextmanager
def started(*settings: str) -> Iterator[str]:
    """The address of a node with settings of its own (`name=value`), until the block ends."""
    process, home, url = _begun(parts(), os.getpid(), *settings)
    try:
        _wait_until_it_answers(process, home, url)
        yield url
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _started(folder: Path) -> str:
    """Start the node of this run, and wait until it answers."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    owner = os.getppid() if is_worker else os.getpid()  # that ends after all workers of the run
    process, home, url = _begun(folder, owner)
    _wait_until_it_answers(process, home, url)
    process.returncode = 0  # it lives on; nobody waits for it
    return url


def _begun(folder: Path, owner: int, *settings: str) -> tuple[subprocess.Popen[bytes], Path, str]:
    """Start a node that ends with a process; it answers some seconds later, at this address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = Path(mkdtemp(prefix="kb-opensearch-"))
    with (home / "console").open("w") as console:
        process = subprocess.Popen(
            [
                *("java", *JAVA_OPTIONS, "-cp", f"{folder}/*", str(HERE / "TestNode.java")),
                *(str(home), str(port), str(owner), *settings),
            ],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # ^C is for the tests; it ends when they have
        )
    return process, home, f"http://127.0.0.1:{port}"


def _wait_until_it_answers(process: subprocess.Popen[bytes], home: Path, url: str) -> None:
    end = time.monotonic() + START_SECONDS
    with urllib3.PoolManager(retries=False) as http:
        while not _answers(http, url):
            is_alive = process.poll() is None and time.monotonic() < end
            assert is_alive, (home / "console").read_text("utf-8")[-2000:]
            time.sleep(0.2)


def _answers(http: urllib3.PoolManager, url: str) -> bool:
    try:
        return http.request("GET", f"{url}/_cluster/health", timeout=10).status == 200
    except urllib3.exceptions.HTTPError:
        return False


@contextmanager
def _alone(lock_file: Path) -> Iterator[None]:
    """Let one process at a time do something."""
    with lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
