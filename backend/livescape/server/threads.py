"""Threads that do one thing after another, so that the server's loop need not wait for the disk."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor


def own_thread(name: str) -> Executor:
    """Return what runs one call after another in a thread of that name."""
    return ThreadPoolExecutor(1, thread_name_prefix=name)
