"""Stable Diffusion 1.5 inpainting (Rombach et al., CVPR 2022) through diffusers, offline.

LucidDreamer, whose views the paper's code uses, fills with the same network. There is no text
prompt and guidance is off, so that only the picture around a hole decides.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from livescape.context import Context
from livescape.inpainting.tiles import fill_in_tiles
from livescape.networks.packages import require_package
from livescape.networks.registry import MODELS
from livescape.networks.store import model_path, model_unreadable

LOGGER = logging.getLogger(__name__)

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

NAME = "stable_diffusion"
STEPS = 25
SEED = 0

# What diffusers and transformers raise on a damaged or unrelated folder.
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError)


def fill_by_diffusion(
    context: Context, prepared: Float32Image, holes: Mask, excluded: Mask
) -> Float32Image:
    """Return ``prepared`` [H, W, 3] with ``holes`` filled; pixels in either mask are not used.

    Raises:
        LivescapeError: ``model_missing``, ``package_missing``, ``model_unreadable``.
    """
    pipeline = context.progress.waiting(lambda: _pipeline(context))
    side = int(pipeline.unet.config.sample_size * pipeline.vae_scale_factor)

    def network(image: Float32Image, unknown: Mask) -> Float32Image:
        if not unknown.any():
            return image
        painted = context.progress.waiting(
            lambda: pipeline(
                prompt="",
                image=image[None],
                mask_image=unknown[None, ..., None].astype(np.float32),
                height=side,
                width=side,
                num_inference_steps=STEPS,
                guidance_scale=1.0,
                generator=torch.Generator("cpu").manual_seed(SEED),
                output_type="np",
            ).images[0]
        )
        if not np.isfinite(painted).all():
            raise model_unreadable(MODELS[NAME], "its output has values that are not numbers")
        return np.asarray(np.clip(painted, 0.0, 1.0), dtype=np.float32)

    return fill_in_tiles(prepared, holes | excluded, holes, network, side, context.progress.step)


def _pipeline(context: Context) -> Any:
    """Return the network from its local folder; weights as safetensors only."""
    folder, card = model_path(context.models, NAME), MODELS[NAME]
    require_package("transformers")  # without it, the class in diffusers only raises an error
    diffusers = require_package("diffusers")
    damage = (*_DAMAGE, require_package("safetensors").SafetensorError)
    diffusers.utils.logging.disable_progress_bar()
    on_gpu = context.device == "cuda"
    try:
        pipeline = diffusers.StableDiffusionInpaintPipeline.from_pretrained(
            folder,
            variant="fp16",
            dtype=torch.float16 if on_gpu else torch.float32,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
            low_cpu_mem_usage=False,  # anything else needs a further package
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
        )
    except damage as error:
        LOGGER.info("%s: %s", folder, error)
        raise model_unreadable(card, "its files are damaged or of a different network") from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(context.device)
