"""What is read can be let go of again, however much it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench import stock
from kb.database import Database
from kb.search.catch_up import rebuild
from kb.search.whoosh_engine import WhooshEngine
from kb.settings import Settings


def test_reading_long_pages_ends_no_process(tmp_path: Path) -> None:
    """Python 3.11 frees memory twice when what is let go of is collected as garbage meanwhile."""
    settings = Settings(data_dir=tmp_path)
    database, engine = Database(settings.database_url), WhooshEngine(settings.index_dir)
    stock.fill(database, 150)
    rebuild(database, engine)
    database.dispose()
    engine.close()

    reading = subprocess.run(
        [sys.executable, "-m", "tests.reads_much", str(tmp_path)],
        cwd=Path(__file__).parents[1],
        check=False,
    )

    assert reading.returncode == 0
