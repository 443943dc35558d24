"""Images: how large an upload may be, what an id says, and which files there are of one.

An id has the first half of the SHA-256 of what was uploaded, and the width and height of the
image in pixels: `3f0c…e1-1600x900`. So whoever has an id knows all of its files.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_UPLOAD_BYTES = 15 * 2**20
WIDTHS = (320, 640, 1280)  # pixels; nothing is enlarged, so a small image has fewer
PATH = "/beelden"
ID = re.compile(r"[0-9a-f]{32}-[1-9][0-9]{0,4}x[1-9][0-9]{0,4}")
FILE = re.compile(rf"({ID.pattern})(?:-[1-9][0-9]{{0,3}}\.webp|\.jpg)")


class ImageFile(NamedTuple):
    """A file of an image."""

    name: str
    width: int  # pixels
    height: int

    @property
    def path(self) -> str:
        """Below the public address."""
        return f"{PATH}/{self.name}"


def image_id(digest: str, width: int, height: int) -> str:
    """The id of an image; `digest` is the SHA-256 of the upload in hexadecimal digits."""
    return f"{digest[:32]}-{width}x{height}"


def dimensions(image: str) -> tuple[int, int]:
    """Width and height of the image with this id, in pixels."""
    width, height = image.rpartition("-")[2].split("x")
    return int(width), int(height)


def webp_files(image: str) -> list[ImageFile]:
    """The files for pages, the narrowest first."""
    width, height = dimensions(image)
    widths = [*(each for each in WIDTHS if each < width), min(width, WIDTHS[-1])]
    return [
        ImageFile(f"{image}-{each}.webp", each, max(1, round(height * each / width)))
        for each in dict.fromkeys(widths)
    ]


def jpeg_file(image: str) -> ImageFile:
    """The file for whatever may not know WebP: mail, feed readers, cards of social media."""
    widest = webp_files(image)[-1]
    return ImageFile(f"{image}.jpg", widest.width, widest.height)


def files(image: str) -> list[ImageFile]:
    """Every file of an image."""
    return [*webp_files(image), jpeg_file(image)]
