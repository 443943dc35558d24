"""What is not to be kept for ever goes by itself, while a server runs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kb.database import Database, now

FORGET_INTERVAL_SECONDS = 3600.0


class Forget(Protocol):
    """Deletes what is old enough by now."""

    def __call__(self, session: Session, /, at: datetime) -> object: ...


log = logging.getLogger("kb.retention")


def forget_old(database: Database, forgetting: Sequence[Forget]) -> None:
    """Delete what was there long enough; what cannot be deleted is tried again the next time."""
    for forget in forgetting:
        try:
            database.write(partial(forget, at=now()))
        except SQLAlchemyError:
            log.exception("what is too old could not be deleted; it is tried again")
