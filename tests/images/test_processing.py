"""An upload: what it is, its content says, and nothing but its pixels goes on."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from kb import image_names
from kb.image_names import MAX_UPLOAD_BYTES
from kb.images.processing import process
from kb.problems import InvalidInput, Problem, TooLarge, UnsupportedMediaType
from tests.images.pictures import a_photograph, a_picture, opened


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_image_is_there_in_a_few_widths(kind: str) -> None:
    image = process(a_picture(kind))

    assert image.id.endswith("-1600x900")
    shown = {name.removeprefix(image.id): opened(each) for name, each in image.files.items()}
    assert {name: (each.format, each.size) for name, each in shown.items()} == {
        "-320.webp": ("WEBP", (320, 180)),
        "-640.webp": ("WEBP", (640, 360)),
        "-1280.webp": ("WEBP", (1280, 720)),
        ".jpg": ("JPEG", (1280, 720)),
    }


def test_nothing_is_enlarged() -> None:
    image = process(a_picture(size=(500, 300)))

    assert [each.width for each in image_names.webp_files(image.id)] == [320, 500]
    assert set(image.files) == {each.name for each in image_names.files(image.id)}


def test_the_same_file_is_the_same_image() -> None:
    assert process(a_picture()).id == process(a_picture()).id
    assert process(a_picture()).id != process(a_picture(colour="navy")).id


def test_a_photograph_is_turned_upright_and_tells_of_no_place_or_camera() -> None:
    image = process(a_photograph())

    assert image.id.endswith("-900x1600")
    for content in image.files.values():
        shown = opened(content)
        assert shown.height > shown.width
        assert dict(shown.getexif()) == {}
        assert not {"exif", "icc_profile", "comment", "xmp"} & shown.info.keys()
        assert b"geheim" not in content
        assert b"buurvrouw" not in content
        red = shown.convert("RGB").getpixel((shown.width - 9, 9))  # was upper left
        assert isinstance(red, tuple)
        assert red[0] > 200 > 60 > red[2]


def test_what_is_transparent_becomes_white() -> None:
    written = BytesIO()
    Image.new("RGBA", (400, 300), (0, 0, 0, 0)).save(written, "PNG")

    for content in process(written.getvalue()).files.values():
        colour = opened(content).convert("RGB").getpixel((20, 20))
        assert isinstance(colour, tuple)
        assert min(colour) > 250


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "LA", "I;16"])
def test_other_kinds_of_colours_are_read_too(mode: str) -> None:
    written = BytesIO()
    kind = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (400, 300)).save(written, kind)

    assert {opened(each).mode for each in process(written.getvalue()).files.values()} == {"RGB"}


def test_colours_of_another_profile_become_those_of_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = a_picture("PNG", icc_profile=profile)

    assert process(picture).files  # a profile that cannot be used harms no image
    assert process(a_picture("PNG", icc_profile=b"no profile")).files


def a_png_that_says(width: int, height: int) -> bytes:
    """The head of a PNG that is as large as it likes, and a few bytes of content."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def a_moving(kind: str) -> bytes:
    """An image of two frames."""
    first, second = (Image.new("RGB", (400, 300), each) for each in ("red", "blue"))
    written = BytesIO()
    first.save(written, kind, save_all=True, append_images=[second], duration=100)
    return written.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
REFUSED: dict[str, tuple[bytes, type[Problem]]] = {
    "SVG": (SVG, UnsupportedMediaType),
    "GIF": (a_picture("GIF"), UnsupportedMediaType),
    "moving GIF": (a_moving("GIF"), UnsupportedMediaType),
    "TIFF": (a_picture("TIFF"), UnsupportedMediaType),
    "a page": (b"<!doctype html><title>foto.jpg</title>", UnsupportedMediaType),
    "nothing": (b"", UnsupportedMediaType),
    "moving PNG": (a_moving("PNG"), InvalidInput),
    "moving WebP": (a_moving("WEBP"), InvalidInput),
    "cut off": (a_picture()[:-400], InvalidInput),
    "cut off PNG": (a_picture("PNG")[:-30], InvalidInput),
    "an icon": (a_picture("PNG", (64, 64)), InvalidInput),
    "a bomb": (a_png_that_says(60_000, 60_000), TooLarge),
    "a large bomb for its bytes": (a_png_that_says(9_000, 9_000), TooLarge),
    "a tower": (a_picture("PNG", (320, 16_384)), TooLarge),
    "a ribbon": (a_picture("PNG", (100_000, 320)), TooLarge),
    "pixels that are not there": (a_png_that_says(2_000, 2_000), InvalidInput),
    "too many bytes": (bytes(MAX_UPLOAD_BYTES + 1), TooLarge),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_still_picture_is_refused_with_a_reason(what: str) -> None:
    content, problem = REFUSED[what]

    with pytest.raises(problem):
        process(content)


PICTURES = {kind: a_picture(kind, (400, 300)) for kind in ("JPEG", "PNG", "WEBP")}


@given(st.sampled_from(sorted(PICTURES)), st.data())
def test_whatever_is_wrong_in_a_file_is_a_problem_with_an_answer(kind: str, data: Any) -> None:
    damaged = bytearray(PICTURES[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))

    try:
        image = process(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))
    except Problem:
        return
    assert all(opened(each).width for each in image.files.values())
