"""Stable Diffusion's way through diffusers, with a tiny untrained network in its place."""

import json
import shutil
import sys

import numpy as np
import pytest
from tests.contexts import here
from tests.points.support import texture

from livescape.inpainting import stable_diffusion as module
from livescape.inpainting.fill import inpaint
from livescape.networks.registry import MODELS
from livescape_shared.errors import LivescapeError

pytestmark = pytest.mark.usefixtures("own_networks")

SIDE = 16
WORDS = ["<|startoftext|>", "<|endoftext|>", "!", "!</w>"]


def save_tiny_pipeline(folder):
    """Write the files of the model's card with random weights: 16 x 16 pixels, 8 x 8 latents."""
    diffusers = pytest.importorskip("diffusers")
    transformers = pytest.importorskip("transformers")
    unet = diffusers.UNet2DConditionModel(
        sample_size=8, in_channels=9, out_channels=4, block_out_channels=(8, 8),
        layers_per_block=1, norm_num_groups=2, cross_attention_dim=8, attention_head_dim=2,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(4, 4), norm_num_groups=2, layers_per_block=1, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )  # fmt: skip
    text = transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            vocab_size=len(WORDS), hidden_size=8, intermediate_size=8, num_hidden_layers=1,
            num_attention_heads=2, max_position_embeddings=77, bos_token_id=0, eos_token_id=1,
        )
    )  # fmt: skip
    scheduler = diffusers.DDIMScheduler(clip_sample=False, steps_offset=1)
    words = folder / "tokenizer"
    write_words(words)
    tokenizer = transformers.CLIPTokenizer.from_pretrained(words)
    pipeline = diffusers.StableDiffusionInpaintPipeline(
        vae, text, tokenizer, unet, scheduler, None, None, requires_safety_checker=False
    )
    pipeline.save_pretrained(folder, safe_serialization=True, variant="fp16")
    shutil.rmtree(words)
    write_words(words)


def write_words(folder):
    """Write a tokenizer's files as the model has them, older than today's library's."""
    folder.mkdir(parents=True)
    start, end = WORDS[:2]
    special = {"bos_token": start, "eos_token": end, "pad_token": end, "unk_token": end}
    kind = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77}
    for name, values in {
        "vocab.json": {word: number for number, word in enumerate(WORDS)},
        "special_tokens_map.json": special,
        "tokenizer_config.json": kind | special,
    }.items():
        (folder / name).write_text(json.dumps(values))
    (folder / "merges.txt").write_text("#version: 0.2\n")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    save_tiny_pipeline(folder / module.NAME)
    return folder


@pytest.fixture
def models(store, monkeypatch):
    monkeypatch.setenv("LIVESCAPE_MODELS", str(store))
    monkeypatch.setattr(module, "STEPS", 2)


def scene(height=14, width=16):
    image = texture(height, width)
    holes = np.zeros((height, width), bool)
    holes[4:10, 6:12] = True
    return image, holes


def test_only_holes_are_painted_and_twice_the_same(models):
    image, holes = scene()
    filled = inpaint(here(), image, holes, method="stable_diffusion")
    np.testing.assert_array_equal(filled[~holes], image[~holes])
    assert np.isfinite(filled).all()
    assert filled.min() >= 0.0
    assert filled.max() <= 1.0
    assert filled[holes].std() > 0.0
    np.testing.assert_array_equal(inpaint(here(), image, holes, method="stable_diffusion"), filled)


def test_what_it_paints_depends_on_the_sources_alone(models):
    """Neither the object's colour nor what the holes held reaches the network."""
    image, holes = scene()
    sources = ~holes
    sources[:, :6] = False
    other = np.where(sources[..., None], image, [1.0, 0.0, 0.0]).astype(np.float32)
    first, second = (
        inpaint(here(), picture, holes, sources, method="stable_diffusion")
        for picture in (image, other)
    )
    np.testing.assert_array_equal(first[holes], second[holes])


def refused():
    image, holes = scene()
    with pytest.raises(LivescapeError) as caught:
        inpaint(here(), image, holes, method="stable_diffusion")
    return caught.value


def test_it_must_be_fetched_first(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVESCAPE_MODELS", str(tmp_path))
    error = refused()
    assert error.code == "model_missing"
    assert "OpenRAIL" in error.message
    assert "2.1" in error.message  # GB


def test_without_diffusers_the_package_is_named(tmp_path, monkeypatch):
    for file in MODELS[module.NAME].files:
        path = tmp_path / module.NAME / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setenv("LIVESCAPE_MODELS", str(tmp_path))
    monkeypatch.setitem(sys.modules, "diffusers", None)
    assert refused().code == "package_missing"


def test_damaged_files_are_said_in_words(models, store, tmp_path, monkeypatch):
    for file in MODELS[module.NAME].files:
        path = tmp_path / module.NAME / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((store / module.NAME / file).read_bytes())
    weights = tmp_path / module.NAME / "unet" / "diffusion_pytorch_model.fp16.safetensors"
    weights.write_bytes(b"no weights")
    monkeypatch.setenv("LIVESCAPE_MODELS", str(tmp_path))
    assert refused().code == "model_unreadable"
