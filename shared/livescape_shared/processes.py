"""Whether a process is still running."""

from __future__ import annotations

import ctypes
import os
import sys
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
