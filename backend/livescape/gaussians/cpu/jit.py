"""How kernels are compiled: without the GIL, and cached on disk between processes.

Numba checks only the file that holds a kernel when it decides whether a cached build is stale,
not the helpers inlined into it. The cache folder is therefore named after a digest of every
source that kernels are made of: this folder's and the kernel's own. It lies in the user's cache,
which is writable where an installed package is not.
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

Function = TypeVar("Function", bound=Callable[..., Any])

FAST_MATH = frozenset({"contract", "nsz", "reassoc", "arcp", "afn"})
"""Float liberties granted to LLVM. NaN and infinity keep their meaning: culling tests for them."""

_HERE = Path(__file__).parent
_CONSTANTS = {_HERE.parent / name for name in ("thresholds.py", "spherical_harmonics.py")}

_njit: Any = numba.njit  # its stubs do not know every option used here

# Numpy's error model: a division by zero gives infinity or NaN, which culling tests for.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "fastmath": set(FAST_MATH),
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
}


def kernel(function: Function) -> Function:
    """Compile `function` on first call, releasing the GIL; later processes load it from disk."""
    with _cache_below(cache_folder(Path(function.__code__.co_filename).parent)):
        compiled = _njit(cache=True, **_OPTIONS)(function)
    return cast(Function, compiled)


def helper(function: Function) -> Function:
    """Compile a small function to be inlined into the kernels that call it."""
    compiled = _njit(forceinline=True, no_cpython_wrapper=True, **_OPTIONS)(function)
    return cast(Function, compiled)


def lane_operation(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make an operation that emits LLVM code itself, for use in kernels."""
    return cast(Callable[..., Any], intrinsic(function))


@cache
def cache_folder(sources: Path = _HERE) -> Path:
    """Folder for the compiled kernels of the modules in `sources`.

    Lies below `NUMBA_CACHE_DIR` or the user's cache; if neither can be written, it is temporary.
    """
    for base in _cache_candidates():
        folder = base / f"kernels-{_source_digest(sources)}"
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


def _source_digest(sources: Path) -> str:
    digest = hashlib.sha256()
    files = {*_HERE.glob("*.py"), *sources.glob("*.py"), *_CONSTANTS}
    for source in sorted(files):
        digest.update(source.name.encode())
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
