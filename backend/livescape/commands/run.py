"""``livescape run``: a photo to a living scene and its frames, without Blender."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from livescape.commands.asked import add_request_arguments, build_request
from livescape.commands.elsewhere import scene_made_elsewhere
from livescape.commands.progress import TELLERS, Teller
from livescape.commands.server_client import add_server_option
from livescape.context import Context
from livescape.context.environment import Checkpoints, Environment
from livescape.context.progress import Report
from livescape.deform.living_scene import LivingScene
from livescape.engine.warmup import warmup
from livescape.gaussians.render import render
from livescape.imaging.exr import write_exr
from livescape.imaging.png import Pixels, to_pixels, write_png
from livescape.imaging.video import write_video
from livescape.output.blender_cache import BlenderCache, check_cache_place
from livescape.output.folder import check_writable_folder
from livescape.output.page.viewer import load_viewer, viewer_folder
from livescape.output.page.write import is_page, write_page
from livescape.output.splats import export_scene
from livescape.pipeline import living_scene
from livescape_shared.cache.manifest import read_manifest
from livescape_shared.camera import CameraPath
from livescape_shared.connection import default_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file
from livescape_shared.formats.export import DEFAULT_AXES, holds_all_frames
from livescape_shared.ply import write_ply
from livescape_shared.request import GenerateRequest
from livescape_shared.scene import SceneMeta
from livescape_shared.splats import AXES

LOGGER = logging.getLogger(__name__)

SCENE_SHARE = 0.8
"""Part of the work that is done when the scene is there and its frames are still to be rendered."""

DESCRIPTION = "Make a living scene from a photo, without Blender."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``run`` to ``parser``."""
    add = parser.add_argument
    add_request_arguments(parser)
    add("--out", type=Path, help="folder for report.json and the PLY of the first frame")
    add("--render", type=Path, metavar="DIR", help="folder for the frames of the path and shot.mp4")
    add("--render-as", choices=("png", "exr"), default="png",
        help="exr: linear light with its highlights, default: %(default)s")  # fmt: skip
    add("--blend", type=Path, metavar="FILE",
        help="write what this .blend is to play, into the folder livescape beside it")  # fmt: skip
    add("--object", default="Livescape", metavar="NAME",
        help="the object of --blend that is to play it, default: %(default)s")  # fmt: skip
    add("--export", type=Path, action="append", default=[], metavar="FILE",
        help="x.ply, x.spz, x.glb: one; x_####.ply: each; x.usdc, x.html: all")  # fmt: skip
    add("--export-axes", choices=AXES, default=DEFAULT_AXES,
        help="axes of an exported PLY, default: %(default)s")  # fmt: skip
    add("--frames", help="render and export only these frames, such as 1,24,48")
    add("--cache-dir", type=Path, help="folder for cached stage results")
    add_server_option(parser)
    add("--progress", choices=TELLERS, default="text",
        help="for people, or lines on standard output for programs")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Do what the parsed ``arguments`` say; return the exit code."""
    teller = TELLERS[arguments.progress]()
    try:
        facts = _make(arguments, teller)
    except LivescapeError as error:
        teller.failed(error)
        raise
    teller.done(facts)
    return 0


def _make(arguments: argparse.Namespace, teller: Teller) -> dict[str, Any]:
    """Make the scene and write what was asked for; return what there is to tell of it."""
    if arguments.server is not None:
        _check_sendable(arguments)
    _check_outputs(arguments)  # before the work, to which a camera path of our own belongs
    context = _context(arguments, teller)
    request = build_request(context, arguments)
    frames = _chosen_frames(request.camera_path, arguments.frames)
    cache = None
    if arguments.blend is not None:
        cache = BlenderCache(arguments.blend, arguments.object, request)
        made = cache.find()
        if made is not None:
            _say(f"{made.name} is there already")
            cache = None
            if arguments.out is None and arguments.render is None and not arguments.export:
                there = read_manifest(made)
                return {**_facts(there.scene, there.report), "frames": 0}
    if context.device == "cpu" and (arguments.render is not None or arguments.server is None):
        warmup(_say)
    with _scene(context, request, arguments, teller) as scene:
        if cache is not None:
            _say(f"wrote {cache.write(scene).name}")
        return _write(context, request, arguments, scene, frames, teller)


def _check_outputs(arguments: argparse.Namespace) -> None:
    """Check that all that was asked for can be written.

    Raises:
        LivescapeError: ``export_format_unknown``, ``output_not_writable``, ``cache_not_writable``
            or ``disk_full``.
    """
    for path in arguments.export:
        if is_page(path):
            load_viewer(viewer_folder())
        else:
            holds_all_frames(path)
        check_writable_folder(path.parent)
    for folder in (arguments.out, arguments.render):
        if folder is not None:
            check_writable_folder(folder)
    if arguments.blend is not None:
        check_cache_place(arguments.blend)


def _facts(meta: SceneMeta, report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what there is to tell of a scene."""
    return {
        "gaussians": meta.static + meta.moving,
        "moving": meta.moving,
        "remarks": [*report.get("remarks", ()), str(report["coverage"])],
    }


