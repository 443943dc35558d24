"""Images of a case: what editors say of each, and what readers get to show it with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError, fields, missing

from kb import image_names
from kb.input_errors import Mistake
from kb.web.addresses import public_address

from .base import Document, Schema
from .errors import input_error
from .json_fields import Identifier, Line
from .terms import SavedWhenSet, is_bare
from .validators import Length

MAX_IMAGES = 12  # of a case
EXAMPLE_ID = "3f0c9a1de25b7c4486a0b1d2e3f4a5e1-1600x900"


class ImageId(Identifier):
    """The id of an image that was uploaded."""

    pattern = image_names.ID

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if isinstance(value, str) and not self.pattern.fullmatch(value):
            raise input_error("bad-format", value=value[:80], expected="image-id")
        return super()._deserialize(value, attr, data, **options)


class ImageAddress(fields.String):
    """Where the JPEG of an image is; readers get it, files and revisions do without."""

    def __init__(self) -> None:
        super().__init__(
            attribute="id",
            dump_only=True,
            metadata={"format": "uri", "description": "A JPEG, in the largest width."},
        )

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        return missing if is_bare() else public_address(image_names.jpeg_file(value).path)


class ImageSide(fields.Integer):
    """The width or the height of an image in pixels; its id says it."""

    def __init__(self, side: int) -> None:
        super().__init__(attribute="id", dump_only=True, metadata={"example": (1600, 900)[side]})
        self.side = side

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        return missing if is_bare() else image_names.dimensions(value)[self.side]


class ImageFile(Schema):
    """A file of an image for pages, in one width."""

    href = fields.String(metadata={"format": "uri"})
    width = fields.Integer(metadata={"description": "Pixels.", "example": 640})
    height = fields.Integer(metadata={"description": "Pixels.", "example": 360})


class ImageFiles(fields.List[Any]):
    """The WebP files of an image, the narrowest first; for `srcset`."""

    def __init__(self) -> None:
        super().__init__(fields.Nested(ImageFile), attribute="id", dump_only=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        if is_bare():
            return missing
        return [
            {"href": public_address(file.path), "width": file.width, "height": file.height}
            for file in image_names.webp_files(value)
        ]


class ImageInCase(Document):
    """An image, with what everybody who shows it must be able to say."""

    READ_ONLY = ("width", "height", "href", "files")

    id = ImageId(80, required=True, metadata={"example": EXAMPLE_ID})
    alt = Line(300, load_default=None, allow_none=True, metadata={"example": "De tuin in mei."})
    maker = Line(200, load_default=None, allow_none=True, metadata={"example": "Sanne de Wit"})
    licence = Line(200, load_default=None, allow_none=True, metadata={"example": "CC BY 4.0"})
    width = ImageSide(0)
    height = ImageSide(1)
    href = ImageAddress()
    files = ImageFiles()


class Images(SavedWhenSet, fields.List[Any]):
    """The images of a case; the first one stands in lists."""

    def __init__(self) -> None:
        rules: list[Callable[[Any], Any]] = [Length(maximum=MAX_IMAGES), _each_once]
        super().__init__(fields.Nested(ImageInCase), load_default=list, validate=rules)


def _each_once(images: list[Mapping[str, Any]]) -> None:
    """Each image stands once in a case."""
    ids = [image["id"] for image in images]
    again = {
        place: {"id": [Mistake("duplicate", {"value": each})]}
        for place, each in enumerate(ids)
        if each in ids[:place]
    }
    if again:
        raise ValidationError(again)


class CoverImage(fields.Nested):
    """The image of a case in lists: its first one, or null."""

    def __init__(self) -> None:
        super().__init__(ImageInCase, attribute="images", dump_only=True, allow_none=True)

    def _serialize(  # type: ignore[override]  # as marshmallow names them in its own
        self, nested_obj: Any, attr: Any, obj: Any, **kwargs: Any
    ) -> Any:
        first = next(iter(nested_obj or ()), None)
        return None if first is None else self.schema.dump(first)
