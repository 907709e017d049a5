"""Makes ``tests/data/vectors`` from the full set of conformance vectors; see README.md here.

``python -m tests.data.make_vectors ORIGINALS SLRSFS`` where ORIGINALS holds the full set and SLRSFS
a checkout of https://github.com/simon3dv/SLR-SFS at fa8d610.
"""

from __future__ import annotations

import importlib
import shutil
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tests.data.hash_fill import hash_fill
from torch import Tensor, nn

from livescape.networks.architectures.slrsfs import symmetric_softmax_splat
from livescape.networks.tensor_file import read_tensors

OUT = Path(__file__).with_name("vectors")
WHOLE = (
    "3dcine_motion_full_256_rule",
    "4dgs_deform_tiny",
    "mom_deform_tiny",
    "euler_integration",
    "hint_densify",
    "cameras",
)
"""Small enough to be kept value by value."""

LISTINGS = (
    "3dcine_feature_net",
    "3dcine_sceneflow_netG",
    "slrsfs_baseline2_motion2_joint_full",
    "slrsfs_motion2_inner",
    "slrsfs_motion2_standalone_full",
)
"""Names and shapes of what the authors' published files hold."""

STRIDE = 3
"""Of the postprocessed motion every third row and column is kept."""

LOOP, STEPS = 20, (0, 7, 19)
POWER_ITERATIONS = 20

# The options with which the authors trained and ran what they published.
_OPTIONS = {
    "refine_model_type": "resnet_256W8UpDown64_de_resnet_pconv2_nonorm",
    "ngf": 64,
    "norm_G": "sync:spectral_batch",
    "pconv": "pconv_pbn_woresbias",
    "bn_noise_misc": True,  # the noise is zero
}


def main() -> None:
    """Write every file anew."""
    originals, slrsfs = (Path(word) for word in sys.argv[1:])
    files = {path.stem: read_tensors(path) for path in originals.glob("*.safetensors")}
    for name in WHOLE:
        save(name, files[name])
    save("3dcine_motion_postprocess", postprocess(files))
    splat = files["scg_symmetric_splat"]
    save("scg_symmetric_splat", {key: splat[key] for key in splat if key != "flow64"})
    save("slrsfs_animate_rule", animator(files["slrsfs_animate_32"], slrsfs))
    keys = OUT / "checkpoint_keys"
    keys.mkdir(exist_ok=True)
    for name in LISTINGS:
        shutil.copyfile(originals / "checkpoint_keys" / f"{name}.txt", keys / f"{name}.txt")


def save(name: str, tensors: dict[str, Tensor]) -> None:
    """Write one file; the same tensors give the same bytes."""
    arrays: dict[str, Any] = {key: tensors[key].numpy() for key in sorted(tensors)}
    np.savez_compressed(OUT / f"{name}.npz", **arrays)


def postprocess(files: dict[str, dict[str, Tensor]]) -> dict[str, Tensor]:
    """Thin out the results; their inputs are those of the full-size network, bit by bit."""
    vectors, network = files["3dcine_motion_postprocess"], files["3dcine_motion_full_256_rule"]
    assert torch.equal(vectors["pred"], network["output"])
    assert torch.equal(vectors["mask"], network["mask"])
    results = vectors.keys() - {"pred", "mask"}
    return {key: vectors[key][..., ::STRIDE, ::STRIDE].contiguous() for key in results}


def animator(vectors: dict[str, Tensor], slrsfs: Path) -> dict[str, Tensor]:
    """Run the authors' encoder and decoder on the original's photo, with weights by the rule.

    Before that they are run with the original's own weights, and must give its own results.
    """
    network = authors_network(slrsfs)
    stored = {key[6:]: value for key, value in vectors.items() if key.startswith("state.")}
    network.load_state_dict(stored)
    before = animated(network, vectors)
    for key, value in before.items():
        assert (value - vectors[key]).abs().max() < 1e-6, key
    network.load_state_dict(
        {
            key: hash_fill(key, value.shape) if value.ndim > 1 else value
            for key, value in stored.items()
        }
    )
    converge(network)
    results = animated(network, vectors)
    assert all(value.std() > 0.05 for key, value in results.items() if key != "Z")
    results["features"] = results["features"][..., ::STRIDE, ::STRIDE].contiguous()
    state = {key: value for key, value in network.state_dict().items() if value.ndim == 1}
    kept = {key: vectors[key] for key in vectors if key in ("image", "motion") or "disp" in key}
    return kept | results | {f"state.{key}": value for key, value in state.items()}


def authors_network(slrsfs: Path) -> nn.ModuleDict:
    """Return the authors' modules, ready to run."""
    sys.path.insert(0, str(slrsfs))
    absent: Any = types.ModuleType("torchvision")  # imported there, not used by these modules
    absent.models = types.ModuleType("torchvision.models")
    sys.modules.setdefault("torchvision", absent)
    theirs = importlib.import_module("models.networks.architectures")

    class Options(dict):
        __getattr__ = dict.__getitem__

    options = Options(_OPTIONS)
    encoder = theirs.ResNetEncoder_with_Z(options, 3, 64)
    decoder = theirs.ResNetDecoderPconv2(options, 64, 3)
    return nn.ModuleDict({"encoder": encoder, "projector": decoder}).eval()


def converge(network: nn.Module) -> None:
    """Let ``weight_u`` and ``weight_v`` approach the singular vectors of the new weights."""
    for module in network.modules():
        for hook in module._forward_pre_hooks.values():
            if isinstance(hook, torch.nn.utils.spectral_norm.__globals__["SpectralNorm"]):
                hook.n_power_iterations = POWER_ITERATIONS
                hook.compute_weight(module, do_power_iteration=True)


@torch.inference_mode()
def animated(network: nn.ModuleDict, vectors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return features, importance Z and the pictures of the original's photo and motion.

    The authors' splatting runs on CUDA only; ours takes its place, as one did in the original.
    """
    features, importance = network["encoder"](vectors["image"])
    found = {"features": features, "Z": importance}
    for step in STEPS:
        there, back = vectors[f"disp_fwd_t{step}"][0], vectors[f"disp_bwd_t{step}"][0]
        carried = symmetric_softmax_splat(features[0], importance[0], there, back, step / LOOP)
        found[f"pred_t{step}"] = torch.tanh(network["projector"](carried[None]))
    return {key: value.clone() for key, value in found.items()}


if __name__ == "__main__":
    main()
