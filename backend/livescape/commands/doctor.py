"""``livescape doctor``: what this machine has, what will be used, and what to do about the rest."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import zmq

from livescape.context.device import choose_device
from livescape.context.environment import CACHE_GB, Environment
from livescape.depth.depth_estimators import DEPTH_ESTIMATORS
from livescape.inpainting.fill import INPAINTERS
from livescape.inpainting.patchmatch import patchmatch_available
from livescape.networks.registry import MODELS
from livescape.networks.store import model_present
from livescape_shared import __version__
from livescape_shared.connection import default_state_dir, published_server
from livescape_shared.messages import PROTOCOL_VERSION
from livescape_shared.processes import process_alive
from livescape_shared.remote.servers import Servers

DESCRIPTION = "Show what is installed on this machine and what will be used."

PACKAGES = ("torch", "numba", "numpy", "opencv-python-headless", "OpenEXR", "av", "pyzmq",
            "msgpack", "gsplat")  # fmt: skip
LEAST_FREE_GB = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no options."""
    del parser


def run(arguments: argparse.Namespace) -> int:
    """Print one line per finding; return 1 if something is in the way."""
    del arguments
    healthy = True
    for good, line in findings():
        healthy &= good
        sys.stdout.write(f"{'ok  ' if good else 'FIX '} {line}\n")
    return 0 if healthy else 1


def findings() -> Iterator[tuple[bool, str]]:
    """Yield whether each finding is fine, and the sentence."""
    protocol = ".".join(map(str, PROTOCOL_VERSION))
    yield True, f"livescape {__version__}, protocol {protocol}, Python {platform.python_version()}"
    yield True, f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    for name in PACKAGES:
        try:
            yield True, f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            wanted = name != "gsplat"
            yield not wanted, f"{name} is not installed" + ("" if wanted else " (CUDA only)")
    environment = Environment.read()
    device, reason = choose_device(environment.device)
    yield True, f"engine: {'gsplat on CUDA' if device == 'cuda' else 'Numba on CPU'}. {reason}"
    for what, ways in (("depth", DEPTH_ESTIMATORS), ("holes", INPAINTERS)):
        for way in ways.values():
            to_fetch = _to_fetch(environment.models, way.name)
            yield True, f"{what} {way.name}: {way.description}{to_fetch}"
    if not patchmatch_available():
        yield True, "PatchMatch is not available; holes are filled with smooth colour"
    yield from _state_findings()


def _to_fetch(models: Path, name: str) -> str:
    return " Not downloaded." if name in MODELS and not model_present(models, name) else ""


def _state_findings() -> Iterator[tuple[bool, str]]:
    folder = default_state_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free / 2**30
    except OSError as error:
        yield False, f"the folder {folder} cannot be written: {error.strerror}"
        return
    advice = "" if free >= LEAST_FREE_GB else f"; free at least {LEAST_FREE_GB:.0f} GB"
    yield free >= LEAST_FREE_GB, f"cache {folder}: {free:.0f} GB free{advice}"
    kept = Environment.read().cache_bytes / 1e9
    yield True, f"stage results may take {kept:.3g} GB of it ({CACHE_GB} changes that)"
    server = published_server(folder)
    running = server is not None and process_alive(server.pid)
    state = f"running at {server.endpoint}" if server and running else "not running"
    yield True, f"server: {state}"
    yield from _remote_findings(folder, server.remote if server and running else "")


def _remote_findings(folder: Path, listening: str) -> Iterator[tuple[bool, str]]:
    if not zmq.has("curve"):
        advice = "install pyzmq from its wheel to use servers on other machines"
        yield False, f"ZeroMQ cannot encrypt; {advice}"
    elif listening:
        yield True, f"server: paired computers can use it at {listening}"
    for paired in Servers(folder).all():
        yield True, f"paired with the server {paired}"
