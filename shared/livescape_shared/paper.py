"""The paper's settings, each with where it is written: in the text, in the released code, or both.

Text: "Dynamic Scene Reconstruction from Single Landscape Image Using 4D Gaussian in the Wild".
Code: cvsp-lab/ICLR2025_3D-MOM. Where the two differ, the preset follows the text and the note
says what the code does; where the text gives no value, it follows the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Source = Literal["text and code", "text", "code", "neither"]


@dataclass(frozen=True)
class PaperSetting:
    """One setting of the paper.

    Attributes:
        value: What ``preset="paper"`` sets.
        source: Where it is written.
        note: What the other source says, or the reason for the value.
    """

    value: Any
    source: Source
    note: str


PAPER: dict[str, PaperSetting] = {
    "depth": PaperSetting("zoedepth", "text and code", "Used in metres as predicted"),
    "working_size": PaperSetting(512, "code", "Its intrinsics are only consistent at 512 x 512"),
    "view_set": PaperSetting("paper", "text", "105 views; the code has 25"),
    "inpainting": PaperSetting(
        "patchmatch", "neither", "The code leaves holes black and trains on them; these are filled"
    ),
    "gaussian_budget": PaperSetting(
        360_000, "code", "One Gaussian per pixel, densified up to this number"
    ),
    "density": PaperSetting(
        "adaptive", "code", "The code splits by gradient too; ours also merges similar Gaussians"
    ),
    "fit_iterations": PaperSetting(3_000, "code", "One view per step"),
    "blend": PaperSetting("srgb", "text and code", "Ordinary 3D Gaussian splatting"),
    "motion": PaperSetting(
        "network", "text and code", "Text: Holynski et al. as in SLR-SFS; code: 3D-Cinemagraphy"
    ),
    "solver": PaperSetting(
        "sgd",
        "text and code",
        "200 steps, rate 0.5, decayed by 0.97 per step; the code takes the mean over points",
    ),
    "speed": PaperSetting(
        1.0, "text", "The code multiplies the 3D motion by flow_scale, by default 2"
    ),
    "animator": PaperSetting("network", "text", "SLR-SFS; the code uses StyleCineGAN"),
    "animated_views": PaperSetting(
        "centre", "text and code", "Other views are shown at t = 0 only"
    ),
    "deform": PaperSetting(
        "drift", "code", "HexPlane and MLP in both; the code adds k times the motion after k frames"
    ),
    "deform_iterations": PaperSetting(20_000, "code", "One frame or view per step"),
    "loop": PaperSetting("on", "text and code", "The 2D animation that is trained on loops"),
    "loop_frames": PaperSetting(120, "code", "Number of frames in the animation"),
    "seed": PaperSetting(6666, "code", "Its hint widths are still random"),
}


def paper_values() -> dict[str, Any]:
    """Return the settings of ``preset="paper"``."""
    return {name: setting.value for name, setting in PAPER.items()}


def paper_record(used: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each of the paper's settings with its source and the value that was used instead.

    Args:
        used: Settings of a generation by name.
    """
    return {name: asdict(setting) | {"used": used[name]} for name, setting in PAPER.items()}


def follows_paper(used: Mapping[str, Any]) -> bool:
    """Return whether settings are the paper's method: its solver and its deformation."""
    return all(used[name] == PAPER[name].value for name in ("solver", "deform"))
