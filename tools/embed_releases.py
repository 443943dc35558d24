"""Take up new releases of the embedded script: `python -m tools.embed_releases` (`make docs`).

What was released under a number stays as it is, for ever. A new file in kb/sharing/embed/ gets its
hash in hashes.json and in docs/embedding.md; the newest is copied into embed/, the npm package.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from kb.sharing.releases import FOLDER, HASHES, hashes

ROOT = Path(__file__).parents[1]
DOCS_PAGE = ROOT / "docs" / "embedding.md"
NPM_PACKAGE = ROOT / "embed"
LIST = re.compile(r"(?<=<!-- releases -->\n).*?(?=<!-- end -->)", re.DOTALL)


class ReleaseChanged(Exception):
    """A released file is no longer what it was; a change needs a new number."""


def sri(content: bytes) -> str:
    """The hash by which a browser knows a file, as `integrity` has it: SHA-384 in base64."""
    return f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"


def hashes_of_files() -> dict[str, str]:
    """The SRI hash of every released file that is there now, the oldest release first."""
    versions = [Path(each.name).stem for each in FOLDER.iterdir() if each.name.endswith(".js")]
    return {
        version: sri((FOLDER / f"{version}.js").read_bytes())
        for version in sorted(versions, key=_as_numbers)
    }


def _as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def with_new_releases(listed: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
    """The hashes with those of new files. Raises ReleaseChanged when one is not what it was."""
    changed = [version for version in listed if files.get(version) != listed[version]]
    if changed:
        raise ReleaseChanged(
            f"Released files have changed: {', '.join(changed)}. Give a new number."
        )
    return dict(files)


def markdown_table(listed: Mapping[str, str]) -> str:
    """The releases as the documentation lists them, the newest first."""
    rows = [f"| `{version}` | `{listed[version]}` |\n" for version in reversed(list(listed))]
    return "".join(["\n| version | `integrity` |\n|---|---|\n", *rows, "\n"])


def write_npm_package(listed: Mapping[str, str]) -> None:
    """Give the folder for npm the newest script and its number."""
    version = list(listed)[-1]
    manifest = NPM_PACKAGE / "package.json"
    (NPM_PACKAGE / "kennisbank-zoek.js").write_bytes((FOLDER / f"{version}.js").read_bytes())
    text = re.sub(r'("version": )"[^"]*"', rf'\1"{version}"', manifest.read_text("utf-8"))
    manifest.write_text(text, "utf-8")


def main() -> int:
    """Take up new releases. Returns 1 when a released file has changed."""
    try:
        listed = with_new_releases(hashes(), hashes_of_files())
    except ReleaseChanged as error:
        print(error, file=sys.stderr)
        return 1
    Path(str(FOLDER / HASHES)).write_text(json.dumps(listed, indent=2) + "\n", "utf-8")
    page = DOCS_PAGE.read_text("utf-8")
    DOCS_PAGE.write_text(LIST.sub(lambda _: markdown_table(listed), page), "utf-8")
    write_npm_package(listed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
