"""A PostgreSQL cluster of our own that lives as long as the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def binaries() -> Path | None:
    """Where PostgreSQL's server programs are, if they are on this machine."""
    for folder in (*PLACES, *(Path(place) for place in os.get_exec_path())):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def owner() -> str | None:
    """Who must run the server: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"


@contextmanager
def cluster(folder: Path | None = None, **settings: str) -> Iterator[str]:
    """The address of the cluster's maintenance database, as SQLAlchemy takes it.

    It lives in a folder of its own, or in the given `folder`, where it may have lived before.
    """
    programs, user = binaries(), owner()
    assert programs is not None
    home = folder or Path(tempfile.mkdtemp(prefix="kb-postgres-"))
    home.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if user:
        shutil.chown(home, user)
    run: dict[str, Any] = {"user": user, "cwd": home, "stdout": subprocess.DEVNULL}
    place = home / "cluster"
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
    ) + "".join(f" -c {name}={value}" for name, value in settings.items())
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        place,
        "-U",
        "kb",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    try:
        if not place.exists():
            subprocess.run(initdb, check=True, **run)
        control: list[str | Path] = [programs / "pg_ctl", "-D", place, "-w", "-l", home / "log"]
        subprocess.run([*control, "-o", options, "start"], check=True, **run)
        try:
            yield f"postgresql+psycopg://kb@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run(
                [*control, "-m", "fast" if folder else "immediate", "stop"], check=True, **run
            )
    finally:
        if not folder:
            shutil.rmtree(home, ignore_errors=True)
