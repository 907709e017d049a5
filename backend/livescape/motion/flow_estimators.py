"""The 2D motion estimators and the one function that runs them by name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.imaging.sampling import resize
from livescape.motion.auto import Setting, auto_flow
from livescape.motion.hints import densify_by_region, densify_hints, without_hint
from livescape.motion.masks import same_aspect
from livescape.motion.network_flow import NETWORK_SIZE, estimate_with_network
from livescape.motion.project import HintedSurface, spread_on_surface
from livescape.networks.checkpoints import MOTION, required_checkpoint
from livescape_shared.annotation import Annotation
from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class MotionInputs:
    """All that an estimator may use.

    Attributes:
        image: [H, W, 3] photo in 0..1.
        mask: [H, W] in 0..1, what moves.
        setting: The place, for a guess.
        annotation: Hints drawn by the artist, of any image size.
        surface: The same hints in the world, and the surface that they are drawn on, if known.
        flow: [h, w, 2] flow of the user's file or clip, in pixels per frame of its own size.
    """

    image: NDArray[np.floating]
    mask: NDArray[np.floating]
    setting: Setting
    annotation: Annotation | None = None
    flow: NDArray[np.floating] | None = None
    surface: HintedSurface | None = None


def estimate_motion(
    context: Context,
    image: NDArray[np.floating],
    mask: NDArray[np.floating],
    *,
    method: str = "auto",
    setting: Setting | None = None,
    annotation: Annotation | None = None,
    flow: NDArray[np.floating] | None = None,
    surface: HintedSurface | None = None,
) -> Float32Array:
    """Estimate the Eulerian flow of a photo within a mask.

    Args:
        context: Provides the checkpoints and the device.
        image: [H, W, 3] in 0..1.
        mask: [H, W] in 0..1; empty means a static scene.
        method: A name in :data:`MOTION_ESTIMATORS`. ``auto`` takes the flow or the hints that
            were supplied before it guesses.
        setting: The place; if unknown, its horizon is the middle of the image.
        annotation: For ``hints``.
        flow: For ``file`` and ``video``.
        surface: For ``hints``: the same hints in the world, and the surface they are drawn on.

    Returns:
        [H, W, 2] pixels per frame of this image size, zero outside the mask.

    Raises:
        LivescapeError: ``motion_unknown``, ``hints_missing``, ``flow_missing``,
            ``clip_missing``, ``flow_size_mismatch``, ``flow_invalid``.
    """
    if image.shape[:2] != mask.shape:
        raise ValueError(f"image {image.shape} and mask {mask.shape} differ in size")
    if method not in MOTION_ESTIMATORS:
        known = ", ".join(MOTION_ESTIMATORS)
        message = f"There is no motion estimator {method!r}; choose one of {known}."
        raise LivescapeError("motion_unknown", message)
    if method == "auto":
        has_hints = annotation is not None and len(annotation.hints) > 0
        method = "file" if flow is not None else "hints" if has_hints else "auto"
    place = Setting(image.shape[0] / 2) if setting is None else setting
    inputs = MotionInputs(image, mask, place, annotation, flow, surface)
    LOGGER.info("2D motion by %r over %.1f %% of the photo", method, 100 * float(mask.mean()))
    return MOTION_ESTIMATORS[method](context, inputs)


def rescale_flow(flow: NDArray[np.floating], width: int, height: int) -> Float32Array:
    """Resize a flow [h, w, 2] and, with it, its values.

    Raises:
        LivescapeError: ``flow_size_mismatch`` if the aspect ratio differs.
    """
    if not same_aspect((flow.shape[1], flow.shape[0]), (width, height)):
        raise LivescapeError(
            "flow_size_mismatch",
            f"The flow is {flow.shape[1]} x {flow.shape[0]}, the photo {width} x {height}.",
            hint="Make the flow from the photo itself, without cropping.",
        )
    factor = np.array([width / flow.shape[1], height / flow.shape[0]], dtype=np.float32)
    return resize(flow, width, height) * factor


def _from_layout(context: Context, inputs: MotionInputs) -> Float32Array:
    return _guessed(context, inputs, inputs.mask)


def _guessed(context: Context, inputs: MotionInputs, mask: NDArray[np.floating]) -> Float32Array:
    """Return the flow that is guessed within a mask [H, W]."""
    setting = replace(inputs.setting, image=inputs.image)
    return auto_flow(mask, setting, context.progress.beat)


def _from_hints(context: Context, inputs: MotionInputs) -> Float32Array:
    """Spread the hints: on the surface that they are drawn on if it is known, else in the image."""
    if inputs.annotation is None or not len(inputs.annotation.hints):
        raise LivescapeError(
            "hints_missing",
            "Motion by hints needs at least one hint line.",
            hint="Draw a hint, or choose automatic motion.",
        )
    annotation, surface, mask = inputs.annotation, inputs.surface, inputs.mask

    def spread() -> Float32Array:
        if surface is not None:
            return spread_on_surface(surface, mask)
        height, width = mask.shape
        drawn = annotation.resized(width, height)
        return densify_by_region(drawn.starts, drawn.motions, mask)

    flow = context.progress.waiting(spread)  # hundreds of hints take a while
    if not inputs.annotation.guesses_rest:
        return flow
    sky = sky_of(inputs.setting.sky, inputs.setting.water)
    rest = without_hint(inputs.annotation, inputs.mask, sky)
    guess = _guessed(context, inputs, inputs.mask * rest)
    return np.where(rest[..., None], guess, flow).astype(np.float32)


def sky_of(
    sky: NDArray[np.floating] | None, water: NDArray[np.floating] | None
) -> NDArray[np.bool_] | None:
    """Return [H, W] what is rather sky than water, by their probabilities; None if not known."""
    return None if sky is None else np.asarray(sky > (0.5 if water is None else water))


def _from_file(_: Context, inputs: MotionInputs) -> Float32Array:
    if inputs.flow is None:
        raise LivescapeError(
            "flow_missing", "Motion from a file needs a flow file.", hint="Choose a .npy file."
        )
    if not np.isfinite(inputs.flow).all():
        message = "The flow has values that are not finite numbers."
        raise LivescapeError("flow_invalid", message, hint="Fill unknown pixels with zero.")
    height, width = inputs.mask.shape
    flow = rescale_flow(inputs.flow, width, height)
    return np.asarray(flow * inputs.mask[..., None], dtype=np.float32)


def _from_clip(context: Context, inputs: MotionInputs) -> Float32Array:
    """Return the flow that :mod:`livescape.motion.video` measured and aligned with the photo."""
    if inputs.flow is None:
        raise LivescapeError(
            "clip_missing",
            "Motion from a video needs a clip.",
            hint="Choose a short video of the place, or choose automatic motion.",
        )
    return _from_file(context, inputs)


def _from_network(context: Context, inputs: MotionInputs) -> Float32Array:
    """Run the motion network of the user's checkpoint.

    The network was trained with hints and does not work without them. If the artist drew none,
    the flow that the photo's layout suggests replaces them.
    """
    if not inputs.mask.any():  # a static scene needs no checkpoint
        return np.zeros((*inputs.mask.shape, 2), np.float32)
    checkpoint = required_checkpoint(context.checkpoints.motion, MOTION)
    if inputs.annotation is None or not len(inputs.annotation.hints):
        hints = _from_layout(context, inputs)
    else:
        height, width = inputs.mask.shape
        drawn = inputs.annotation.resized(width, height)
        hints = densify_hints(drawn.starts, drawn.motions, inputs.mask)
    return context.progress.waiting(
        lambda: estimate_with_network(
            inputs.image,
            inputs.mask,
            hints,
            checkpoint,
            size=NETWORK_SIZE,
            device=context.device,
        )
    )


def _still(_: Context, inputs: MotionInputs) -> Float32Array:
    return np.zeros((*inputs.mask.shape, 2), np.float32)


MOTION_ESTIMATORS: dict[str, Callable[[Context, MotionInputs], Float32Array]] = {
    "auto": _from_layout,
    "hints": _from_hints,
    "file": _from_file,
    "video": _from_clip,
    "network": _from_network,
    "none": _still,
}
"""Estimators by name; each maps :class:`MotionInputs` to a flow [H, W, 2] within the mask."""
