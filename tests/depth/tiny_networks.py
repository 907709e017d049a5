"""Networks of the published architectures, tiny and with random weights, saved as published.

A random network's map is flat, so the relative one's last layer is stretched until it has relief.
"""

import json

import torch

from livescape.networks.pins import RECORD
from livescape.networks.registry import MODELS


def dino(size, **changes):
    """Configuration of a tiny DINOv2."""
    return {
        "model_type": "dinov2",
        "hidden_size": 16,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "mlp_ratio": 2,
        "image_size": size,
        **changes,
    }


def depth_anything(metric=False):
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation

    backbone = dino(70, patch_size=14, out_indices=[1, 2, 3, 4], reshape_hidden_states=False)
    kind = {"depth_estimation_type": "metric", "max_depth": 80} if metric else {}
    torch.manual_seed(1)
    model = DepthAnythingForDepthEstimation(
        DepthAnythingConfig(
            backbone_config=backbone,
            reassemble_hidden_size=16,
            neck_hidden_sizes=[8, 8, 16, 16],
            fusion_hidden_size=8,
            head_hidden_size=8,
            patch_size=14,
            **kind,
        )
    )
    return model if metric else stretched(model, model.head.conv3, (1, 3, 56, 84), 20.0)


def zoedepth():
    from transformers import BeitConfig, ZoeDepthConfig, ZoeDepthForDepthEstimation

    backbone = BeitConfig(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=64,
        patch_size=16,
        use_relative_position_bias=True,
        out_indices=[1, 2, 3, 4],
        reshape_hidden_states=False,
    )
    bins = [
        {"n_bins": 8, "min_depth": 0.001, "max_depth": end, "name": name}
        for name, end in (("nyu", 10.0), ("kitti", 80.0))
    ]
    torch.manual_seed(2)
    return ZoeDepthForDepthEstimation(
        ZoeDepthConfig(
            backbone_config=backbone,
            neck_hidden_sizes=[8, 8, 16, 16],
            fusion_hidden_size=8,
            bottleneck_features=8,
            num_relative_features=8,
            bin_configurations=bins,
            bin_embedding_dim=16,
            num_attractors=[4, 2, 2, 1],
            patch_transformer_hidden_size=128,
            patch_transformer_intermediate_size=32,
            num_patch_transformer_layers=4,
            patch_transformer_num_attention_heads=2,
        )
    )


def depth_pro():
    from transformers import DepthProConfig, DepthProForDepthEstimation

    part = dino(64, patch_size=16, out_indices=[1, 2])
    torch.manual_seed(3)
    return DepthProForDepthEstimation(
        DepthProConfig(
            fusion_hidden_size=8,
            patch_size=64,
            patch_model_config=part,
            image_model_config=part,
            fov_model_config=part,
            intermediate_feature_dims=[8, 8],
            intermediate_hook_ids=[2, 1],
            scaled_images_ratios=[0.25, 0.5, 1.0],
            scaled_images_overlap_ratios=[0.0, 0.5, 0.25],
            scaled_images_feature_dims=[16, 8, 8],
        )
    )


def stretched(model, layer, shape, spread):
    """Scale and shift the last convolution so that its map reaches from 1 to ``spread``."""
    kept = []
    hook = layer.register_forward_hook(lambda _, __, output: kept.append(output))
    with torch.inference_mode():
        model.eval()(pixel_values=torch.randn(shape))
    hook.remove()
    low, high = kept[0].min(), kept[0].max()
    factor = (spread - 1.0) / (high - low)
    with torch.no_grad():
        layer.weight.mul_(factor)
        layer.bias.sub_(low).mul_(factor).add_(1.0)
    return model


def save(model, folder, name):
    """Save ``model`` as the files that the card of ``name`` lists."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    model.save_pretrained(folder / name)
    assert {path.name for path in (folder / name).iterdir()} - {RECORD} == set(MODELS[name].files)
    return folder / name


def change_config(folder, **values):
    path = folder / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, **values}))
