"""How soon a cancel is heard: the longest time between two questions whether to stop, by stage.

``longest_gap_s`` is wall time; ``of_this_thread_s`` what the asking thread computed in the
longest gap, which is the wall time of a machine that does nothing else.

Run as ``python -m benchmarks.cancel [--preset final] [--photo demo/...jpg]`` (``make bench
NAME=cancel``); writes ``out/bench/cancel.json``. Everything has the preset's size and number of
Gaussians; only the optimisers' steps are cut, since one is as long as the next.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.measure import report

from livescape.cameras.default_path import default_path
from livescape.cameras.photo_camera import default_intrinsics
from livescape.context import Context
from livescape.imaging.decode import decode_photo
from livescape.imaging.sampling import working_size
from livescape.pipeline import living_scene
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import PRESETS, preset_settings

ROOT = Path(__file__).parents[1]
STEPS = 60
"""Enough for the Gaussians to merge and split on the way."""


class Listener:
    """Stands in for the user who might cancel, and notes how long nobody asks."""

    def __init__(self) -> None:
        self.longest: dict[str, float] = defaultdict(float)
        self.computed: dict[str, float] = defaultdict(float)
        self.seconds: dict[str, float] = defaultdict(float)
        self._stage, self._asked = "photo", time.perf_counter()
        self._own = time.thread_time()

    def cancelled(self) -> bool:
        """Note how long nobody has asked, and let the work go on."""
        now = time.perf_counter()
        gap = now - self._asked
        self.longest[self._stage] = max(self.longest[self._stage], gap)
        self.seconds[self._stage] += gap
        own = time.thread_time()
        self.computed[self._stage] = max(self.computed[self._stage], own - self._own)
        self._asked, self._own = now, own
        return False

    def reported(self, stage: str, *_: object) -> None:
        """Note the stage that is under way."""
        self._stage = stage


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--preset", default="final", choices=PRESETS)
    parser.add_argument("--photo", type=Path, default=ROOT / "demo" / "chenonceau_river.jpg")
    options = parser.parse_args()
    preset = preset_settings(options.preset)
    settings = preset.changed(fit_iterations=STEPS, deform_iterations=STEPS, views=7)
    data = options.photo.read_bytes()
    photo = decode_photo(data)
    width, height = working_size(*photo.size, settings.working_size)
    path = default_path(default_intrinsics(photo, width, height), width, height, 60)
    listener = Listener()
    with tempfile.TemporaryDirectory() as cache:
        context = Context.make(
            cache_dir=Path(cache), report=listener.reported, cancelled=listener.cancelled
        )
        living_scene(context, GenerateRequest(path, settings, data), lambda early: None)
    rows = [
        {
            "stage": stage,
            "longest_gap_s": longest,
            "of_this_thread_s": listener.computed[stage],
            "seconds": listener.seconds[stage],
        }
        for stage, longest in listener.longest.items()
    ]
    report(
        "cancel",
        rows,
        {
            "size": f"{width}x{height}",
            "worst_gap_s": max(listener.longest.values()),
            "worst_of_this_thread_s": max(listener.computed.values()),
        },
    )


if __name__ == "__main__":
    main()
