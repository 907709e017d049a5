"""The feature network and image decoder of 3D-Cinemagraphy, out of the file that holds both."""

from __future__ import annotations

from pathlib import Path

import torch

from livescape.motion.networks.cinemagraphy_decoder import ImageDecoder
from livescape.motion.networks.cinemagraphy_features import FeatureNetwork
from livescape.networks.tensor_file import read_tensors
from livescape.networks.weights import load_weights


def load_cinemagraphy(
    checkpoint: Path, device: str | torch.device = "cpu"
) -> tuple[FeatureNetwork, ImageDecoder]:
    """Return both networks of a file such as ``model_150000.pth``, ready to run.

    Raises:
        LivescapeError: ``checkpoint_mismatch``, ``checkpoint_unsafe``, ``checkpoint_unreadable``.
    """
    tensors = read_tensors(checkpoint)
    with torch.device("meta"):
        features, decoder = FeatureNetwork(), ImageDecoder()
    load_weights(features, tensors, ("feature_net.",))
    load_weights(decoder, tensors, ("img_decoder.",))
    for network in (features, decoder):
        network.eval().requires_grad_(False).to(device)
    return features, decoder
