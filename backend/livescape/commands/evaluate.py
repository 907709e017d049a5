"""``livescape evaluate``: ours and the baselines against rendered truth."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from livescape.commands.run import change_setting
from livescape.context import Context
from livescape.deform.living_scene import LivingScene
from livescape.engine.warmup import warmup
from livescape.evaluate.contenders import Contender, Known, Shown, UnmovedPhoto
from livescape.evaluate.harness import Case, Make, Row, evaluate_case
from livescape.evaluate.layered import LayeredPhoto
from livescape.evaluate.paths import PATHS
from livescape.evaluate.tables import markdown, replace_tables, write_json
from livescape.evaluate.tiers import TIERS
from livescape.evaluate.truth import LANDSCAPES, Generator, Place
from livescape.gaussians.render import render
from livescape.motion.per_view import PhotoMotionInputs, photo_flow
from livescape.output.folder import check_writable_folder
from livescape.pipeline import living_scene
from livescape.stages import depth, door, layers, layout
from livescape_shared.camera import Camera
from livescape_shared.connection import default_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import PRESETS, GenerateSettings, preset_settings

DESCRIPTION = "Compare ours with a layered photo on truth that Blender renders."

CONTENDERS = ("photo", "layered", "ours")
LOOP_FRAMES = 60
COVERED = 0.5
ROOT = Path(__file__).resolve().parents[3]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``evaluate`` to ``parser``."""
    add = parser.add_argument
    add("--out", type=Path, required=True,
        help="folder for results.json, results.md and the strips")  # fmt: skip
    add("--landscapes", default=",".join(LANDSCAPES), help="default: %(default)s")
    add("--tiers", default="hints,given", help=f"of {','.join(TIERS)}; default: %(default)s")
    add("--paths", default=",".join(PATHS), help="default: %(default)s")
    add("--travel", default="1", help="factors on the paper's paths, such as 1,3,6")
    add("--contenders", default=",".join(CONTENDERS), help="default: %(default)s")
    add("--seed", type=int, default=1, help="of the landscapes, default: %(default)s")
    add("--width", type=int, default=320, help="of the pictures, default: %(default)s")
    add("--preset", default="draft", choices=PRESETS, help="of ours, default: %(default)s")
    add("--set", nargs=2, action="append", default=[], metavar=("SETTING", "VALUE"),
        dest="changes", help="change one setting of the preset")  # fmt: skip
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
    generator = _generator(arguments, cache / "truth")
    settings = preset_settings(arguments.preset).changed(loop_frames=LOOP_FRAMES)
    for name, value in arguments.changes:
        settings = change_setting(settings, name, value)
    names = _chosen("--contenders", arguments.contenders, CONTENDERS)
    cases = _cases(arguments)
    if "ours" in names and context.device == "cpu":
        warmup(_say)
    rows: list[Row] = []
    about = {**settings.to_dict(), "preset": arguments.preset, "seed": arguments.seed,
             "width": arguments.width, "samples": arguments.samples}  # fmt: skip
    for case in cases:
        rows += evaluate_case(
            case,
            generator,
            settings,
            {name: makers(context, settings)[name] for name in names},
            partial(known, context),
            strips=arguments.out / "strips",
            say=_say,
        )
        write_json(arguments.out / "results.json", rows, about)
        _write(arguments.out / "results.md", markdown(rows))
    if page is not None:
        _write(arguments.page, replace_tables(page, markdown(rows)))
    _say(f"wrote {arguments.out / 'results.md'}")
    return 0


def makers(context: Context, settings: GenerateSettings) -> dict[str, Make]:
    """Return every contender by name, as what makes it of a request."""

    def photo(request: GenerateRequest) -> Contender:
        return UnmovedPhoto(door.read_inputs(request).image)

    def layered(request: GenerateRequest) -> Contender:
        path = request.camera_path.cameras
        told = known(context, request)
        return LayeredPhoto(context, told, path, settings.loop_frames, settings.inpainting)

    def ours(request: GenerateRequest) -> Contender:
        return Ours(context, living_scene(context, request))

    return {"photo": photo, "layered": layered, "ours": ours}


class Ours:
    """The living scene, seen as Blender shows it."""

    def __init__(self, context: Context, scene: LivingScene) -> None:
        """Keep the scene."""
        self._context, self._scene = context, scene

    def show(self, camera: Camera, frame: int) -> Shown:
        """Return what ``camera`` sees at a frame of the loop."""
        gaussians = self._scene.at_loop_frame(frame)
        blend = self._scene.meta.blend
        view = render(gaussians, camera, blend, device=self._context.device)
        return Shown(view.image, view.alpha < COVERED)


def known(context: Context, request: GenerateRequest) -> Known:
    """Return what the product itself makes of ``request``: depth, mask and flow of the photo."""
    inputs = door.run(context, request)
    found = layout.run(context, inputs)
    measured = depth.run(context, inputs, found)
    mask = layers.motion_mask(inputs, found)
    flow = np.zeros((*mask.shape, 2), np.float32)
    if mask.any():
        photo = PhotoMotionInputs(
            image=inputs.image,
            mask=mask,
            sky=found.sky,
            water=found.water,
            depth=measured.depth,
            horizon_row=measured.horizon_row,
            method=inputs.settings.motion,
            annotation=inputs.annotation,
            flow=inputs.flow,
        )
        flow = photo_flow(context, photo, inputs.camera)
    return Known(inputs.image, inputs.camera, measured.depth, mask, flow)


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


def _cases(arguments: argparse.Namespace) -> list[Case]:
    height = round(arguments.width * 9 / 16 / 2) * 2
    paths = _chosen("--paths", arguments.paths, PATHS)
    try:
        travels = [float(value) for value in arguments.travel.split(",")]
    except ValueError as error:
        message = f"--travel is {arguments.travel!r}, not numbers such as 1,3,6."
        raise LivescapeError("settings_invalid", message) from error
    return [
        Case(Place(landscape, arguments.seed, arguments.width, height), tier, travel, paths)
        for landscape in _chosen("--landscapes", arguments.landscapes, LANDSCAPES)
        for travel in travels
        for tier in _chosen("--tiers", arguments.tiers, TIERS)
    ]


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