def _check_sendable(arguments: argparse.Namespace) -> None:
    """Refuse what a server elsewhere cannot be told.

    Raises:
        LivescapeError: ``settings_invalid``.
    """
    if arguments.motion_checkpoint is not None or arguments.animator_checkpoint is not None:
        raise LivescapeError(
            "settings_invalid",
            "Checkpoints are files of this machine and are not sent to a server.",
            hint="Name them on the server's machine, see docs/models.md.",
        )


@contextmanager
def _scene(
    context: Context, request: GenerateRequest, arguments: argparse.Namespace, teller: Teller
) -> Iterator[LivingScene]:
    """Yield the scene, made here or by the server that ``arguments`` name."""
    if arguments.server is None:
        yield living_scene(context, request)
        return
    report = _scaled(teller, _scene_share(arguments))
    with scene_made_elsewhere(arguments.server, request, report, _cache_dir(arguments)) as scene:
        yield scene


def _write(
    context: Context,
    request: GenerateRequest,
    arguments: argparse.Namespace,
    scene: LivingScene,
    frames: Sequence[int],
    teller: Teller,
) -> dict[str, Any]:
    """Write what was asked for; return what there is to tell of the scene."""
    if arguments.out is not None:
        with whole_file(arguments.out / "report.json") as partial:
            partial.write_text(json.dumps(scene.report, indent=2), encoding="utf-8")
        with whole_file(arguments.out / "first_frame.ply") as partial:
            write_ply(partial, scene.at_loop_frame(0))
    if arguments.render is not None:
        _render_path(
            context,
            scene,
            request.camera_path,
            arguments.render,
            arguments.render_as,
            frames,
            teller,
        )
    for path in arguments.export:
        if is_page(path):
            written = [write_page(path, scene, request.camera_path.cameras)]
        else:
            written = export_scene(path, scene, frames, arguments.export_axes)
        _say(f"wrote {len(written)} file{'s' * (len(written) > 1)} as {path.name}")
    return {**_facts(scene.meta, scene.report), "frames": len(frames)}


def _context(arguments: argparse.Namespace, teller: Teller) -> Context:
    environment = Environment.read()
    own = environment.checkpoints
    checkpoints = Checkpoints(
        motion=arguments.motion_checkpoint or own.motion,
        animator=arguments.animator_checkpoint or own.animator,
    )
    return Context.make(
        cache_dir=_cache_dir(arguments),
        report=_scaled(teller, _scene_share(arguments)),
        environment=replace(environment, checkpoints=checkpoints),
    )


def _cache_dir(arguments: argparse.Namespace) -> Path:
    return Path(arguments.cache_dir or default_state_dir() / "cache")


def _scene_share(arguments: argparse.Namespace) -> float:
    return 1.0 if arguments.render is None else SCENE_SHARE


def _chosen_frames(path: CameraPath, chosen: str | None) -> list[int]:
    """Return the frames of ``path`` that ``chosen``, such as "1,24", names; all if it is None."""
    if chosen is None:
        return list(path.frames)
    wanted = {text.strip() for text in chosen.split(",")}
    unknown = wanted - {str(frame) for frame in path.frames}
    if unknown:
        raise LivescapeError(
            "settings_invalid",
            f"The camera path has no frame {', '.join(sorted(unknown))}.",
            hint=f"It has frames {path.frames[0]} to {path.frames[-1]}.",
        )
    return [frame for frame in path.frames if str(frame) in wanted]


def _render_path(
    context: Context,
    scene: LivingScene,
    path: CameraPath,
    folder: Path,
    kind: str,
    chosen: Sequence[int],
    teller: Teller,
) -> None:
    """Write the chosen frames and, if all of them are, the video."""

    def frames() -> Iterator[Pixels]:
        for frame, camera in zip(path.frames, path.cameras, strict=True):
            if frame not in chosen:
                continue
            view = render(scene.at_frame(frame), camera, scene.meta.blend, device=context.device)
            pixels = to_pixels(view.image)
            if kind == "exr":
                write_exr(folder / f"{frame:04d}.exr", view.light)
            else:
                write_png(folder / f"{frame:04d}.png", pixels)
            yield pixels
            done = chosen.index(frame) + 1
            share = SCENE_SHARE + (1.0 - SCENE_SHARE) * done / len(chosen)
            teller.progress("render", done, len(chosen), share)

    if len(chosen) == len(path):
        write_video(folder / "shot.mp4", frames(), path.fps)
    else:
        for _ in frames():
            pass


def _scaled(teller: Teller, share: float) -> Report:
    """Return what tells of a part of the work that is ``share`` of the whole."""

    def report(stage: str, step: int, total: int, fraction: float) -> None:
        if stage != "done":  # which is told when all is
            teller.progress(stage, step, total, fraction * share)

    return report


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
