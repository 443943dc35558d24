"""A process that does nothing but search: how soon it answers, and what memory it takes.

    python -m bench.fresh FOLDER

It reads lines from its input, each a JSON list of typed queries, asks them all and writes a line
with its memory (bytes by kind, as the kernel counts them); the first line it writes unasked, before
the index is opened. At the end of its input it ends.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kb.search.engine import SearchRequest
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine

FACETS = ("strategy", "ingredient", "targetGroup", "municipality", "province", "scale")


def memory() -> dict[str, int]:
    """What this process has: all, its own share, and what others have or have not."""
    counted: dict[str, int] = {}
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
        name, amount, *_unit = line.split()
        counted[name.rstrip(":")] = int(amount) * 1024
    return {
        "rss": counted["Rss"],
        "pss": counted["Pss"],
        "private": counted["Private_Clean"] + counted["Private_Dirty"],
        "shared": counted["Shared_Clean"] + counted["Shared_Dirty"],
    }


def main() -> None:
    """Answer line after line."""
    engine = WhooshEngine(Path(sys.argv[1]))
    _tell()
    for line in sys.stdin:
        for typed in json.loads(line):
            engine.search(SearchRequest(("case",), parse(typed), facets=FACETS, limit=10))
        _tell()


def _tell() -> None:
    sys.stdout.write(json.dumps(memory()) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
