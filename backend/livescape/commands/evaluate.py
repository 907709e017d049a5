"""``livescape evaluate``: ours and the baselines against rendered truth and real clips."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from livescape.commands.contenders import (
    CONTENDERS,
    KNOWN,
    contender_settings,
    known,
    makers,
)
from livescape.context import Context
from livescape.engine.warmup import warmup
from livescape.evaluate.clip_files import find_clips, read_frames
from livescape.evaluate.clip_harness import HORIZONS, MOST_AHEAD, ClipCase, evaluate_clip
from livescape.evaluate.clips import CLIP_TIERS, clip_truth
from livescape.evaluate.harness import Case, Row, evaluate_case
from livescape.evaluate.paths import PATHS
from livescape.evaluate.tables import markdown, replace_tables, write_json
from livescape.evaluate.tiers import TIERS
from livescape.evaluate.truth import LANDSCAPES, Generator, Place
from livescape.output.folder import check_writable_folder
from livescape_shared.connection import default_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file
from livescape_shared.settings import PRESETS, GenerateSettings, preset_settings

DESCRIPTION = "Compare ours with a layered photo on rendered truth and on real clips."

LOOP_FRAMES = 60
ROOT = Path(__file__).resolve().parents[3]

Evaluation = Callable[..., list[Row]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``evaluate`` to ``parser``."""
    add = parser.add_argument
    add("--out", type=Path, required=True,
        help="folder for results.json, results.md and the strips")  # fmt: skip
    add("--landscapes",
        help=f"of {','.join(LANDSCAPES)}; default: all, or none where clips are named")  # fmt: skip
    add("--clips", type=Path, metavar="FOLDER",
        help="clips of a standing camera: videos, GIFs, folders of frames, .npz")  # fmt: skip
    add("--tiers",
        help=f"of {','.join(CLIP_TIERS)} (video for clips alone); "
        "default: hints,given, and auto,video for clips")  # fmt: skip
    add("--ahead", default=",".join(map(str, HORIZONS)),
        help="frames after a clip's first that are compared, default: %(default)s")  # fmt: skip
    add("--paths", default=",".join(PATHS), help="default: %(default)s")
    add("--travel", default="1", help="factors on the paper's paths, such as 1,3,6")
    add("--contenders", default=",".join(CONTENDERS),
        help=f"of {', '.join(KNOWN)}; default: %(default)s")  # fmt: skip
    add("--seed", type=int, default=1, help="of the landscapes, default: %(default)s")
    add("--width", type=int, default=320, help="of the pictures, default: %(default)s")
    add("--preset", default="draft", choices=PRESETS, help="of ours, default: %(default)s")
    add("--set", nargs=2, action="append", default=[], metavar=("SETTING", "VALUE"),
        dest="changes",
        help="change one setting, or with CONTENDER.SETTING that of one contender")  # fmt: skip
    add("--samples", type=int, default=4, help="per pixel of the truth, default: %(default)s")
    add("--page", type=Path, help="page whose tables are replaced, such as docs/results.md")
    add("--blender", type=Path,
        help="a Python with bpy, default: LIVESCAPE_BLENDER_PYTHON or .venv-blender")  # fmt: skip
    add("--cache-dir", type=Path, help="folder of rendered truth and stage results")


def run(arguments: argparse.Namespace) -> int:
    """Do what the parsed ``arguments`` say; return the exit code."""
    check_writable_folder(arguments.out)
    page = None if arguments.page is None else _read_page(arguments.page)
    cache = arguments.cache_dir or default_state_dir() / "cache"
    context = Context.make(cache_dir=cache)
    names = _chosen("--contenders", arguments.contenders, KNOWN)
    settings = preset_settings(arguments.preset).changed(loop_frames=LOOP_FRAMES)
    living = contender_settings(("ours", *names), settings, arguments.changes)
    work = _work(arguments, cache / "truth", living["ours"])
    living = {name: own for name, own in living.items() if name in names}
    if living and context.device == "cpu":
        warmup(_say)
    made = makers(context, names, living)
    about = {
        "preset": arguments.preset,
        "seed": arguments.seed,
        "width": arguments.width,
        "samples": arguments.samples,
        "contenders": {name: own.to_dict() for name, own in living.items()},
    }
    rows: list[Row] = []
    for case in work:
        rows += case(made, partial(known, context), strips=arguments.out / "strips", say=_say)
        write_json(arguments.out / "results.json", rows, about)
        _write(arguments.out / "results.md", markdown(rows))
    if page is not None:
        _write(arguments.page, replace_tables(page, markdown(rows)))
    _say(f"wrote {arguments.out / 'results.md'}")
    return 0


def _read_page(path: Path) -> str:
    """Return the text of a page that has a place for tables."""
    try:
        page = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path.name} cannot be read: {error}."
        raise LivescapeError("input_unreadable", message, hint="Check the path.") from error
    replace_tables(page, "")
    return page


def _write(path: Path, text: str) -> None:
    with whole_file(path) as partial_file:
        partial_file.write_text(text, encoding="utf-8")


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


def _work(
    arguments: argparse.Namespace, cache: Path, settings: GenerateSettings
) -> list[Evaluation]:
    """Return what is to be evaluated, one after the other."""
    clips = _clips(arguments, settings)
    named = arguments.landscapes
    landscapes = _landscapes(arguments, cache, settings) if named or not clips else []
    return [*landscapes, *clips]


def _landscapes(
    arguments: argparse.Namespace, cache: Path, settings: GenerateSettings
) -> list[Evaluation]:
    height = round(arguments.width * 9 / 16 / 2) * 2
    paths = _chosen("--paths", arguments.paths, PATHS)
    asked = _chosen("--tiers", arguments.tiers or "hints,given", CLIP_TIERS)
    tiers = [tier for tier in asked if tier in TIERS]
    generator = _generator(arguments, cache)
    names = arguments.landscapes or ",".join(LANDSCAPES)
    cases = [
        Case(Place(landscape, arguments.seed, arguments.width, height), tier, travel, paths)
        for landscape in _chosen("--landscapes", names, LANDSCAPES)
        for travel in _numbers("--travel", arguments.travel)
        for tier in tiers
    ]
    return [partial(evaluate_case, case, generator, settings) for case in cases]


def _clips(arguments: argparse.Namespace, settings: GenerateSettings) -> list[Evaluation]:
    if arguments.clips is None:
        return []
    tiers = _chosen("--tiers", arguments.tiers or "auto,video", CLIP_TIERS)
    ahead = [int(value) for value in _numbers("--ahead", arguments.ahead, 1, MOST_AHEAD)]

    def evaluated(path: Path, *rest: Any, **more: Any) -> list[Row]:
        name = "_".join(path.relative_to(arguments.clips).with_suffix("").parts)
        try:
            clip = clip_truth(name or path.name, read_frames(path), arguments.width)
        except LivescapeError as error:
            _say(f"{path.name} is left out. {error.message}")
            return []
        cases = [ClipCase(clip, tier, ahead) for tier in tiers]
        return [row for case in cases for row in evaluate_clip(case, settings, *rest, **more)]

    return [partial(evaluated, path) for path in find_clips(arguments.clips)]


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


def _chosen(option: str, text: str, known_names: Sequence[str]) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known_names:
            message = f"{option} has no {name!r}."
            hint = f"Choose among {', '.join(known_names)}."
            raise LivescapeError("settings_invalid", message, hint=hint)
    return names


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
