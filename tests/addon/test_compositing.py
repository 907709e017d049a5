"""Gaussians composited with a sphere among them and a plane beneath, by both engines."""

import numpy as np
import pytest
from tests.addon import oracle, synthetic
from tests.addon.engines import ENGINES
from tests.addon.props import GLOW, SKY, sphere_depth

from livescape_shared.camera import Camera
from livescape_shared.conventions import linear_to_srgb, srgb_to_linear


class Shot:
    """What Blender rendered, and what the double-precision renderer says it should be."""

    def __init__(self, result, engine) -> None:
        self.engine, self.paths = engine, result["images"]
        self.camera = Camera.from_dict(result["camera"])
        self.gaussians = synthetic.scene().seen_at(10)
        self.surface = sphere_depth(self.camera)
        self.hit = np.isfinite(self.surface)

    def image(self, name):
        return np.load(self.paths[name])

    def blended(self, colors):
        return oracle.render_linear(self.gaussians, colors, self.camera, self.surface)

    def over_sphere(self, front, alpha):
        behind = (1.0 - alpha) * self.hit
        return front + behind[..., None] * np.array(GLOW)


@pytest.fixture(scope="module")
def shots(blender, tmp_path_factory):
    made = {}

    def of(engine):
        if engine not in made:
            folder = tmp_path_factory.mktemp(engine)
            made[engine] = Shot(blender.run("compositing.py", folder, engine=engine), engine)
        return made[engine]

    return of


@pytest.fixture(params=ENGINES)
def shot(request, shots):
    return shots(request.param)


def _display(values):
    return linear_to_srgb(np.clip(values, 0.0, 1.0).astype(np.float32))


def _assert_alike(shot, image, wanted):
    """Alike everywhere, and at the sphere, whose facets and silhouette cost some decibels."""
    inside = oracle.psnr(_display(image[shot.hit]), _display(wanted[shot.hit]))
    everywhere = oracle.psnr(_display(image), _display(wanted))
    assert everywhere >= 45.0, (everywhere, inside)
    assert inside >= 42.0, (everywhere, inside)


def test_a_sphere_hides_and_is_hidden(shot):
    front, alpha = shot.blended(srgb_to_linear(shot.gaussians.colors))
    image = shot.image("linear")
    _assert_alike(shot, image[..., :3], shot.over_sphere(front, alpha))
    assert oracle.psnr(image[..., 3], np.where(shot.hit, 1.0, alpha)) >= 45.0
    hidden, _ = oracle.render_linear(
        shot.gaussians, srgb_to_linear(shot.gaussians.colors), shot.camera
    )
    assert oracle.psnr(_display(front[shot.hit]), _display(hidden[shot.hit])) < 30.0


def test_a_holdout_cuts_a_hole_behind_the_nearer_gaussians(shot):
    front, alpha = shot.blended(srgb_to_linear(shot.gaussians.colors))
    image = shot.image("holdout")
    _assert_alike(shot, image[..., :3], front)
    assert oracle.psnr(image[..., 3], alpha) >= 45.0


def _blended_in_srgb(shot, sky=(0.0, 0.0, 0.0)):
    """The backend's blending of sRGB numbers, sphere and sky encoded too; linear."""
    front, alpha = shot.blended(shot.gaussians.colors)
    behind = np.where(shot.hit[..., None], np.array(GLOW), np.array(sky)).astype(np.float32)
    return srgb_to_linear(front + (1.0 - alpha)[..., None] * linear_to_srgb(behind)), alpha


def test_srgb_compositing_blends_as_trained(shot):
    wanted, alpha = _blended_in_srgb(shot)
    image = shot.image("srgb")
    _assert_alike(shot, image[..., :3], wanted)
    assert oracle.psnr(image[..., 3], np.where(shot.hit, 1.0, alpha)) >= 45.0
    assert oracle.psnr(_display(shot.image("linear")[..., :3]), _display(wanted)) < 30.0


