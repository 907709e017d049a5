"""Every downloadable model by name, with what a user should know before fetching it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Stage = Literal["depth", "inpainting"]


@dataclass(frozen=True)
class ModelCard:
    """One downloadable model.

    Attributes:
        name: Name of its folder and of the setting's value.
        title: Name its authors use.
        stage: What it is for.
        licence: SPDX expression of the weights, ``LicenseRef-...`` where SPDX has none.
        download_bytes: Size of ``files`` together, rounded.
        source: Repository on the hub, ``owner/name``.
        files: What is fetched, as paths in the repository and below the model's folder. Weights
            are .safetensors or .onnx: neither runs code when it is opened.
        description: One line.
        revision: Commit or branch that is fetched.
    """

    name: str
    title: str
    stage: Stage
    licence: str
    download_bytes: int
    source: str
    files: tuple[str, ...]
    description: str
    revision: str = "main"


_TRANSFORMERS_FILES: Final = ("config.json", "model.safetensors")

_DIFFUSERS_FILES: Final = (
    "model_index.json",
    "scheduler/scheduler_config.json",
    "text_encoder/config.json",
    "text_encoder/model.fp16.safetensors",
    "tokenizer/merges.txt",
    "tokenizer/special_tokens_map.json",
    "tokenizer/tokenizer_config.json",
    "tokenizer/vocab.json",
    "unet/config.json",
    "unet/diffusion_pytorch_model.fp16.safetensors",
    "vae/config.json",
    "vae/diffusion_pytorch_model.fp16.safetensors",
)

_CARDS: Final = (
    ModelCard(
        name="depth_anything_v2",
        title="Depth Anything V2 Small",
        stage="depth",
        licence="Apache-2.0",
        download_bytes=99_200_000,
        source="depth-anything/Depth-Anything-V2-Small-hf",
        files=_TRANSFORMERS_FILES,
        description="Relative depth from a small network; fast on a CPU.",
    ),
    ModelCard(
        name="depth_anything_3",
        title="Depth Anything 3 Metric Large (ONNX)",
        stage="depth",
        licence="Apache-2.0",
        download_bytes=1_340_000_000,
        source="Heliosoph/da3metric-large-onnx",
        files=("model.onnx",),
        description="Metric depth and sky in one; the best fit for landscapes.",
        revision="159aa982e543db46b672e196d3658f1d39a258b6",
    ),
    ModelCard(
        name="depth_pro",
        title="Depth Pro",
        stage="depth",
        licence="LicenseRef-Apple-AMLR",
        download_bytes=1_904_000_000,
        source="apple/DepthPro-hf",
        files=_TRANSFORMERS_FILES,
        description="Metric depth with the sharpest edges; slow. Read its licence: research only.",
    ),
    ModelCard(
        name="moge_2",
        title="MoGe-2 ViT-S (ONNX)",
        stage="depth",
        licence="MIT AND Apache-2.0",
        download_bytes=140_900_000,
        source="Ruicheng/moge-2-vits-normal-onnx",
        files=("model.onnx",),
        description="Metric points with sharp edges and a mask that leaves out the sky; small.",
        revision="e50ffda41565591092adea54c6ac83d6212e1e23",
    ),
    ModelCard(
        name="zoedepth",
        title="ZoeDepth NYU-KITTI",
        stage="depth",
        licence="MIT",
        download_bytes=1_380_000_000,
        source="Intel/zoedepth-nyu-kitti",
        files=_TRANSFORMERS_FILES,
        description="The kind of depth network that the paper uses: metric, with soft edges.",
    ),
    ModelCard(
        name="lama",
        title="LaMa Big (ONNX)",
        stage="inpainting",
        licence="Apache-2.0",
        download_bytes=208_000_000,
        source="Carve/LaMa-ONNX",
        files=("lama_fp32.onnx",),
        description="Fills large holes in one pass; seconds on a CPU.",
        revision="c3c0c9e468934d62e79c329e35d82dd09ff8c444",
    ),
    ModelCard(
        name="stable_diffusion",
        title="Stable Diffusion 1.5 Inpainting",
        stage="inpainting",
        licence="LicenseRef-CreativeML-OpenRAIL-M",
        download_bytes=2_135_000_000,
        source="stable-diffusion-v1-5/stable-diffusion-inpainting",
        files=_DIFFUSERS_FILES,
        description="Invents detail in wide holes; needs a GPU. Its licence forbids some uses.",
        revision="8a4288a76071f7280aedbdb3253bdb9e9d5d84bb",
    ),
)

MODELS: Final[dict[str, ModelCard]] = {card.name: card for card in _CARDS}
"""Every card by name."""
