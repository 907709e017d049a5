"""Opening a transformers model from its local folder, without network and without its code."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from livescape.context import Context
from livescape.networks.packages import require_package
from livescape.networks.registry import MODELS, ModelCard
from livescape.networks.store import model_path, model_unreadable

LOGGER = logging.getLogger(__name__)

# What the library raises on a damaged or unrelated folder, depending on what is wrong with it.
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError)


def load_torch_model(
    context: Context, name: str, class_name: str, model_type: str, *, attention: str = "eager"
) -> Any:
    """Return model ``name`` in evaluation mode, float32, on the compute device.

    Args:
        context: Provides the models and the device.
        name: A name in :data:`~livescape.networks.registry.MODELS`.
        class_name: Its class in transformers.
        model_type: What its config.json must call it.
        attention: ``eager``, or ``sdpa`` where the class has it, which needs less memory.

    Raises:
        LivescapeError: ``model_missing``, ``package_missing`` or ``model_unreadable``.
    """
    folder, card = model_path(context.models, name), MODELS[name]
    _check_config(folder, card, model_type)
    transformers = require_package("transformers")
    damage = (
        *_DAMAGE,
        require_package("safetensors").SafetensorError,
        require_package("huggingface_hub.errors").StrictDataclassError,
    )
    transformers.utils.logging.disable_progress_bar()
    try:
        model, found = context.progress.waiting(
            lambda: getattr(transformers, class_name).from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                # Named here, so that a config cannot name an implementation to be downloaded.
                attn_implementation=attention,
                dtype=torch.float32,
                output_loading_info=True,
            )
        )
    except damage as error:
        LOGGER.info("%s: %s", folder, error)
        raise model_unreadable(card, "its files are damaged or of a different network") from error
    if found["missing_keys"] or found["mismatched_keys"]:
        lacking = sorted(map(str, [*found["missing_keys"], *found["mismatched_keys"]]))
        raise model_unreadable(card, f"its weights lack {lacking[0]} ({len(lacking)} in all)")
    network: nn.Module = model.eval().to(context.device)
    return network


def inferred(model: Any, pixels: Tensor) -> Any:
    """Return what ``model`` makes of ``pixels`` [1, 3, h, w], without gradients."""
    with torch.inference_mode():
        return model(pixel_values=pixels.to(model.device))


def _check_config(folder: Path, card: ModelCard, model_type: str) -> None:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise model_unreadable(card, "its config.json cannot be read") from error
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind != model_type:
        raise model_unreadable(card, f"its folder holds a {kind} network, not a {model_type} one")
    if config.get("backbone") or config.get("use_pretrained_backbone"):
        raise model_unreadable(card, "its config asks for another download")
