"""SentencePiece's compiled normalization rules, carried out exactly.

The `tokenizers` library carries them out on user-perceived characters, one by one, and so differs where a letter is
followed by combining marks. Texts with such letters are rare; they are normalized here, at the speed of Python.
"""

from __future__ import annotations

import re
import struct
import unicodedata

# Letters that combine without being marks: those of Hangul, in all their forms, and voiced sound marks.
_JOINING = re.compile("[\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\ud7b0-\ud7ff\uff9e-\uffdc]")


class CharsMap:
    """Rules that replace the longest string that begins at a position of a text.

    Args:
        blob: The rules as they stand in a model: the size of a double array of bytes and what it leads to, then the
            replacements, each ended by a zero byte.

    Raises:
        ValueError: If it is cut off.
    """

    def __init__(self, blob: bytes) -> None:
        size = struct.unpack_from("<I", blob)[0] if len(blob) >= 4 else -1
        if size < 0 or size % 4 or 4 + size > len(blob):
            raise ValueError(f"the normalization rules of a SentencePiece model break off ({len(blob)} bytes)")
        self._units = struct.unpack_from(f"<{size // 4}I", blob, 4)
        self._replacements = blob[4 + size :]

    def __call__(self, text: str) -> str:
        """Normalize a text."""
        content = text.encode("utf-8")
        done: list[bytes] = []
        position = 0
        while position < len(content):
            length, replacement = self._longest(content, position)
            if length == 0:
                length = _bytes_of_character(content[position])
                replacement = content[position : position + length]
            done.append(replacement)
            position += length
        return b"".join(done).decode("utf-8")

    def _longest(self, content: bytes, start: int) -> tuple[int, bytes]:
        units = self._units
        node = _offset(units[0])
        found = length = 0
        for i in range(start, len(content)):
            node ^= content[i]
            unit = units[node] if node < len(units) else 0
            # The top bit marks values, so that they fit no byte.
            if unit & 0x800000FF != content[i]:
                break
            node ^= _offset(unit)
            if unit >> 8 & 1:
                found, length = units[node] & 0x7FFFFFFF, i + 1 - start
        if length == 0:
            return 0, b""
        return length, self._replacements[found : self._replacements.index(b"\0", found)]


def _offset(unit: int) -> int:
    return unit >> 10 << (unit >> 6 & 8)


def _bytes_of_character(first: int) -> int:
    return 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4


def needs_exact_rules(text: str) -> bool:
    """Find out whether characters of a text may combine, so that rules may be about several of them."""
    if text.isascii():
        return "\r" in text
    if _JOINING.search(text):
        return True
    return any(char == "\r" or char > "\x7f" and unicodedata.category(char) in _COMBINING for char in text)


_COMBINING = frozenset({"Mn", "Mc", "Me", "Cf"})
