"""Whether an answer came to its end, as far as its text can tell.

HTTP tells when a transfer is broken off. It cannot tell when a server ends one cleanly after it
failed in the middle, as `oxigraph serve --timeout-s` does with JSON (measured with 0.5.13).
"""

from __future__ import annotations

import re
from typing import Final, Protocol

_TAIL_BYTES: Final = 256
_NOT_STRUCTURE: Final = bytes(set(range(256)) - set(b'"{}[]'))
_XML_END: Final = re.compile(rb"</(?:[A-Za-z]\w*:)?(?:sparql|RDF)\s*>\s*$")
_EMPTY_XML: Final = re.compile(rb"<(?:[A-Za-z]\w*:)?RDF[^<>]*/>\s*$")
_TABLE_END: Final = re.compile(rb"\n\Z|^(?:true|false)\Z")
_TURTLE_END: Final = re.compile(rb"[.}]\s*$|^\s*$|(?:^|\n)\s*#[^\n]*\s*$")


class Ending(Protocol):
    """Is fed an answer piece by piece and tells at last whether it is whole."""

    proves_end: bool
    """Whether a text cut anywhere would be found out."""

    def feed(self, piece: bytes) -> None:
        """Take the next piece."""

    def is_whole(self) -> bool:
        """Tell whether the text so far can be the whole."""


class JsonEnding:
    """JSON is whole when all its brackets and strings are closed."""

    proves_end = True

    def __init__(self) -> None:
        self._depth = 0
        self._has_begun = self._is_in_string = False
        self._held = b""

    def feed(self, piece: bytes) -> None:
        """Count the brackets outside strings."""
        text = self._held + piece
        backslashes = len(text) - len(text.rstrip(b"\\"))
        self._held = text[len(text) - backslashes % 2 :]
        text = text[: len(text) - backslashes % 2]
        # What is escaped in a string, in pairs from the left, then all but quotes and brackets.
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _NOT_STRUCTURE)
        parts = text.split(b'"')
        marks = b"".join(parts[self._is_in_string :: 2])
        self._is_in_string ^= len(parts) % 2 == 0
        opened = marks.count(b"{") + marks.count(b"[")
        self._depth += opened - marks.count(b"}") - marks.count(b"]")
        self._has_begun = self._has_begun or opened > 0

    def is_whole(self) -> bool:
        """Tell whether everything that was opened is closed."""
        return self._has_begun and self._depth == 0 and not self._is_in_string and not self._held


class _TailEnding:
    def __init__(self, *ends: re.Pattern[bytes], proves_end: bool) -> None:
        self.proves_end = proves_end
        self._ends = ends
        self._tail = b""

    def feed(self, piece: bytes) -> None:
        """Keep the last bytes."""
        self._tail = (self._tail + piece[-_TAIL_BYTES:])[-_TAIL_BYTES:]

    def is_whole(self) -> bool:
        """Tell whether the last bytes are such as the format ends with."""
        return any(end.search(self._tail) for end in self._ends)


def ending_of(media_type: str) -> Ending:
    """Return what judges answers of this media type."""
    if media_type.endswith("json"):
        return JsonEnding()
    if media_type.endswith("xml"):
        return _TailEnding(_XML_END, _EMPTY_XML, proves_end=True)
    if media_type in ("text/csv", "text/tab-separated-values"):
        return _TailEnding(_TABLE_END, proves_end=False)
    return _TailEnding(_TURTLE_END, proves_end=False)
