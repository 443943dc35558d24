"""What an installation consists of, with its licences: `python -m tools.sbom` (`make sbom`).

build/sbom.cdx.json is a CycloneDX document: the packages that requirements.txt pins, as they are
installed here, and what the repository ships of others. build/licences.txt is the same for people.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build"
SPEC_VERSION = SchemaVersion.V1_6
FONTS = "kb/pages/static/fonts"
SHIPPED = (  # of others, in the repository: name, what it is, licence (SPDX), and files made of it
    ("Source Sans 3", "data", "OFL-1.1", [f"{FONTS}/kennisbank-sans.*.woff2"]),
    ("Source Serif 4", "data", "OFL-1.1", [f"{FONTS}/kennisbank-serif.*.woff2"]),
    (
        "OpenTaal word list",
        "data",
        "BSD-3-Clause OR CC-BY-3.0",
        ["kb/search/analysis/parts.txt.gz"],
    ),
    (
        "multilingual E5 (small)",
        "machine-learning-model",
        "MIT",
        ["kb/search/analysis/vectors.npz"],
    ),
    ("Natural Earth", "data", "LicenseRef-public-domain", ["kb/pages/netherlands.json"]),
    ("GeoNames", "data", "CC-BY-4.0", ["kb/pages/netherlands.json"]),
    ("Seed of the knowledge base", "data", "CC-BY-4.0", ["seed_data/**/*.json"]),
)


class BadDocument(Exception):
    """The document is not what CycloneDX asks for."""


def runtime_names() -> set[str]:
    """The packages of requirements.txt that this platform installs, in their normal form."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    pins = [Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalnum()]
    return {
        canonicalize_name(pin.name) for pin in pins if pin.marker is None or pin.marker.evaluate()
    }


def installed() -> dict[str, Any]:
    """What cyclonedx-py says of the environment that runs this, development tools too."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    options = ["--sv", SPEC_VERSION.to_version(), "--pyproject", str(ROOT / "pyproject.toml")]
    result = subprocess.run(  # noqa: S603 (a command of ours)
        [*command, *options, sys.prefix], stdout=subprocess.PIPE, check=True
    )
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def shipped() -> Iterator[dict[str, Any]]:
    """A component for each thing of others that is in the repository, with hashes of its files."""
    for name, kind, licence, patterns in SHIPPED:
        files = sorted(file for pattern in patterns for file in ROOT.glob(pattern))
        digest = hashlib.sha256()
        for file in files:
            digest.update(file.read_bytes())
        yield {
            "bom-ref": f"shipped:{name}",
            "type": kind,
            "name": name,
            "licenses": [{"expression": licence}],
            "hashes": [{"alg": "SHA-256", "content": digest.hexdigest()}],
            "evidence": {
                "occurrences": [{"location": file.relative_to(ROOT).as_posix()} for file in files]
            },
        }


def made() -> dict[str, Any]:
    """The document: no more than what runs, and no address of where it was taken from."""
    document = installed()
    names = runtime_names()
    packages = [each for each in document["components"] if canonicalize_name(each["name"]) in names]
    document["components"] = sorted([*packages, *shipped()], key=lambda each: each["bom-ref"])
    root = document["metadata"]["component"]["bom-ref"]
    refs = {root, *(each["bom-ref"] for each in document["components"])}
    document["dependencies"] = [
        {**each, "dependsOn": sorted(refs.intersection(each.get("dependsOn", [])))}
        for each in document["dependencies"]
        if each["ref"] in refs
    ]
    tools = document["metadata"]["tools"]["components"]
    for component in (*document["components"], *tools, document["metadata"]["component"]):
        component.pop("externalReferences", None)
    return document


def licences(component: dict[str, Any]) -> str:
    """The licences of a component as people read them."""
    parts = []
    for each in component.get("licenses", []):
        licence = each.get("license", {})
        text = each.get("expression") or licence.get("id") or licence["name"]
        parts.append(text.removeprefix("License :: OSI Approved :: "))
    return ", ".join(dict.fromkeys(parts))


def as_table(document: dict[str, Any]) -> str:
    """A line for each component: name, version, licences."""
    return "".join(
        f"{each['name']}\t{each.get('version', '-')}\t{licences(each)}\n"
        for each in document["components"]
    )


def check(text: str) -> None:
    """Raises BadDocument when it is not valid CycloneDX."""
    if error := JsonStrictValidator(SPEC_VERSION).validate_str(text):
        raise BadDocument(str(error.data))


def main() -> None:
    """Write both files."""
    document = made()
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
    check(text)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "sbom.cdx.json").write_text(f"{text}\n", "utf-8")
    (FOLDER / "licences.txt").write_text(as_table(document), "utf-8")


if __name__ == "__main__":
    main()
