"""Which of the forms that we have fits what an Accept header asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def best_of(offered: Sequence[str], accepted: Iterable[tuple[str, float]]) -> str | None:
    """The media type that is liked most; of equals the one named most precisely, then our first.

    `accepted` are the media ranges of Accept with their quality. Parameters such as `charset` and
    `profile` say how somebody would like a form, and rule none out. A range with quality 0 does,
    also when a wider one allows it. None when nothing fits.
    """
    ranges = [(_bare(asked), quality) for asked, quality in accepted]
    best: tuple[tuple[float, int], str] | None = None
    for media in offered:
        liked = _liked(media, ranges)
        if liked[0] > 0 and (best is None or liked > best[0]):
            best = liked, media
    return best[1] if best else None


def _bare(asked: str) -> str:
    return asked.partition(";")[0].strip().lower()


def _liked(media: str, ranges: Iterable[tuple[str, float]]) -> tuple[float, int]:
    """The quality of the most precise range that covers a media type, and how precise it is."""
    covering = {media: 2, f"{media.partition('/')[0]}/*": 1, "*/*": 0, "*": 0}
    fitting = [(covering[asked], quality) for asked, quality in ranges if asked in covering]
    precision, quality = max(fitting, default=(0, 0.0))
    return quality, precision
