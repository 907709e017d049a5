"""Gather the training photographs listed in photos.json out of unpacked packages.

Unpack each package named there into a folder of its own name first, for example

    apt-get download gcompris-qt-data && dpkg -x gcompris-qt-data_*.deb UNPACKED/gcompris-qt-data
    pip download --no-deps scikit-learn && unzip scikit_learn-*.whl -d UNPACKED/scikit-learn

then run ``python scripts/layout_data/collect_photos.py UNPACKED PHOTOS_DIR``.
"""

from __future__ import annotations

import argparse
import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from livescape.imaging.png import write_png

PHOTOS: Final = Path(__file__).with_name("photos.json")
LONGEST_WIDTH: Final = 1024

DIRECTORY: Final = 2
COMPRESSED: Final = 1
"""Node flags of a Qt resource file."""


def read_rcc(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of every file in a Qt resource file.

    The layout (big-endian header, node tree, names, data blocks) is that of Qt's own
    ``QResource``; only stored and zlib-compressed files are read.

    Raises:
        ValueError: If ``data`` is not a Qt resource file.
    """
    if data[:4] != b"qres":
        raise ValueError("data is not a Qt resource file")
    version, tree, blocks, names = struct.unpack(">4I", data[4:20])
    node_size = 22 if version >= 2 else 14
    pending = [(0, "")]
    while pending:
        index, parent = pending.pop()
        node = tree + index * node_size
        name_at, flags = struct.unpack(">IH", data[node : node + 6])
        name = ""
        if index:
            (length,) = struct.unpack(">H", data[names + name_at : names + name_at + 2])
            start = names + name_at + 6
            name = "/" + data[start : start + 2 * length].decode("utf-16-be")
        path = parent + name
        if flags & DIRECTORY:
            count, first = struct.unpack(">2I", data[node + 6 : node + 14])
            pending.extend((first + child, path) for child in range(count))
            continue
        (offset,) = struct.unpack(">I", data[node + 10 : node + 14])
        (size,) = struct.unpack(">I", data[blocks + offset : blocks + offset + 4])
        content = data[blocks + offset + 4 : blocks + offset + 4 + size]
        yield path, zlib.decompress(content[4:]) if flags & COMPRESSED else content


def photo_bytes(entry: dict[str, str], unpacked: Path) -> bytes:
    """Return the encoded image that an entry of photos.json names."""
    package = entry["package"].split()[1]
    data = (unpacked / package / entry["file"]).read_bytes()
    if "member" not in entry:
        return data
    return dict(read_rcc(data))[entry["member"]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write every photograph, at most 1024 pixels wide, as PNG."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("unpacked", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, entry in json.loads(PHOTOS.read_text(encoding="utf-8")).items():
        encoded = np.frombuffer(photo_bytes(entry, options.unpacked), np.uint8)
        image = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        if image is None:
            raise ValueError(f"{name} is not an image")
        scale = min(1.0, LONGEST_WIDTH / image.shape[1])
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        write_png(options.out / f"{name}.png", image[..., ::-1].astype(np.uint8))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
