"""Tools from npm that tests run: in fixed versions, installed on first use outside the repository.

    folder = npm.installed("@redocly/cli")
    npm.run(folder, "redocly", "lint", "openapi.json")

A tool that must also run on a machine with an older Node stays at the last release that does.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import need

VERSIONS = {
    "@apidevtools/swagger-parser": "12.1.0",  # 13 needs Node 22
    "@redocly/cli": "2.77.0",
    "@stoplight/spectral-cli": "6.16.3",
    "@types/react": "19.2.2",
    "jose": "6.2.18",
    "oidc-provider": "9.13.3",
    "typescript": "5.9.3",
}
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
PATIENCE = 300  # seconds that an installation may take


def installed(*packages: str) -> Path:
    """A folder whose `node_modules` has these packages of VERSIONS, and what they need.

    Skips the test where Node or the registry is out of reach, or fails it where npm is required.
    """
    tools = shutil.which("node") and shutil.which("npm")
    need("npm", bool(tools), "apt-get install nodejs npm")
    wanted = {name: VERSIONS[name] for name in packages}
    key = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:16]
    folder = _cache() / key
    with _alone(folder):
        if not (folder / "complete").exists():
            (folder / "package.json").write_text(json.dumps({"dependencies": wanted}), "utf-8")
            answer = _npm(folder)
            need("npm", answer.returncode == 0, f"its registry ({answer.stderr.strip()[-200:]})")
            (folder / "complete").touch()
    return folder


def run(folder: Path, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program `tool` of an installed package, or `node` itself, in that folder."""
    program = shutil.which("node") if tool == "node" else str(folder / "node_modules/.bin" / tool)
    return subprocess.run(
        [program or "node", *arguments],
        cwd=folder,
        env=os.environ | {"CI": "true", "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "kennisbank-npm"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time install into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _npm(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("npm") or "npm", "install", *QUIET],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
