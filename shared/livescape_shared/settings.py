"""What a user may choose about a generation, and the named presets.

One source for the command line, the add-on's properties and the documentation.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from livescape_shared.errors import LivescapeError
from livescape_shared.paper import paper_values
from livescape_shared.values import WrongValue, integer, number

Blend = Literal["linear", "srgb"]
BLENDS = ("linear", "srgb")
DEPTHS = (
    "popup",
    "file",
    "depth_anything_v2",
    "depth_anything_3",
    "depth_pro",
    "moge_2",
    "zoedepth",
)
DENSITIES = ("adaptive", "fixed")
INPAINTINGS = ("patchmatch", "lama", "stable_diffusion")
VIEW_SETS = ("path", "released", "paper")
MOTIONS = ("auto", "hints", "file", "video", "network", "none")
MASKS = ("bright", "dark")
DEPTH_VALUES = ("auto", "metres", "millimetres", "inverse", "linear")
MOTION_OF_FILE = {"flow": "file", "clip": "video", "hints": "hints"}
"""The motion estimator that each file selects; the first file that is given decides."""

ANIMATORS = ("splat", "network")
ANIMATED_VIEWS = ("centre", "all")
SOLVERS = ("irls", "sgd", "none")
SHORTEST_LOOP, LONGEST_LOOP = 2, 10_000
LOOPS = ("auto", "on", "off")
LONGEST_SHOT = 250
"""Most frames of a camera path that ``loop="auto"`` takes for a shot that need not loop.

The cache of such a shot is about as large as that of a loop of 120 frames, which needs two copies.
"""

DEFORMS = ("auto", "basis", "symmetric", "hexplane", "drift")


@dataclass(frozen=True)
class GenerateSettings:
    """Settings of one generation.

    Attributes:
        working_size: Long side in pixels of the photo that the pipeline works on.
        gaussian_budget: Most Gaussians that the scene may have, including copies of moving ones. A
            cover of 16-pixel cells is always made, even if it needs more.
        views: Training views along and around the camera path, including the photo's.
        inpainting: What fills holes: ``patchmatch``, or the downloaded ``lama`` or
            ``stable_diffusion``.
        view_set: Training views: ``path``, or the 25 ``released`` or 105 ``paper`` cameras.
        view_margin: How far views stray from the path, as a fraction of its parallax extent.
        fit_iterations: Optimiser steps of the static 3D Gaussians.
        solver: Solver of the 3D motion refinement: ``irls``, which converges; ``sgd``, the paper's;
            or ``none``, which lifts the photo's own motion to 3D.
        density: Whether Gaussians are merged and split while they are fitted (``adaptive``) or not
            (``fixed``).
        deform: Deformation model of moving Gaussians: ``basis``, ``symmetric``, ``hexplane``,
            ``drift`` (as released), or ``auto``: ``basis``.
        deform_iterations: Optimiser steps of the 4D Gaussians; with none, which scores as well on
            rendered truth and looks sharper, they flow as the refined motion says.
        deform_terms: Basis functions of each moving Gaussian's trajectory.
        loop: Whether the motion repeats: ``on``, which plays for ever; ``off``, which plays the
            frames of the camera's path once and nothing is ever seen twice; or ``auto``: off for a
            path of at most 250 frames.
        loop_frames: Number of frames after which the motion repeats, where it loops.
        speed: Factor by which the estimated motion is multiplied.
        exposure: Stops by which a photo of linear light is brightened: OpenEXR, Radiance HDR,
            floating-point TIFF.
        depth: Depth estimator: ``popup`` (built in), ``file``, or a downloaded depth network.
        depth_values: What the numbers of a depth map mean: ``metres``, ``millimetres``,
            ``inverse`` (larger is nearer, as depth networks write it), ``linear`` (larger is
            farther, up to scale), or ``auto``: guessed from the photo, and said.
        motion: 2D motion estimator: ``auto``, ``hints``, ``file``, ``video`` (a clip), ``network``
            (a checkpoint on the server) or ``none``.
        mask: Which pixels of a motion mask move: the ``bright`` or the ``dark`` ones.
        animator: What animates a view in 2D: ``splat`` or ``network`` (a checkpoint on the server).
        animated_views: Views whose animation is trained on: ``centre``, the photo's, or ``all``.
        blend: Colour space in which Gaussians are blended: ``linear``, as Blender blends, or
            ``srgb``, as 3D Gaussian splatting does.
        seed: Seed for all random choices.
    """

    working_size: int = 640
    gaussian_budget: int = 120_000
    views: int = 9
    inpainting: str = "patchmatch"
    view_set: str = "path"
    view_margin: float = 0.15
    fit_iterations: int = 110
    solver: str = "irls"
    density: str = "adaptive"
    deform: str = "auto"
    deform_iterations: int = 0
    deform_terms: int = 8
    loop: str = "auto"
    loop_frames: int = 96
    speed: float = 1.0
    exposure: float = 0.0
    depth: str = "popup"
    depth_values: str = "auto"
    motion: str = "auto"
    mask: str = "bright"
    animator: str = "splat"
    animated_views: str = "centre"
    blend: Blend = "linear"
    seed: int = 0

    def __post_init__(self) -> None:
        """Check kinds and ranges.

        Raises:
            LivescapeError: ``settings_invalid``; the sentence names the field.
        """
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            try:
                if isinstance(low, int):
                    integer(value, low, int(high))
                else:
                    object.__setattr__(self, name, number(value, low, high))
            except WrongValue as error:
                raise LivescapeError("settings_invalid", f"{name} is {error}.") from error
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                message = f"{name} is {reprlib.repr(value)}; choose one of {', '.join(choices)}."
                raise LivescapeError("settings_invalid", message)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> GenerateSettings:
        """Rebuild settings; unknown fields are ignored, missing ones take their default."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in values.items() if key in known})

    def changed(self, **values: Any) -> GenerateSettings:
        """Return a copy with ``values`` replaced."""
        return replace(self, **values)


