"""How kernels are compiled: without the GIL, and cached on disk between processes.

Numba checks only the file that holds a kernel when it decides whether a cached build is stale,
not the helpers inlined into it. The cache folder is therefore named after a digest of every
source that kernels are made of: all of the engine's and the shared constants. It lies in the
user's cache, which is writable where an installed package is not.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.extending import intrinsic

from livescape_shared import rendering

Function = TypeVar("Function", bound=Callable[..., Any])

FAST_MATH = frozenset({"contract", "nsz", "reassoc", "arcp", "afn"})
"""What LLVM may relax. NaN and infinity keep their meaning: culling tests for them."""

_ENGINE = Path(__file__).parent
_SOURCES = (_ENGINE, Path(rendering.__file__))
"""Sources of kernels: the engine's code and the constants shared with Blender's side."""

_njit: Any = numba.njit  # its stubs do not know every option used here

# Numpy's error model: a division by zero gives infinity or NaN, which culling tests for.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}


def kernel(function: Function) -> Function:
    """Compile `function` on first call, releasing the GIL; later processes load it from disk."""
    return _compiled(function, cache=True, fastmath=set(FAST_MATH))


def exact_kernel(function: Function) -> Function:
    """Compile as `kernel` does, but with every operation rounded as it is written."""
    return _compiled(function, cache=True)


def helper(function: Function) -> Function:
    """Compile a small function to be inlined into the kernels that call it."""
    return _compiled(function, forceinline=True, no_cpython_wrapper=True, fastmath=set(FAST_MATH))


def exact_helper(function: Function) -> Function:
    """Compile as `helper` does, but with every operation rounded as it is written."""
    return _compiled(function, forceinline=True, no_cpython_wrapper=True)


def _compiled(function: Function, **options: Any) -> Function:
    with _cache_below(cache_folder()):
        return cast(Function, _njit(**_OPTIONS, **options)(function))


def lane_operation(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make an operation that emits LLVM code itself, for use in kernels."""
    return cast(Callable[..., Any], intrinsic(function))


@cache
def cache_folder() -> Path:
    """Folder for the compiled kernels.

    Lies below `NUMBA_CACHE_DIR` or the user's cache; if neither can be written, it is temporary.
    """
    for base in _cache_candidates():
        folder = base / f"kernels-{source_digest(*_SOURCES)}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="livescape-kernels-"))


def _cache_candidates() -> Iterator[Path]:
    configured = os.environ.get("NUMBA_CACHE_DIR")
    if configured:
        yield Path(configured)
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        root = "~/Library/Caches"
    else:
        root = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    expanded = Path(os.path.expanduser(root))
    if expanded.is_absolute():
        yield expanded / "livescape"


def source_digest(*paths: Path) -> str:
    """Digest of Python sources: files, and all files below folders."""
    digest = hashlib.sha256()
    for path in paths:
        for source in sorted(path.rglob("*.py")) if path.is_dir() else (path,):
            digest.update(source.relative_to(path.parent).as_posix().encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _cache_below(folder: Path) -> Iterator[None]:
    """Point Numba at `folder` only while a kernel of ours is decorated."""
    config: Any = numba.config
    previous = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = previous
