"""UnmetSearch: words that several people looked for on one day and did not find."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base

MAX_LENGTH = 100  # of words, in characters


class UnmetSearch(Base):
    """How many visitors looked for something on a day: never fewer than `queries.MIN_ASKERS`."""

    __tablename__ = "unmet_search"

    day: Mapped[date] = mapped_column(primary_key=True)  # UTC
    words: Mapped[str] = mapped_column(String(MAX_LENGTH), primary_key=True)  # normalised
    askers: Mapped[int]


class UnmetSearchAsker(Base):
    """That somebody looked for something today; deleted when the day is over."""

    __tablename__ = "unmet_search_asker"

    day: Mapped[date] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(MAX_LENGTH), primary_key=True)
    asker: Mapped[str] = mapped_column(String(32), primary_key=True)  # keyed hash of an address


class UnmetSearchSalt(Base):
    """The key of the hashes of a day; deleted with them."""

    __tablename__ = "unmet_search_salt"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
