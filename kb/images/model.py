"""StoredImage: an image that somebody uploaded, and whose files are in the folder."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base


class StoredImage(Base):
    """An image that texts may refer to; the files themselves are no part of the database."""

    __tablename__ = "image"

    id: Mapped[str] = mapped_column(String(50), primary_key=True)  # as `kb.image_names` makes it
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str] = mapped_column(String(200))
