"""The folder that npm makes a package of: the released script, and types that say what it does."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from kb.sharing import releases
from tests import npm
from tests.conftest import need
from tools import embed_releases

PACKAGE = embed_releases.NPM_PACKAGE
CHECK = (
    *("--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022"),
    *("--lib", "es2022,dom", "--module", "esnext", "--moduleResolution", "bundler"),
    *("--jsx", "react-jsx"),
)
USE = """
import "kennisbank-zoek";
import type { Answer, Item } from "kennisbank-zoek";

const element = document.createElement("kennisbank-zoek");
element.q = "statushouders";
element.scale = ["wijk", "stad"];
element.pageSize = 3;
element.urlState = true;
element.types = "all";
const answer: Answer | null = await element.search("jongeren");
const first: Item | undefined = answer?.items[0];
element.addEventListener("kennisbank:search", (event) => {
  if (event.detail.q.length < 3) event.preventDefault();
});
document.addEventListener("kennisbank:select", (event) => console.log(event.detail.item.title));
element.addEventListener("kennisbank:error", (event) => console.log(event.detail.status, first));
const map = document.createElement("kennisbank-kaart");
map.rows = "strategy";
map.targetGroup = ["ouderen", "jongeren"];
"""
JSX = """
import "kennisbank-zoek";
import type {} from "kennisbank-zoek/react";

export const zoek = (
  <kennisbank-zoek server="https://kennisbank.example" pageSize={3} scale={["wijk"]} className="x"
    ref={(element) => { element?.addEventListener("kennisbank:results",
      (event) => console.log(event.detail.page.totalItems)); }} />
);
export const kaart = <kennisbank-kaart server="https://kennisbank.example" rows="strategy" />;
"""
MISTAKES = {
    "element.search(1)": "number",
    "element.pageSize = 'drie'": "string",
    "element.look = 'paars'": "paars",
    "element.schaal = 'wijk'": "schaal",
    "map.rows = 'dorp'": "dorp",
    "element.addEventListener('kennisbank:select', (e) => e.detail.titel)": "titel",
}


def test_the_package_is_the_newest_release() -> None:
    manifest = json.loads((PACKAGE / "package.json").read_text("utf-8"))

    assert manifest["version"] == releases.newest(), "make docs"
    script = (PACKAGE / "kennisbank-zoek.js").read_bytes()
    assert script == (releases.FOLDER / f"{releases.newest()}.js").read_bytes(), "make docs"


def test_npm_packs_what_is_needed_and_nothing_else() -> None:
    tool = shutil.which("npm") or ""
    need("npm", bool(tool), "apt-get install nodejs npm")

    packed = subprocess.run(
        [tool, "pack", "--dry-run", "--json", "--offline"],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    [package] = json.loads(packed.stdout)
    assert {each["path"] for each in package["files"]} == {
        *("README.md", "package.json", "kennisbank-zoek.js", "kennisbank-zoek.d.ts", "react.d.ts")
    }


def test_a_server_that_renders_pages_may_import_it() -> None:
    tool = shutil.which("node") or ""
    need("npm", bool(tool), "apt-get install nodejs npm")
    script = (PACKAGE / "kennisbank-zoek.js").as_uri()

    subprocess.run(
        [tool, "--input-type=module", "-e", f"import {json.dumps(script)}"], timeout=60, check=True
    )


@pytest.fixture
def project(tmp_path: Path) -> tuple[Path, Path]:
    """Where the compiler is, and a project in which the package is installed."""
    tools = npm.installed("typescript", "@types/react")
    modules = tmp_path / "node_modules"
    modules.mkdir()
    (modules / "@types").symlink_to(tools / "node_modules" / "@types")
    shutil.copytree(PACKAGE, modules / "kennisbank-zoek")
    return tools, tmp_path


def test_its_types_say_what_it_does(project: tuple[Path, Path]) -> None:
    tools, folder = project
    (folder / "use.ts").write_text(USE, "utf-8")
    (folder / "view.tsx").write_text(JSX, "utf-8")

    answer = npm.run(tools, "tsc", *CHECK, str(folder / "use.ts"), str(folder / "view.tsx"))

    assert answer.stdout == ""
    assert answer.returncode == 0


@pytest.mark.slow
def test_its_types_find_mistakes(project: tuple[Path, Path]) -> None:
    tools, folder = project
    (folder / "wrong.ts").write_text(f"{USE}\n" + ";\n".join(MISTAKES), "utf-8")

    answer = npm.run(tools, "tsc", *CHECK, str(folder / "wrong.ts"))

    lines = [line for line in answer.stdout.splitlines() if "error TS" in line]
    assert len(lines) == len(MISTAKES), answer.stdout
    assert all(word in line for word, line in zip(MISTAKES.values(), lines, strict=True))
