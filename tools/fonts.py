"""Make the font files of the pages: `make fonts`.

From two families under the Open Font License: only the letters, the weights and the features that
pages use. A changed font may not have the reserved name “Source”, so ours have names of their own.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FOLDER = Path("kb/pages/static/fonts")
LETTERS = (  # Dutch, German, French, Turkish and their neighbours
    *(*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x218, 0x21C), 0x1E9E),
    *map(ord, "‐‑–—‘’‚“”„†•…‰′″‹›€™←↑→↓−≈≠≤≥▲▼◆✓"),
)
FEATURES = ["kern", "liga", "mark", "mkmk", "ccmp", "locl"]
OWN_NAMES, KEPT_NAMES = {1, 3, 4}, {0, 2, 5, 13, 14}  # ids in the table of names
POSTSCRIPT_NAME = 6


class Family(NamedTuple):
    """A font family of ours, and what it is made of."""

    name: str
    package: str
    file: str
    axes: dict[str, float | tuple[float, float]]  # a range of an axis, or its one value


FAMILIES = (
    Family(
        "Kennisbank Sans", "fontpkg_source_sans_3", "SourceSans3[wght].ttf", {"wght": (400, 700)}
    ),
    Family(
        "Kennisbank Serif",
        "fontpkg_source_serif_4",
        "SourceSerif4[opsz,wght].ttf",
        {"wght": (400, 600), "opsz": 24},  # opsz in points: drawn for headings and openings
    ),
)


def make(family: Family) -> bytes:
    """The WOFF2 file of a family."""
    source = resources.files(family.package) / "files" / family.file
    with resources.as_file(source) as path:
        font = TTFont(path)
    options = Options(flavor="woff2", layout_features=FEATURES, hinting=False, notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, family.axes)
    _rename(font, family.name)
    font["head"].modified = font["head"].created  # the same file, whenever it is made
    font.recalcTimestamp = False
    font.flavor = "woff2"
    file = BytesIO()
    font.save(file)
    return file.getvalue()


def _rename(font: TTFont, name: str) -> None:
    """Give a font its name everywhere; its copyright and licence stay."""
    names = font["name"]
    for record in list(names.names):
        if record.nameID in OWN_NAMES:
            record.string = name
        elif record.nameID == POSTSCRIPT_NAME:
            record.string = name.replace(" ", "")
        elif record.nameID not in KEPT_NAMES:
            names.names.remove(record)


def main() -> None:
    """Write the files, each with a hash of its content in its name, and their licence."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.woff2"):
        old.unlink()
    for family in FAMILIES:
        made = make(family)
        slug = family.name.lower().replace(" ", "-")
        path = FOLDER / f"{slug}.{hashlib.sha256(made).hexdigest()[:8]}.woff2"
        path.write_bytes(made)
        print(f"{path}: {len(made):,} bytes")
        licence = (resources.files(family.package) / "LICENSE").read_text("utf-8")
        (FOLDER / f"{slug}.OFL.txt").write_text(licence.strip() + "\n", "utf-8")


if __name__ == "__main__":
    main()
