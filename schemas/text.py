"""Unicode text as it is stored: one spelling for what looks the same (NFC, trimmed, visible).

The constants are ranges as in a character class of a regular expression.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from .chronology import chronological

FORBIDDEN = r"\u0000\ud800-\udfff"  # NUL and lone surrogates: no text at all
SPACES = r"\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
BIDI = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # they turn the order of letters round
FILLERS = r"\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that show as a space
JOINERS = r"\u200c\u200d\ufe0e\ufe0f"  # part of emoji, and of words in Persian and Hindi
INVISIBLE = (  # controls, formats (Cf) and what else Unicode 15 ignores; not number signs, shown
    r"\u0001-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u034f\u17b4\u17b5\u180b-\u180f"
    r"\u200b\u2060-\u2065\u206a-\u206f\ufe00-\ufe0d\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
BLANK = f"{SPACES}{BIDI}{FILLERS}{JOINERS}{INVISIBLE}"  # a text of these alone is empty

_PICTURES = (  # Extended_Pictographic, with the skin tones
    r"\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf"
    "\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_JOINED = r"\u0600-\u0dff"  # Arabic to Sinhala, where joiners change the letters beside them
_NEVER = re.compile(f"[{FORBIDDEN}]")
_LINE_END = re.compile(r"\r\n?|[\u000b\u000c\u0085\u2028\u2029]")
_SPACE = re.compile(r"[\u001c-\u001f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
_BIDI = re.compile(f"[{BIDI}]+")
_FILLER = re.compile(f"[{FILLERS}]")
_VARIANT = re.compile(  # with the one that stays as its group
    rf"((?<=[{_PICTURES}])[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3))|[\ufe0e\ufe0f]"
)
_JOINER = re.compile(
    rf"((?<=[{_PICTURES}\ufe0f])\u200d(?=[{_PICTURES}])"
    rf"|(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}]))|[\u200c\u200d]"
)


def normalise(text: str, *, one_line: bool = False) -> str:
    """The text as it is stored; doing so again changes nothing. May come out empty.

    Line ends become LF, any other space a plain one; spaces around a text and at the end of its
    lines go, and so do characters that nobody sees. With `one_line` line ends and tabs become
    spaces too, and of several spaces one is left.
    """
    tidy = _tidy(_FILLER.sub(" ", _BIDI.sub("", text)))
    return " ".join(tidy.split()) if one_line else tidy


def is_invalid_text(text: str) -> bool:
    """Whether there is a NUL or half a character (a lone surrogate) in it."""
    return _NEVER.search(text) is not None


def comparable(text: str) -> str:
    """A name as people compare it: no capitals, invisible characters or extra spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    return " ".join(visible.split())


def visible_changes(sent: Any, saved: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Where a saved document shows something else than was sent: JSON Pointers and what it says.

    Spaces at the ends and characters without a shape are no such change; a line end that became
    a space is. Events are saved in order, whichever they were sent in.
    """
    if isinstance(sent, str) and isinstance(saved, str):
        if sent != saved and _tidy(sent) != saved:
            yield pointer, saved
    elif isinstance(sent, Mapping) and isinstance(saved, Mapping):
        for key, value in saved.items():
            if key in sent:
                yield from visible_changes(sent[key], value, f"{pointer}/{key}")
    elif isinstance(sent, list) and isinstance(saved, list):
        places = chronological(sent) if pointer == "/events" else range(len(sent))
        for place, value in zip(places, saved, strict=False):
            yield from visible_changes(sent[place], value, f"{pointer}/{place}")


def _tidy(text: str) -> str:
    """The same to the eye: NFC, plain spaces and line ends, nothing without a shape."""
    if text.isascii() and text.isprintable():
        return text.strip()
    plain = _SPACE.sub(" ", _LINE_END.sub("\n", text))
    visible = _JOINER.sub(r"\1", _VARIANT.sub(r"\1", _INVISIBLE.sub("", plain)))
    lines = unicodedata.normalize("NFC", visible).split("\n")
    return "\n".join(line.rstrip(" \t") for line in lines).strip()
