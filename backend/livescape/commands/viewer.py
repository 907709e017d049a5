"""``livescape viewer``: fetch the viewer that pages play in."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from livescape.output.page.viewer import PACKAGES, fetch_viewer, load_viewer, viewer_folder

DESCRIPTION = "Fetch, once and by npm, the viewer that exported pages play in."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``viewer`` to ``parser``."""
    parser.add_argument("--folder", type=Path, help="where to; default: the state folder")


def run(arguments: argparse.Namespace) -> int:
    """Fetch what is missing; return the exit code.

    Raises:
        LivescapeError: ``viewer_fetch_failed`` or ``viewer_changed``.
    """
    folder = arguments.folder or viewer_folder()
    fetched = fetch_viewer(folder)
    load_viewer(folder)
    names = ", ".join(f"{package.name} {package.version}" for package in PACKAGES)
    sys.stderr.write(f"{names}: {len(fetched)} fetched into {folder}\n")
    return 0
