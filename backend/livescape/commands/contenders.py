"""Who takes part in ``livescape evaluate``, by name, and what each makes of a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from livescape.commands.asked import change_setting
from livescape.context import Context
from livescape.deform.living_scene import LivingScene
from livescape.evaluate.contenders import Contender, Known, Shown, UnmovedPhoto
from livescape.evaluate.harness import Make
from livescape.evaluate.layered import LayeredPhoto
from livescape.gaussians.render import render
from livescape.motion.per_view import photo_flow
from livescape.pipeline import living_scene
from livescape.stages import depth, door, layers, layout
from livescape.stages.motion import photo_motion
from livescape_shared.camera import Camera
from livescape_shared.errors import LivescapeError
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import PRESETS, GenerateSettings, preset_settings

BASELINES = ("photo", "layered")
OURS, PAPER = "ours", "paper"
CONTENDERS = (*BASELINES, OURS)
"""Those that take part unless others are named."""

KNOWN = (*CONTENDERS, *(f"{OURS}:{name}" for name in PRESETS), PAPER)
"""Names; a living scene's may go on with ``+SETTING=VALUE``, as ``ours+solver=none``."""

INPUTS = ("depth", "motion", "animator", "inpainting", "loop_frames")
"""Settings that say what all contenders share: whoever takes part, they are those of ``ours``."""

COVERED = 0.5


def contender_settings(
    names: Sequence[str], settings: GenerateSettings, changes: Sequence[tuple[str, str]]
) -> dict[str, GenerateSettings]:
    """Return the settings of every contender that makes a living scene.

    What a name changes itself comes last.

    Args:
        names: Contenders as :func:`chosen_contenders` gives them.
        settings: Of the preset chosen for ``ours``.
        changes: Settings and values; ``NAME`` for all, ``CONTENDER.NAME`` for one.

    Raises:
        LivescapeError: ``settings_invalid``.
    """
    for name, _ in changes:
        owner, dot, _ = name.rpartition(".")
        if dot and owner not in names:
            message = f"--set {name}: no contender {owner!r} takes part."
            hint = f"It is one of {', '.join(names)}."
            raise LivescapeError("settings_invalid", message, hint=hint)
    shared = [(name, value) for name, value in changes if "." not in name]
    base = _changed(settings, shared)
    found = {}
    for name in names:
        if name in BASELINES:
            continue
        kind, *parts = name.split("+")
        own = base
        if kind != OURS:
            preset = preset_settings(PAPER if kind == PAPER else kind.partition(":")[2])
            inputs = {key: value for key, value in base.to_dict().items() if key in INPUTS}
            own = _changed(preset.changed(**inputs), shared)
        prefix = f"{name}."
        private = [(n.removeprefix(prefix), v) for n, v in changes if n.startswith(prefix)]
        named = [(part.partition("=")[0], part.partition("=")[2]) for part in parts]
        found[name] = _changed(own, [*private, *named])
    return found


def chosen_contenders(text: str) -> list[str]:
    """Return the names in ``text``.

    Raises:
        LivescapeError: ``settings_invalid`` for one that is not known.
    """
    names = [name.strip() for name in text.split(",")]
    for name in names:
        kind, *parts = name.split("+")
        if kind not in KNOWN or (parts and kind in BASELINES):
            message = f"--contenders has no {name!r}."
            hint = f"Choose among {', '.join(KNOWN)}, or change one: {OURS}+solver=none."
            raise LivescapeError("settings_invalid", message, hint=hint)
    return names


def makers(
    context: Context, names: Sequence[str], living: dict[str, GenerateSettings]
) -> dict[str, Make]:
    """Return what makes each contender of a request.

    Args:
        context: Of the run.
        names: Contenders as :func:`chosen_contenders` gives them.
        living: Settings of those that make a living scene.
    """

    def photo(request: GenerateRequest) -> Contender:
        return UnmovedPhoto(door.read_inputs(request).image)

    def layered(request: GenerateRequest) -> Contender:
        path = request.camera_path
        settings = door.timed_settings(request.settings, path)
        return LayeredPhoto(
            context,
            known(context, request),
            path.cameras,
            settings.loop_frames,
            settings.inpainting,
            loops=settings.loop == "on",
        )

    def ours(settings: GenerateSettings) -> Make:
        def make(request: GenerateRequest) -> Contender:
            own = settings.changed(motion=request.settings.motion)
            if request.settings.loop == "on":
                own = own.changed(loop="on")
            return Ours(context, living_scene(context, replace(request, settings=own)))

        return make

    baselines: dict[str, Make] = {"photo": photo, "layered": layered}
    return {n: baselines[n] if n in baselines else ours(living[n]) for n in names}


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
    geometry = layers.run(context, inputs, found, depth.run(context, inputs, found))
    flow = np.zeros((*geometry.mask.shape, 2), np.float32)
    if geometry.mask.any():
        flow = photo_flow(context, photo_motion(inputs, geometry), inputs.camera)
    return Known(inputs.image, inputs.camera, geometry.depth.depth, geometry.mask, flow)


def _changed(settings: GenerateSettings, changes: Sequence[tuple[str, str]]) -> GenerateSettings:
    for name, value in changes:
        settings = change_setting(settings, name, value)
    return settings
