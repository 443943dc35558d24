"""Files of images, made as cameras, telephones and mischief-makers make them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image

UTRECHT = (52.0, 5.0, 30.0)  # degrees, minutes, seconds
ORIENTATION, GPS_INFO, MODEL = 0x0112, 0x8825, 0x0110


def a_picture(
    kind: str = "JPEG",
    size: tuple[int, int] = (1600, 900),
    *,
    colour: str = "darkolivegreen",
    mode: str = "RGB",
    **options: Any,
) -> bytes:
    """A picture of one colour, of which the upper left quarter is red."""
    image = Image.new(mode, size, colour)
    image.paste(Image.new(mode, (size[0] // 2, size[1] // 2), "red"))
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def a_photograph(**options: Any) -> bytes:
    """A photograph that was taken sideways, and that tells where."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # turn it a quarter clockwise
    exif[MODEL] = "Camera van de buurvrouw"
    exif.get_ifd(GPS_INFO)[1] = "N"
    exif.get_ifd(GPS_INFO)[2] = UTRECHT
    return a_picture(exif=exif, comment=b"geheim", **options)


def opened(content: bytes) -> Image.Image:
    """A file as an image that is read to its end."""
    image = Image.open(BytesIO(content))
    image.load()
    return image
