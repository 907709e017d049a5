"""What a test has left behind: threads, child processes, open files and sockets."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections import Counter
from pathlib import Path

GRACE_S = 20.0
"""For what is on its way out when a test ends; only a test that has left something waits."""

_DESCRIPTORS = Path("/proc/self/fd")
_KEPT_FILES = ("/dev/urandom", "/dev/null", "/.onnxruntime/")
"""Parts of the names of what libraries open once and keep until the process ends."""

_KEPT_THREADS = ("livescape-kernels", "tqdm_monitor")
"""Beginnings of the names of threads that serve the whole process."""


def inventory() -> Counter[str]:
    """Return what this process holds now, in words, and how many of each."""
    names = (thread.name for thread in threading.enumerate())
    held = Counter(f"thread {name}" for name in names if not name.startswith(_KEPT_THREADS))
    held.update(f"child process {pid}" for pid in _children())
    held.update(_open_descriptors())
    return held


def _children() -> list[str]:
    """Return the ids of the child processes, dead ones that nobody has collected included."""
    children: list[str] = []
    for thread in threading.enumerate():
        try:
            with open(f"/proc/self/task/{thread.native_id}/children") as listing:
                children += listing.read().split()
        except OSError:  # another platform, or the thread has just ended
            continue
    return children


def _open_descriptors() -> list[str]:
    """Return what the open descriptors lead to; empty where there is no /proc."""
    try:
        names = os.listdir(_DESCRIPTORS)
    except OSError:
        return []
    targets = []
    for name in names:
        try:
            targets.append(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:  # that of the listing itself
            continue
    return [
        f"open {target}" for target in targets if not any(part in target for part in _KEPT_FILES)
    ]


def left_since(before: Counter[str]) -> list[str]:
    """Return what is there now and was not ``before``, once the grace is over."""
    left = inventory() - before
    if not left:
        return []
    gc.collect()
    deadline = time.monotonic() + GRACE_S
    while (left := inventory() - before) and time.monotonic() < deadline:
        time.sleep(0.02)
    return sorted(left.elements())
