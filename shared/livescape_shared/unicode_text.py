"""Text that people and other programs have written, in whichever Unicode."""

from __future__ import annotations

import json


def unicode_text(data: bytes, errors: str = "strict") -> str:
    """Return the text of a file that begins with two letters or signs of ASCII, as JSON does.

    Programs of Windows write UTF-16, and a mark of the byte order before UTF-8.

    Args:
        data: The file, or its beginning.
        errors: What becomes of bytes that are no text, as for ``bytes.decode``.

    Raises:
        UnicodeDecodeError: If it is no text of Unicode, and ``errors`` says so.
    """
    return data.decode(json.detect_encoding(data), errors)
