"""The deformation models by name: from refined motion to moving Gaussians that can train.

``basis``
    Trajectories of their own, integrated from the refined motion and then trained on the
    animation.
``symmetric``
    The same trajectories, exactly as they were integrated: the 3D form of symmetric splatting.
    Only colours and opacities train.
``hexplane``
    The same copies, each on a straight base line; one HexPlane with a small decoder adds the
    residual for all of them (Eq. 8). It learns the integrated trajectories first, then the
    animation.
``drift``
    The released 3D-MOM code: one copy, k times the motion after k frames, and a HexPlane that has
    to correct it. The loop does not close; kept for comparison.
``auto``
    ``basis``, which scores 1.3 dB more on rendered truth than ``hexplane`` after as many steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from livescape.deform.basis import MovingField
from livescape.deform.distil import distil
from livescape.deform.hexplane_field import HexPlaneField, single_copy_field
from livescape.deform.trajectories import MotionGrid, extrapolated_field, moving_field
from livescape_shared.gaussians import Gaussians

DISTIL_STEPS = 400
"""Steps in which a HexPlane learns the trajectories, before it is trained on the animation."""


def resolve_deformation(name: str) -> str:
    """Return what ``auto`` stands for; any other name is itself."""
    return "basis" if name == "auto" else name


def distillation_steps(name: str) -> int:
    """Return the steps that :func:`initial_field` reports for the resolved model ``name``."""
    return DISTIL_STEPS if name == "hexplane" else 0


def initial_field(
    name: str,
    parts: Iterable[tuple[Gaussians, MotionGrid]],
    *,
    loop_frames: int,
    terms: int,
    seed: int,
    device: str,
    progress: Callable[[int, int], None] | None = None,
    most: int | None = None,
) -> MovingField | HexPlaneField:
    """Return moving Gaussians that follow the refined motion, not yet trained on any picture.

    Args:
        name: ``basis``, ``symmetric``, ``hexplane`` or ``drift``.
        parts: Sets of Gaussians, each with the 3D motion that it follows.
        loop_frames: Frames of a loop.
        terms: Basis functions of each trajectory.
        seed: Of the order in which a HexPlane learns.
        device: Where to compute, ``cpu`` or ``cuda``.
        progress: Called with (step, total) while a HexPlane learns; may raise to stop.
        most: Copies, if there may not be more; those that come in last are left out.
    """
    if name == "drift":
        lines = (extrapolated_field(own, grid, loop_frames, device=device) for own, grid in parts)
        return single_copy_field(MovingField.concatenate(*lines))
    total = distillation_steps(name)

    def proceed() -> None:
        if progress is not None:
            progress(0, total)

    fields = (
        moving_field(own, grid, loop_frames, terms, device=device, proceed=proceed)
        for own, grid in parts
    )
    basis = MovingField.concatenate(*fields)
    if most is not None:
        basis = basis.limited(most)
    if name == "hexplane":
        return distil(basis, steps=DISTIL_STEPS, seed=seed, device=device, progress=progress)
    return basis
