"""Workers on this machine: one for each graphics card, or one for the processor."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from livescape.server.bounds import Limits
from livescape.server.executor import Executor
from livescape.server.runner import Runner
from livescape.server.worker_process import WorkerProcess

WORKER = "livescape.server.worker"
VISIBLE = "CUDA_VISIBLE_DEVICES"
_CARD = re.compile(r"GPU \d+: .*\(UUID: (?P<card>[\w-]+)\)")
_PART = re.compile(r"\s+MIG .*\(UUID: (?P<part>[\w/-]+)\)")
PATIENCE_S = 20.0


def list_cards() -> str:
    """Return what the driver's own tool lists; empty without one."""
    try:
        done = subprocess.run(
            ["nvidia-smi", "--list-gpus"],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def cards(
    environment: Mapping[str, str] = os.environ, listing: Callable[[], str] = list_cards
) -> list[str]:
    """Return the names by which CUDA knows the graphics cards that we may use.

    A card that is divided counts as its parts.

    Args:
        environment: May narrow them down, as CUDA reads it.
        listing: Lists them otherwise.
    """
    if VISIBLE in environment:
        named = [name.strip() for name in environment[VISIBLE].split(",")]
        return named[: named.index("-1")] if "-1" in named else [name for name in named if name]
    found: list[str] = []
    whole = False
    for line in listing().splitlines():
        if card := _CARD.match(line):
            found.append(card["card"])
            whole = True
        elif part := _PART.match(line):
            if whole:
                found.pop()
            found.append(part["part"])
            whole = False
    return found


def local_executor(job: str, cache_dir: Path, limits: Limits, workers: int = 0) -> Executor:
    """Return the executor of this machine.

    Args:
        job: ``module:function`` that is computed.
        cache_dir: The pipeline's cache.
        limits: Bounds.
        workers: How many; 0 for one for each graphics card, or one without any.
    """
    available = cards()
    count = workers or max(1, len(available))

    def start(number: int) -> WorkerProcess:
        card = available[number % len(available)] if available else None
        variables = {} if card is None or count == 1 else {VISIBLE: card}
        return WorkerProcess(WORKER, ["--job", job, "--share", f"{number}/{count}"], variables)

    return Executor([Runner(partial(start, number), cache_dir, limits) for number in range(count)])