def test_srgb_compositing_keeps_the_world(shot):
    wanted, _ = _blended_in_srgb(shot, SKY)
    image = shot.image("srgb before a sky")
    _assert_alike(shot, image[..., :3], wanted)
    assert np.allclose(image[..., 3], 1.0, atol=1e-3)


def test_depth_pass_is_the_expected_depth_in_metres(shot):
    *_, z = oracle.project(shot.gaussians, shot.camera)
    weighted, alpha = shot.blended(z[:, None])
    through = weighted[..., 0] + (1.0 - alpha) * np.where(shot.hit, shot.surface, 0.0)
    wanted = np.where(shot.hit, through, through / np.maximum(alpha, 1e-9))
    metres = shot.image("Metres")[..., 0]
    seen = shot.hit | (alpha > 0.01)
    error = np.abs(metres - 0.5 * wanted)[seen] / (0.5 * wanted[seen])
    assert np.median(error) <= 0.005
    assert np.quantile(error, 0.99) <= 0.01
    assert (metres[~shot.hit & (alpha == 0.0)] > 1e8).all()


def test_matte_of_the_depth_pass_is_the_coverage(shot):
    _, alpha = shot.blended(shot.gaussians.colors)
    assert oracle.psnr(shot.image("Matte")[..., 0], alpha) >= 45.0


def test_light_beneath_does_not_change(shot):
    left = (slice(None), slice(0, 30), slice(0, 3))  # beside the Gaussians, where shadows would be
    alone = shot.image("plane alone")[left]
    assert alone.max() > 0.5
    assert np.array_equal(shot.image("plane")[left], alone)
    assert np.abs(shot.image("plane shadowed")[left] - alone).max() > 0.05, "a blind test"


def test_cryptomatte_is_the_coverage(shots):
    shot = shots("CYCLES")
    _, alpha = shot.blended(shot.gaussians.colors)
    assert oracle.psnr(shot.image("cryptomatte Livescape")[..., 0], alpha) >= 45.0
    assert oracle.psnr(shot.image("cryptomatte Sphere")[..., 0], (1 - alpha) * shot.hit) >= 40.0


def test_object_index_is_that_of_the_first_half_opaque_hit(shots):
    shot = shots("CYCLES")
    _, alpha = shot.blended(shot.gaussians.colors)
    index = shot.image("index")[..., 0]
    assert set(np.unique(index)) == {0.0, 3.0, 7.0}
    # not of every pixel: the sphere is made of facets
    assert np.mean(index[shot.hit & (alpha < 0.4)] == 3.0) > 0.99
    assert np.mean(index[~shot.hit & (alpha < 0.4)] == 0.0) > 0.99


@pytest.fixture(scope="module")
def restored(blender, tmp_path_factory):
    return blender.run("compositing_restore.py", tmp_path_factory.mktemp("restore"))


def test_restoring_puts_everything_back(restored):
    for name, case in restored["cases"].items():
        assert case["after"] == case["before"], name
        assert case["during"] != case["before"], name


def test_everything_is_reported(restored):
    case = restored["cases"]["artist's nodes"]
    said = " ".join(case["said"])
    for words in (
        "1 object moved to collection Livescape Gaussians",
        "render.film_transparent: False to True",
        "view layer Livescape Depth added",
        "Blur Image: now from Livescape sRGB Image",
        "ViewLayer use: True to False",
    ):
        assert words in said
    assert ["Blur", False] in case["during"]["nodes"], "the artist's nodes stay"


def test_setting_up_again_changes_nothing_more(restored):
    for name, case in restored["cases"].items():
        assert sorted(case["again"]["layers"]) == sorted(case["during"]["layers"]), name
        assert case["again"]["collections"] == case["during"]["collections"], name


def test_refuses_with_a_reason(restored):
    assert restored["refusals"] == ["object_missing", "layer_is_ours", "object_outdated"]
