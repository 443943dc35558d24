"""Keeps messages.po and messages.mo level with the marked texts: `make translations`.

The files say nothing about when, where or by whom they were made: only texts change them.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]  # the checkout
PO = Path(__file__).parent / "nl" / "LC_MESSAGES" / "messages.po"
MO = PO.with_suffix(".mo")
READ = [("**.py", "python"), ("**.html", "jinja2")]
FOLDERS = ("kb", "schemas")
HEADER = "# The Dutch texts. `make translations` adds new ones here and compiles messages.mo."
Text = str | tuple[str, ...]  # a tuple has a singular and a plural


class DutchCatalog(Catalog):
    """A catalogue whose header holds only what gettext needs to read it."""

    def __init__(self) -> None:
        super().__init__(locale="nl", header_comment=HEADER, fuzzy=False)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """No dates, versions or names."""
        return [
            ("Language", "nl"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Plural-Forms", self.plural_forms),
        ]


def marked() -> dict[Text, set[str]]:
    """Each marked text of the code and the templates, with the files it stands in."""
    found: dict[Text, set[str]] = {}
    for folder in FOLDERS:
        for name, _, text, *_ in extract_from_dir(ROOT / folder, READ):
            found.setdefault(text, set()).add(f"{folder}/{name}")
    return found


def kept() -> Catalog:
    """What messages.po holds now."""
    with PO.open("rb") as file:
        return read_po(file, locale="nl")


def level_with_the_texts() -> DutchCatalog:
    """Every marked text and no other, with the Dutch it has; in the order of the English."""
    old, new = kept(), DutchCatalog()
    for text, files in sorted(marked().items(), key=str):
        known = old.get(text)
        new.add(
            text,
            known.string if known else "",
            [(file, 0) for file in sorted(files)],
            user_comments=known.user_comments if known else (),
        )
    return new


def as_po(catalogue: Catalog) -> bytes:
    """The catalogue as people edit it."""
    file = BytesIO()
    write_po(file, catalogue, width=100, include_lineno=False)
    return file.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main() -> int:
    """Write both files anew. Returns 1 when a text has no Dutch yet."""
    catalogue = level_with_the_texts()
    PO.write_bytes(as_po(catalogue))
    MO.write_bytes(as_mo(catalogue))
    missing = [message.id for message in catalogue if message.id and not message.string]
    for text in missing:
        print(f"no Dutch yet in {PO.relative_to(ROOT)}: {text}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
