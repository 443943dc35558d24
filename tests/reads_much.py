"""Pages of many cases and pitfalls, one after the other, in a process of its own.

python -m tests.reads_much FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from kb.app import create_app
from kb.settings import Settings


def main() -> None:
    """Read them all, some times over."""
    client = create_app(Settings(data_dir=Path(sys.argv[1])), serving=False).test_client()
    for _ in range(4):
        for number in range(1, 9):
            query = f"type=case&type=pitfall&pageSize=100&page={number}"
            assert client.get(f"/v1/search?{query}").status_code == 200


if __name__ == "__main__":
    main()