RANGES: dict[str, tuple[int, int] | tuple[float, float]] = {
    "working_size": (64, 4096),
    "gaussian_budget": (1_000, 4_000_000),
    "views": (1, 200),
    "view_margin": (0.0, 2.0),
    "fit_iterations": (0, 100_000),
    "deform_iterations": (0, 100_000),
    "deform_terms": (2, 32),
    "loop_frames": (SHORTEST_LOOP, LONGEST_LOOP),
    "speed": (0.0, 100.0),
    "exposure": (-20.0, 20.0),
    "seed": (0, 2**31 - 1),
}
"""Smallest and largest value of every numeric setting; integers where it must be whole."""

CHOICES = {
    "blend": BLENDS,
    "depth": DEPTHS,
    "depth_values": DEPTH_VALUES,
    "motion": MOTIONS,
    "mask": MASKS,
    "animator": ANIMATORS,
    "animated_views": ANIMATED_VIEWS,
    "solver": SOLVERS,
    "deform": DEFORMS,
    "loop": LOOPS,
    "density": DENSITIES,
    "inpainting": INPAINTINGS,
    "view_set": VIEW_SETS,
}
"""Values of every setting that is chosen by name."""


@dataclass(frozen=True)
class Preset:
    """A named set of settings with the line that explains it."""

    settings: GenerateSettings
    description: str


PRESETS: dict[str, Preset] = {
    "draft": Preset(
        GenerateSettings(
            working_size=480,
            gaussian_budget=70_000,
            views=7,
            fit_iterations=90,
            loop_frames=48,
        ),
        "A first look within a minute or two on a laptop",
    ),
    "preview": Preset(GenerateSettings(), "Good enough to check camera and motion"),
    "final": Preset(
        GenerateSettings(
            working_size=1280,
            gaussian_budget=600_000,
            views=25,
            fit_iterations=540,
            deform_terms=12,
            loop_frames=120,
        ),
        "For the rendered shot; best on a CUDA machine",
    ),
    "paper": Preset(
        GenerateSettings(**paper_values()),
        "The 3D-MRM paper's own settings; needs its networks, a CUDA machine and a lot of time",
    ),
}


def preset_settings(name: str) -> GenerateSettings:
    """Return the settings of preset ``name``.

    Raises:
        LivescapeError: ``settings_invalid`` if there is no such preset.
    """
    if name not in PRESETS:
        message = f"There is no preset {name!r}; choose one of {', '.join(PRESETS)}."
        raise LivescapeError("settings_invalid", message)
    return PRESETS[name].settings


def loops(settings: GenerateSettings, passed: int) -> bool:
    """Return whether the motion repeats, over a camera path on which ``passed`` frames pass."""
    return settings.loop == "on" or (settings.loop == "auto" and not 0 < passed < LONGEST_SHOT)


def frames_of_motion(settings: GenerateSettings, passed: int) -> int:
    """Return the frames over which things move: those of the loop or, without one, of the shot."""
    return settings.loop_frames if loops(settings, passed) else max(passed, SHORTEST_LOOP)
