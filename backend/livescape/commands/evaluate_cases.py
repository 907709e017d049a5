"""What ``livescape evaluate`` is asked: landscapes, real clips and published data."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from livescape.evaluate.clip_files import find_clips
from livescape.evaluate.clip_harness import MOST_AHEAD, ClipCase, evaluate_clip
from livescape.evaluate.clips import CLIP_TIERS, ClipTruth, read_clip
from livescape.evaluate.findings import Findings
from livescape.evaluate.harness import Case, Say, evaluate_case
from livescape.evaluate.holynski import find_scenes, read_scene
from livescape.evaluate.paths import PATHS
from livescape.evaluate.tiers import TIERS
from livescape.evaluate.truth import LANDSCAPES, Generator, Place
from livescape_shared.errors import LivescapeError
from livescape_shared.settings import GenerateSettings

ROOT = Path(__file__).resolve().parents[3]

Reader = Callable[[], ClipTruth]
Asked = Callable[[ClipTruth], ClipCase]
Read = tuple[str, Reader, list[Asked]]
"""Name of a clip's file, what reads it, and what is asked of it."""

Evaluation = Callable[..., Findings]
"""Takes the contenders and what a request tells, further ``strips``, ``say`` and ``report``."""

USUAL_TIERS = {"landscapes": "hints,given", "clips": "auto,video", "holynski": "hints,given"}


def evaluations(
    arguments: argparse.Namespace, cache: Path, settings: GenerateSettings
) -> list[Evaluation]:
    """Return what is to be evaluated, one after the other; nothing is read or rendered yet.

    Args:
        arguments: Of the command line.
        cache: Folder of rendered truth.
        settings: Of ``ours``.

    Raises:
        LivescapeError: ``settings_invalid`` or ``input_unreadable``.
    """
    clips: list[Evaluation] = [
        partial(_evaluate_clip, *read, settings)
        for read in [*_clips(arguments), *_scenes(arguments)]
    ]
    if clips and arguments.landscapes is None:
        return clips
    cases = _landscapes(arguments)
    generator = _generator(arguments, cache)
    return [*(partial(evaluate_case, case, generator, settings) for case in cases), *clips]


def _landscapes(arguments: argparse.Namespace) -> list[Case]:
    height = round(arguments.width * 9 / 16 / 2) * 2
    paths = chosen("--paths", arguments.paths, PATHS)
    names = arguments.landscapes or ",".join(LANDSCAPES)
    return [
        Case(Place(landscape, arguments.seed, arguments.width, height), tier, travel, paths)
        for landscape in chosen("--landscapes", names, LANDSCAPES)
        for travel in _numbers("--travel", arguments.travel)
        for tier in _tiers(arguments, "landscapes")
        if tier in TIERS
    ]


def _clips(arguments: argparse.Namespace) -> list[Read]:
    if arguments.clips is None:
        return []
    asked = _asked(arguments, "clips")
    found: list[Read] = []
    for path in find_clips(arguments.clips):
        name = _clip_name(path, arguments.clips)
        found.append((path.name, partial(read_clip, name, path, arguments.width), asked))
    return found


def _clip_name(path: Path, folder: Path) -> str:
    """Return what a clip of ``folder``, which may be that itself, is called in the results."""
    if path == folder:
        return path.resolve().name
    inside = path.relative_to(folder)
    return "_".join((inside if path.is_dir() else inside.with_suffix("")).parts)


def _scenes(arguments: argparse.Namespace) -> list[Read]:
    if arguments.holynski is None:
        return []
    asked = _asked(arguments, "holynski")
    scenes = find_scenes(arguments.holynski)
    return [(s[0], partial(read_scene, *s, arguments.width), asked) for s in scenes]


def _asked(arguments: argparse.Namespace, kind: str) -> list[Asked]:
    ahead = [int(value) for value in _numbers("--ahead", arguments.ahead, 1, MOST_AHEAD)]
    return [partial(ClipCase, tier=tier, horizons=ahead) for tier in _tiers(arguments, kind)]


def _tiers(arguments: argparse.Namespace, kind: str) -> list[str]:
    return chosen("--tiers", arguments.tiers or USUAL_TIERS[kind], CLIP_TIERS)


def _evaluate_clip(
    name: str,
    read: Reader,
    asked: Sequence[Asked],
    settings: GenerateSettings,
    *rest: Any,
    say: Say,
    report: Callable[[Findings], None],
    **more: Any,
) -> Findings:
    """Evaluate a clip as ``asked``; one that cannot be read is named and left out."""
    try:
        truth = read()
    except LivescapeError as error:
        say(f"{name} is left out. {error}")
        return Findings()
    found = Findings()
    for case in asked:
        before = Findings([*found.rows], [*found.curves])
        so_far = partial(_report_after, before, report)
        found.extend([evaluate_clip(case(truth), settings, *rest, say=say, report=so_far, **more)])
    return found


def _report_after(before: Findings, report: Callable[[Findings], None], new: Findings) -> None:
    report(Findings([*before.rows, *new.rows], [*before.curves, *new.curves]))


def _generator(arguments: argparse.Namespace, cache: Path) -> Generator:
    own = os.environ.get("LIVESCAPE_BLENDER_PYTHON")
    default = Path(own) if own else ROOT / ".venv-blender" / "bin" / "python"
    return Generator(
        python=arguments.blender or default,
        scripts=ROOT / "scripts" / "truth",
        photo=ROOT / "demo" / "chenonceau_river.jpg",
        cache=cache,
        samples=arguments.samples,
    )


def _numbers(option: str, text: str, low: float = 0.0, high: float = math.inf) -> list[float]:
    try:
        values = [float(value) for value in text.split(",")]
    except ValueError as error:
        message = f"{option} is {text!r}, not numbers such as 1,3,6."
        raise LivescapeError("settings_invalid", message) from error
    wrong = [value for value in values if not low <= value <= high]
    if wrong:
        message = f"{option} has {wrong[0]:g}, which is not between {low:g} and {high:g}."
        raise LivescapeError("settings_invalid", message)
    return values


def chosen(option: str, text: str, known_names: Sequence[str]) -> list[str]:
    """Return the names in ``text``.

    Raises:
        LivescapeError: ``settings_invalid`` for one that is not known.
    """
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known_names:
            message = f"{option} has no {name!r}."
            hint = f"Choose among {', '.join(known_names)}."
            raise LivescapeError("settings_invalid", message, hint=hint)
    return names
