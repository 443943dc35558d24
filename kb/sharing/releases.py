"""The releases of our script: what was released under a number stays as it is, for ever.

`python -m kb.sharing.releases` (by `make docs`) takes up new ones, lists them in the docs and
copies the newest into the folder that npm makes a package of.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

FOLDER = resources.files("kb.sharing") / "embed"
HASHES = "hashes.json"
TOLD = Path(__file__).parents[2] / "docs" / "embedding.md"
PACKAGE = Path(__file__).parents[2] / "embed"  # only in a checkout
LIST = re.compile(r"(?<=<!-- releases -->\n).*?(?=<!-- end -->)", re.DOTALL)


class Changed(Exception):
    """A released file is no longer what it was; a change needs a new number."""


@cache
def script(version: str) -> bytes:
    """The script that was released under this number. Raises KeyError."""
    if version not in hashes():
        raise KeyError(version)
    return (FOLDER / f"{version}.js").read_bytes()


@cache
def hashes() -> Mapping[str, str]:
    """The SRI hash of every release, the oldest first."""
    found: dict[str, str] = json.loads((FOLDER / HASHES).read_text("utf-8"))
    return found


def newest() -> str:
    """The number of the release that `/embed/kennisbank.js` gives."""
    return list(hashes())[-1]


def sri(content: bytes) -> str:
    """The hash by which a browser knows a file, as `integrity` has it."""
    return f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"


def numbered(version: str) -> tuple[int, ...]:
    """A version as numbers, to put them in order."""
    return tuple(int(part) for part in version.split("."))


def found() -> dict[str, str]:
    """The hash of every file that is there now, the oldest release first."""
    files = [Path(str(each)) for each in FOLDER.iterdir() if each.name.endswith(".js")]
    versions = sorted((file.stem for file in files), key=numbered)
    return {version: sri((FOLDER / f"{version}.js").read_bytes()) for version in versions}


def take_up(known: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """The list with what is new. Raises Changed when a release is not what it was."""
    changed = [version for version in known if now.get(version) != known[version]]
    if changed:
        raise Changed(f"Released files have changed: {', '.join(changed)}. Give a new number.")
    return dict(now)


def told(listed: Mapping[str, str]) -> str:
    """The releases as the documentation lists them, the newest first."""
    rows = [f"| `{version}` | `{listed[version]}` |\n" for version in reversed(list(listed))]
    return "".join(["\n| version | `integrity` |\n|---|---|\n", *rows, "\n"])


def write_package(listed: Mapping[str, str]) -> None:
    """Give the folder for npm the newest script and its number."""
    version = list(listed)[-1]
    manifest = PACKAGE / "package.json"
    (PACKAGE / "kennisbank-zoek.js").write_bytes((FOLDER / f"{version}.js").read_bytes())
    numbered_anew = re.sub(r'("version": )"[^"]*"', rf'\1"{version}"', manifest.read_text("utf-8"))
    manifest.write_text(numbered_anew, "utf-8")


def main() -> int:
    """Take up new releases and tell them. Returns 1 when a released file has changed."""
    try:
        listed = take_up(hashes(), found())
    except Changed as error:
        print(error, file=sys.stderr)
        return 1
    Path(str(FOLDER / HASHES)).write_text(json.dumps(listed, indent=2) + "\n", "utf-8")
    page = TOLD.read_text("utf-8")
    TOLD.write_text(LIST.sub(lambda _: told(listed), page), "utf-8")
    write_package(listed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
