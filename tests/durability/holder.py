"""A process that writes in an index until its input ends, and saves it then.

python -m tests.durability.holder FOLDER SLUG
"""

from __future__ import annotations

import sys
from pathlib import Path

from kb.search.engine import SearchDocument
from kb.search.whoosh_engine import WhooshEngine


def main() -> None:
    """Hold on to the index."""
    slug = sys.argv[2]
    with WhooshEngine(Path(sys.argv[1])).writing() as batch:
        batch.put(SearchDocument("case", slug, slug.capitalize()))
        print("holding", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
