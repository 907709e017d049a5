"""What each part of the method is worth: one setting changed at a time, scored on truth.

Run as ``python -m benchmarks.ablation [--landscapes ... --tiers ... --set ...]``. Every variant
makes the whole scene anew from the same inputs and is scored as ``livescape evaluate`` scores it.
Writes ``out/bench/ablation.json``; tables, strips and plots go to ``out/bench/ablation``.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measure import OUT, report

from livescape.commands.main import main as livescape
from livescape.evaluate.paths import MOVING_PATHS

TRAINED = "deform_iterations=40"
"""Nothing is trained on the animation by default: what trains on it does so much of it."""

PARTS = (
    "solver=none",
    "solver=sgd",
    TRAINED,
    f"{TRAINED}+deform=symmetric",
    f"{TRAINED}+deform=hexplane",
    f"{TRAINED}+animated_views=all",
    "density=fixed",
    "fit_iterations=0",
    "fit_iterations=300",
    "views=3",
    "view_margin=0",
    "loop=on",
)
"""Changes of one part each."""

PAPER_ON_CPU = {"view_set": "released", "fit_iterations": "300", "deform_iterations": "1200"}
"""What the paper's form is shortened to, so that it ends on a CPU: its drift needs training even to
close the loop, so it keeps an order more than ours."""

SHOWN = {
    "psnr": MOVING_PATHS, "psnr_moving": MOVING_PATHS, "psnr_standing": MOVING_PATHS,
    "ssim": MOVING_PATHS, "gmsd": MOVING_PATHS, "st_lpips": MOVING_PATHS,
    "change_error": MOVING_PATHS, "flow_error_px": ("shot",), "speed_share": ("shot",),
    "contrast": ("loop",), "ghost": ("loop",), "loop_seam": ("loop",),
}  # fmt: skip
"""Figures and the paths over which each is averaged."""


def averaged(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return a row of means for every contender, and how far its PSNR is from the first's."""
    means: list[dict[str, Any]] = []
    for name in names:
        own: dict[str, Any] = {"contender": name}
        for figure, paths in SHOWN.items():
            values = [
                row[figure]
                for row in rows
                if row["contender"] == name and row["path"] in paths and row.get(figure) is not None
            ]
            own[figure] = float(np.mean(values)) if values else None
        means.append(own)
    for own in means:
        if own["psnr"] is not None and means[0]["psnr"] is not None:
            own["gain"] = own["psnr"] - means[0]["psnr"]
    return means


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--landscapes", default="river,sea")
    parser.add_argument("--tiers", default="hints,given")
    parser.add_argument("--paths", default="sideways,forward,still")
    parser.add_argument("--parts", nargs="*", default=list(PARTS))
    parser.add_argument("--paper", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--cache-dir", type=Path)
    options = parser.parse_args()
    names = ["ours", *(f"ours+{part}" for part in options.parts)]
    changes: list[str] = []
    if options.paper:
        names.append("paper")
        for setting, value in PAPER_ON_CPU.items():
            changes += ["--set", f"paper.{setting}", value]
    cache = [] if options.cache_dir is None else ["--cache-dir", str(options.cache_dir)]
    folder = OUT / "ablation"
    done = livescape(
        ["evaluate", "--out", str(folder), "--contenders", ",".join(names), *changes, *cache,
         "--landscapes", options.landscapes, "--tiers", options.tiers, "--paths", options.paths]
    )  # fmt: skip
    if done:
        raise SystemExit(done)
    found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    details = {"about": found["about"], "rows_of_all": found["rows"]}
    report("ablation", averaged(found["rows"], names), {}, details)


if __name__ == "__main__":
    main()
