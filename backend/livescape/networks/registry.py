"""Every downloadable model by name, with what a user should know before fetching it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Stage = Literal["depth", "inpainting"]

Commercial = Literal["yes", "no", "ask"]
"""Whether a licence allows commercial use; ``ask`` where it depends on what for."""


@dataclass(frozen=True)
class ModelCard:
    """One downloadable model.

    Attributes:
        name: Name of its folder and of the setting's value.
        title: Name its authors use.
        stage: What it is for.
        licence: SPDX expression of the weights, ``LicenseRef-...`` where SPDX has none.
        commercial: Whether the licence allows commercial use.
        download_bytes: Size of ``files`` together, rounded.
        source: Repository on the hub, ``owner/name``.
        files: What is fetched, as paths in the repository and below the model's folder. Weights
            are .safetensors or .onnx: neither runs code when it is opened.
        description: One line.
        revision: Commit or branch that is fetched.
        sha256: Known hashes of ``files``, by name.
    """

    name: str
    title: str
    stage: Stage
    licence: str
    commercial: Commercial
    download_bytes: int
    source: str
    files: tuple[str, ...]
    description: str
    revision: str = "main"
    sha256: Mapping[str, str] = field(default_factory=dict)


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
        commercial="yes",
        download_bytes=99_200_000,
        source="depth-anything/Depth-Anything-V2-Small-hf",
        files=_TRANSFORMERS_FILES,
        description="Relative depth from a small network; fast on a CPU.",
        revision="5426e4f0f36572d16453bbda7a8389317b1bef99",
        sha256={
            "config.json": "c56698d3643dde1f83ea2212759e6b31a22b8f827246a36dd007ee8a22b3ff75",
            "model.safetensors": "3152477ce0d8d6978d76b995120de97cb5b928701fd0f817769f59e249a16b70",
        },
    ),
    ModelCard(
        name="depth_anything_3",
        title="Depth Anything 3 Metric Large (ONNX)",
        stage="depth",
        licence="Apache-2.0",
        commercial="yes",
        download_bytes=1_340_000_000,
        source="Heliosoph/da3metric-large-onnx",
        files=("model.onnx",),
        description="Metric depth and sky in one; the best fit for landscapes.",
        revision="159aa982e543db46b672e196d3658f1d39a258b6",
        sha256={
            "model.onnx": "ba0fd3c613901450c60f29ca7be63512ff06d0b8cd1601a60f4918726ea1a9cb",
        },
    ),
    ModelCard(
        name="depth_pro",
        title="Depth Pro",
        stage="depth",
        licence="LicenseRef-Apple-AMLR",
        commercial="no",
        download_bytes=1_904_000_000,
        source="apple/DepthPro-hf",
        files=_TRANSFORMERS_FILES,
        description="Metric depth with the sharpest edges; slow. Read its licence: research only.",
        revision="de816c8ce7168afcb231f96d501d72b869d0beda",
        sha256={  # what the hub's page of the file says
            "model.safetensors": "9c6811e3165485b9a94a204329860cb333a79877e757eb795a179a4ea34bbcf7",
        },
    ),
    ModelCard(
        name="moge_2",
        title="MoGe-2 ViT-S (ONNX)",
        stage="depth",
        licence="MIT AND Apache-2.0",
        commercial="yes",
        download_bytes=140_900_000,
        source="Ruicheng/moge-2-vits-normal-onnx",
        files=("model.onnx",),
        description="Metric points with sharp edges and a mask that leaves out the sky; small.",
        revision="e50ffda41565591092adea54c6ac83d6212e1e23",
        sha256={
            "model.onnx": "24eacb5dc7a2c54c7bc98f7de085ffbed79ad006ea5b664c2c2cdc02ff3a52f0",
        },
    ),
    ModelCard(
        name="zoedepth",
        title="ZoeDepth NYU-KITTI",
        stage="depth",
        licence="MIT",
        commercial="yes",
        download_bytes=1_380_000_000,
        source="Intel/zoedepth-nyu-kitti",
        files=_TRANSFORMERS_FILES,
        description="The kind of depth network that the paper uses: metric, with soft edges.",
        revision="f364d4c7936e91f465abba182208dd68142bf0ca",
        sha256={
            "config.json": "58494c160c520023c4d5bdeebb3b2d035e37e48cc81225580f49fcb06e175913",
            "model.safetensors": "c5494fa0938f18d71e215e245472470c3aefebd7b434abd89750e5ae4008e2dc",
        },
    ),
    ModelCard(
        name="lama",
        title="LaMa Big (ONNX)",
        stage="inpainting",
        licence="Apache-2.0",
        commercial="yes",
        download_bytes=208_000_000,
        source="Carve/LaMa-ONNX",
        files=("lama_fp32.onnx",),
        description="Fills large holes in one pass; seconds on a CPU.",
        revision="c3c0c9e468934d62e79c329e35d82dd09ff8c444",
        sha256={
            "lama_fp32.onnx": "1faef5301d78db7dda502fe59966957ec4b79dd64e16f03ed96913c7a4eb68d6",
        },
    ),
    ModelCard(
        name="stable_diffusion",
        title="Stable Diffusion 1.5 Inpainting",
        stage="inpainting",
        licence="LicenseRef-CreativeML-OpenRAIL-M",
        commercial="ask",
        download_bytes=2_135_000_000,
        source="stable-diffusion-v1-5/stable-diffusion-inpainting",
        files=_DIFFUSERS_FILES,
        description="Invents detail in wide holes; needs a GPU. Its licence forbids some uses.",
        revision="8a4288a76071f7280aedbdb3253bdb9e9d5d84bb",
        sha256={
            "text_encoder/model.fp16.safetensors": (
                "77795e2023adcf39bc29a884661950380bd093cf0750a966d473d1718dc9ef4e"
            ),
            "tokenizer/merges.txt": (
                "9fd691f7c8039210e0fced15865466c65820d09b63988b0174bfe25de299051a"
            ),
            "tokenizer/vocab.json": (
                "e089ad92ba36837a0d31433e555c8f45fe601ab5c221d4f607ded32d9f7a4349"
            ),
            "unet/diffusion_pytorch_model.fp16.safetensors": (
                "24b788b4a777748377cc20364eea4ae113c8c42f4468c16bc8c02fdae5492af9"
            ),
            "vae/diffusion_pytorch_model.fp16.safetensors": (
                "4fbcf0ebe55a0984f5a5e00d8c4521d52359af7229bb4d81890039d2aa16dd7c"
            ),
        },
    ),
)

MODELS: Final[dict[str, ModelCard]] = {card.name: card for card in _CARDS}
"""Every card by name."""
