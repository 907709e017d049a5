"""Opens the window of Blender's Python module, which is made to run without one. For tests only.

The module holds all of Blender, but its start sets two flags: no window, and no preferences of the
user's. They are cleared in memory, in the code of that start, before ``import bpy`` runs it; no
file is changed. Then Blender's own main loop runs. Linux on x86-64, with a display and OpenGL
(Mesa's software will do).
"""

from __future__ import annotations

import ctypes
import importlib.util
import mmap
import os
import re
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SYMBOLS = {
    "start": re.compile(rb"_Z(N7blender)?17main_python_enterE?iPPKc$"),
    "globals": re.compile(rb"(G|_ZN7blender1GE)$"),
    "context": re.compile(rb"(BPY_context_get|_Z(N7blender)?15BPY_context_getE?v)$"),
    "loop": re.compile(rb"_Z(N7blender)?7WM_mainE?P(NS_)?8bContextE?$"),
}
SECTION, SYMBOL_TABLE = "<IIQQQQIIQQ", 2
SET_FLAG = re.compile(rb"\xc6[\x80-\x83\x85-\x87]....\x01", re.DOTALL)
"""``movb $1, offset(register)``: how the flags are set, in the modules of 4.5 to 5.2."""


def open_window() -> tuple[Any, Callable[[], None]]:
    """Import bpy with its window open; return it, and the function that runs its main loop.

    Raises:
        RuntimeError: If this module's start is not as it is known.
    """
    spec = importlib.util.find_spec("bpy")
    if spec is None or spec.origin is None:
        raise RuntimeError("there is no module bpy")
    path = Path(spec.origin)
    path = path if path.suffix == ".so" else path.with_name("__init__.so")
    found = _symbols(path)
    ctypes.CDLL(str(path), mode=os.RTLD_LAZY | os.RTLD_LOCAL)
    base = _base(path)
    _clear_flags(base + found["start"][0], found["start"][1], found["globals"][1])
    import bpy

    loop = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(base + found["loop"][0])
    context = ctypes.CFUNCTYPE(ctypes.c_void_p)(base + found["context"][0])
    return bpy, lambda: loop(context())


def _symbols(path: Path) -> dict[str, tuple[int, int]]:
    """Return offset and size of what :data:`SYMBOLS` names, from an ELF file's own table."""
    found: dict[str, tuple[int, int]] = {}
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        (offset,) = struct.unpack_from("<Q", data, 0x28)
        size, count = struct.unpack_from("<HH", data, 0x3A)
        sections = [struct.unpack_from(SECTION, data, offset + i * size) for i in range(count)]
        for section in sections:
            if section[1] != SYMBOL_TABLE:
                continue
            names = sections[section[6]][4]
            table = data[section[4] : section[4] + section[5]]
            for name, _, _, defined, value, length in struct.iter_unpack("<IBBHQQ", table):
                text = data[names + name : names + name + 48].split(b"\0", 1)[0]
                for key, pattern in SYMBOLS.items():
                    if defined and key not in found and pattern.match(text):
                        found[key] = (value, length)
    if missing := SYMBOLS.keys() - found.keys():
        raise RuntimeError(f"{path.name} lacks {sorted(missing)}")
    return found


def _base(path: Path) -> int:
    """Return where the library was mapped."""
    real = str(path.resolve())
    for line in Path("/proc/self/maps").read_text().splitlines():
        if line.rstrip().endswith(real) and line.split()[2] == "00000000":
            return int(line.split("-")[0], 16)
    raise RuntimeError(f"{path.name} is not loaded")


def _clear_flags(start: int, length: int, most: int) -> None:
    code = ctypes.string_at(start, length)
    hits = [
        found.start()
        for found in SET_FLAG.finditer(code)
        if 0 <= struct.unpack_from("<i", code, found.start() + 2)[0] < most
    ]
    if len(hits) != 2:
        raise RuntimeError(f"the start of this bpy is not known: {hits}")
    page = mmap.PAGESIZE
    first = start & ~(page - 1)
    span = ctypes.c_size_t(start + length - first)
    libc = ctypes.CDLL(None, use_errno=True)
    writable, as_it_was = 7, 5
    if libc.mprotect(ctypes.c_void_p(first), span, writable) != 0:
        raise RuntimeError("the code of this bpy cannot be changed")
    for hit in hits:
        ctypes.memset(start + hit + 6, 0, 1)
    libc.mprotect(ctypes.c_void_p(first), span, as_it_was)


if __name__ == "__main__":
    blender, run = open_window()
    sys.path.insert(0, str(Path(__file__).parent))
    import rig

    rig.begin()
    run()
