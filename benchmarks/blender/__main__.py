"""Blender's pictures against the backend's, and what frames cost, in every Blender at hand.

Run as ``make bench NAME=blender``; ``make blenders`` installs more versions. Writes
``out/bench/blender.json`` and ``out/bench/blender.png``.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

from benchmarks.blender.costs import cost_rows, sphere_rows
from benchmarks.blender.fidelity import fidelity_rows, worst_by_version
from benchmarks.blender.processes import Blender, build_extension, default_blenders
from benchmarks.blender.scenes import find_scenes
from benchmarks.measure import OUT, report, table

LOGGER = logging.getLogger("benchmarks.blender")
ENGINES = ("cycles", "eevee")


def summary_of(
    versions: list[dict[str, Any]], costs: list[dict[str, Any]], spheres: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the figures that are asked for, the worst of all Blenders."""
    changes = [row for row in costs if row["what"] == "frame change"]
    most = max(row["gaussians"] for row in changes)
    largest = [row for row in changes if row["gaussians"] == most]
    ours, *theirs = spheres
    realised = theirs[-1]
    return {
        "worst_cycles_psnr": min(row["cycles_psnr"] for row in versions),
        "worst_eevee_psnr": min(row["eevee_psnr"] for row in versions),
        "worst_srgb_psnr": min(row[f"{e}_srgb_psnr"] for row in versions for e in ENGINES),
        "frame_change_seconds": max(row["seconds"] for row in largest),
        "frame_change_cpu_seconds": max(row["cpu_seconds"] for row in largest),
        "frame_change_added_mb": max(row["mb"] for row in largest),
        "psnr_above_icospheres": ours["psnr"] - max(row["psnr"] for row in theirs),
        "faster_than_realised_icospheres": realised["seconds"] / ours["seconds"],
        "less_cpu_than_realised_icospheres": realised["cpu_seconds"] / ours["cpu_seconds"],
    }


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--blender", type=Path, action="append", help="Python that has bpy; may repeat"
    )
    pythons = parser.parse_args().blender or default_blenders()
    if not pythons:
        parser.error("there is no .venv-blender*; run make setup, or name one with --blender")
    folder = OUT / "blender"
    archive = build_extension(folder / "extension")
    blenders = [
        Blender(python.absolute(), folder / f"blender_{index}", archive)
        for index, python in enumerate(pythons)
    ]
    scenes = find_scenes(folder / "scenes", blenders[0].python, archive)
    rows: list[dict[str, Any]] = []
    costs: list[dict[str, Any]] = []
    for blender in blenders:
        LOGGER.info("measuring Blender %s", blender.version)
        for scene in scenes:
            rows += fidelity_rows(blender, scene)
        costs += cost_rows(blender)
    spheres = sphere_rows(blenders[0], scenes[0], OUT / "blender.png")
    further = {"versions": worst_by_version(rows), "costs": costs, "icospheres": spheres}
    for title, content in further.items():
        LOGGER.info("%s\n%s\n", title, table(content))
    report("blender", rows, summary_of(further["versions"], costs, spheres), further)


if __name__ == "__main__":
    main()
