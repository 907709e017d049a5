"""Small ICC profiles (version 2) written from scratch, for pictures to carry."""

import struct

import numpy as np

from livescape.imaging.color.encodings import _BRADFORD, _to_xyz

D50 = np.array([0.9642, 1.0, 0.8249])


def _fixed(values):
    return b"".join(struct.pack(">i", round(float(value) * 65536)) for value in np.ravel(values))


def _xyz(values):
    return b"XYZ \0\0\0\0" + _fixed(values)


def _curve(exponent):
    return b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(exponent * 256))


def _text(words):
    body = words.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(body)) + body + bytes(78)


def _profile(space, connection, tags):
    """Return a display or output profile of ``tags``."""
    tags = {b"desc": _text("A test's"), b"cprt": b"text\0\0\0\0None\0\0\0\0", **tags}
    at, table, bodies = 132 + 12 * len(tags), b"", b""
    for name, body in tags.items():
        body += bytes(-len(body) % 4)
        table += name + struct.pack(">II", at, len(body))
        bodies += body
        at += len(body)
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    header = struct.pack(">I4sI", at, b"lcms", 0x02400000) + kind + space + connection + bytes(12)
    header += b"acsp" + bytes(28) + _fixed(D50)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + bodies


def rgb_profile(chromaticities, exponent):
    """Return the profile of a display of these primaries and this gamma."""
    matrix = _to_xyz(chromaticities)
    scale = (_BRADFORD @ D50) / (_BRADFORD @ matrix.sum(axis=1))
    columns = (np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD @ matrix).T
    tags = {b"wtpt": _xyz(D50)}
    for name, column in zip((b"r", b"g", b"b"), columns, strict=True):
        tags[name + b"XYZ"] = _xyz(column)
        tags[name + b"TRC"] = _curve(exponent)
    return _profile(b"RGB ", b"XYZ ", tags)


def grey_profile(exponent):
    """Return the profile of grey of this gamma."""
    return _profile(b"GRAY", b"XYZ ", {b"wtpt": _xyz(D50), b"kTRC": _curve(exponent)})


def cmyk_profile(lab_of_inks):
    """Return the profile of a press: ``lab_of_inks(c, m, y, k)`` gives Lab of each 0 or 1."""
    ramp = bytes(range(256))
    nodes = b""
    for index in range(16):
        inks = [index >> 3 & 1, index >> 2 & 1, index >> 1 & 1, index & 1]
        lightness, a, b = lab_of_inks(*inks)
        nodes += bytes([round(lightness * 2.55), round(a + 128), round(b + 128)])
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + _fixed(np.eye(3)) + ramp * 4 + nodes + ramp * 3
    return _profile(b"CMYK", b"Lab ", {b"wtpt": _xyz(D50), b"A2B0": table})
