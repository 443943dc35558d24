"""Make an index from its database, in a process of its own.

    python -m bench.rebuild FOLDER

FOLDER is a data directory. Prints, as JSON, the seconds of the processor and the peak of the memory
(bytes) that it took.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from kb.database import Database
from kb.search import catch_up
from kb.search.whoosh_engine import WhooshEngine
from kb.settings import Settings


def main() -> None:
    """Rebuild and print."""
    settings = Settings(data_dir=Path(sys.argv[1]))
    catch_up.rebuild(Database(settings.database_url), WhooshEngine(settings.index_dir))
    [peak] = (
        int(line.split()[1]) * 1024
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    )
    print(json.dumps({"seconds": time.process_time(), "peak memory": peak}))


if __name__ == "__main__":
    main()
