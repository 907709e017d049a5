"""Whether a process is still running, and how ours are started."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any


def process_alive(pid: int) -> bool:
    """Return whether a process with this id is running."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        return _windows_process_alive(pid)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _windows_process_alive(pid: int) -> bool:
    """Ask the kernel; ``os.kill`` would end the process on Windows."""
    synchronize, wait_timeout = 0x00100000, 0x102
    kernel: Any = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined, unused-ignore]
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(synchronize, False, pid)
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(ctypes.c_void_p(handle), 0) == wait_timeout)
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))


def without_console() -> dict[str, Any]:
    """Return options for a child for which Windows opens no console window."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    return {}


_FOREIGN_PREFIXES = ("PYTHON", "CONDA_", "_CONDA_", "_CE_", "VIRTUAL_ENV", "PYENV_", "PIPENV_")
_FOREIGN_NAMES = frozenset({"__PYVENV_LAUNCHER__", "CONDA", "MAMBA_EXE", "MAMBA_ROOT_PREFIX"})
_FOREIGN_ROOTS = ("CONDA_PREFIX", "VIRTUAL_ENV", "PYTHONHOME", "MAMBA_ROOT_PREFIX")


def own_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return ``variables`` without what is meant for another Python than the one to be started.

    That is every variable of Python itself (which would have it import others' packages, or stop
    at a warning), of conda and of virtual environments, and the folders of those environments in
    ``PATH``, whose libraries Windows would load in place of the right ones.
    """
    roots = [variables[name] for name in _FOREIGN_ROOTS if variables.get(name)]
    kept = {name: value for name, value in variables.items() if not _is_foreign(name)}
    for name in kept:
        if name.upper() == "PATH" and roots:
            folders = kept[name].split(os.pathsep)
            kept[name] = os.pathsep.join(each for each in folders if not _is_below(each, roots))
    return kept


def _is_foreign(name: str) -> bool:
    upper = name.upper()
    return upper in _FOREIGN_NAMES or upper.startswith(_FOREIGN_PREFIXES)


def _is_below(folder: str, roots: Sequence[str]) -> bool:
    path = PurePath(folder)
    return any(path.is_relative_to(root) and len(PurePath(root).parts) > 2 for root in roots)
