"""What somebody uploads → files that are safe to show: decoded, upright, without what it told.

The content decides what it is, never a name or a media type. Only the pixels go on: the place
where a photograph was taken, its maker's camera and whatever else stood in it stay behind.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps

from kb import image_names
from kb.image_names import MAX_UPLOAD_BYTES
from kb.input_errors import Mistake
from kb.problems import InvalidInput, TooLarge, UnsupportedMediaType, invalid_body
from kb.translation import N_

MAX_PIXELS = 50_000_000  # of an upload, once decoded
MAX_SIDE = 16_383  # pixels of width or height: what WebP can have
MIN_WIDTH, MIN_HEIGHT = 320, 200  # pixels; a smaller one is an icon, and no picture of a place
FORMATS = ("JPEG", "PNG", "WEBP")
WEBP_QUALITY, JPEG_QUALITY = 80, 82
UNREADABLE = (  # what Pillow raises for files that are cut off or were never right
    *(OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error),
    *(KeyError, IndexError, TypeError, OverflowError),
)
_one_at_a_time = threading.Lock()  # a large image takes 200 MB while it is decoded


@dataclass(frozen=True)
class ProcessedImage:
    """An image with its files, by name."""

    id: str
    files: Mapping[str, bytes]


def process(content: bytes) -> ProcessedImage:
    """The files of an uploaded image.

    Raises UnsupportedMediaType for what is no JPEG, PNG or WebP, TooLarge, and InvalidInput for
    what moves, is damaged or too small.
    """
    if len(content) > MAX_UPLOAD_BYTES:
        text = N_("An image may be at most %(most)s MB; save it smaller and try again.")
        raise TooLarge(text, most=MAX_UPLOAD_BYTES // 2**20)
    with _one_at_a_time:
        image = _clean_pixels(_opened(content))
    image_id = image_names.image_id(hashlib.sha256(content).hexdigest(), *image.size)
    return ProcessedImage(image_id, _files(image, image_id))


def is_sound(content: bytes, width: int, height: int) -> bool:
    """Whether this is a file as we write them, of this size, and whole."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "WEBP")) as image:
            image.load()
            return image.size == (width, height)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, *UNREADABLE):
        return False


def _opened(content: bytes) -> Image.Image:
    """The image, of which no more than the head is read yet."""
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except UNREADABLE:
        text = N_("Send an image as %(expected)s; other kinds, such as SVG and GIF, are not taken.")
        raise UnsupportedMediaType(text, "JPEG, PNG, WebP") from None
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_many_pixels()
    if max(width, height) > MAX_SIDE:
        text = N_("An image may be at most %(most)s pixels wide or high; cut it and try again.")
        raise TooLarge(text, most=MAX_SIDE)
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise _refused("moving-image")
    return image


def _clean_pixels(image: Image.Image) -> Image.Image:
    """The pixels alone, upright, in the usual colours, on white where they are transparent."""
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
        width, height = upright.size
        if width < MIN_WIDTH or height < MIN_HEIGHT:
            raise _refused("small-image")
        return _on_white(_in_usual_colours(upright))
    except UNREADABLE:
        raise _refused("damaged-image") from None


def _in_usual_colours(image: Image.Image) -> Image.Image:
    """The same colours as they are in sRGB, which is meant where nothing else is said."""
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            usual = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, own, usual, outputMode="RGB")
            return converted or image
        except (ImageCms.PyCMSError, OSError):  # a profile for another kind of image
            return image
    return image


def _on_white(image: Image.Image) -> Image.Image:
    """A new image, which has nothing of the former but its pixels."""
    seen = image.convert("RGBA")
    clean = Image.new("RGB", seen.size, "white")
    clean.paste(seen, mask=seen.getchannel("A"))
    return clean


def _files(image: Image.Image, image_id: str) -> dict[str, bytes]:
    files = {}
    for file in image_names.files(image_id):
        sized = image.resize((file.width, file.height), Image.Resampling.LANCZOS)
        written = BytesIO()
        if file.name.endswith(".jpg"):
            sized.save(written, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
        else:
            sized.save(written, "WEBP", quality=WEBP_QUALITY, method=4)
        files[file.name] = written.getvalue()
    return files


def _too_many_pixels() -> TooLarge:
    text = N_("An image may have at most %(most)s million pixels; save it smaller and try again.")
    return TooLarge(text, most=MAX_PIXELS // 1_000_000)


def _refused(reason: str) -> InvalidInput:
    return invalid_body([("/file", Mistake("inconsistent", {"reason": reason}))])
