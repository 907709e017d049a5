"""Light beyond white, from a photo of linear light into the scene, its frames and what is sent."""

import numpy as np
import pytest
from tests import highlights
from tests.pipeline.support import camera, npy, path, run

from livescape.commands.main import main
from livescape.deform.living_scene import scene_chunks
from livescape.evaluate.metrics import psnr
from livescape.gaussians.highlights import shows_highlights, with_highlights
from livescape.gaussians.render import render
from livescape.imaging.png import read_png
from livescape.output.blender_cache import BlenderCache
from livescape.stages.door import read_inputs
from livescape_shared.cache.manifest import read_manifest
from livescape_shared.cache.stored import read_moving, read_static
from livescape_shared.conventions import linear_to_srgb
from livescape_shared.gaussians import Gaussians
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import GenerateSettings

SMALL = GenerateSettings(
    working_size=highlights.WIDTH,
    gaussian_budget=12_000,
    views=2,
    fit_iterations=30,
    deform_iterations=2,
    loop="on",
    loop_frames=6,
    density="fixed",
)
TRUTH = highlights.landscape()
SKY = np.zeros((highlights.HEIGHT, highlights.WIDTH), np.uint8)
SKY[:60] = 1


def made(folder, light, files=(), **settings):
    photo = highlights.exr_bytes(folder / "photo.exr", light)
    asked = GenerateRequest(path(), SMALL.changed(**settings), photo, **dict(files))
    return run(asked, folder / "stages"), asked


def seen(scene, index=0):
    return render(scene.at_loop_frame(index), camera(), scene.meta.blend).light


def shown(light):
    return linear_to_srgb(np.clip(light, 0.0, 1.0).astype(np.float32))


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    return made(tmp_path_factory.mktemp("still"), TRUTH, motion="none")[0]


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory):
    """The same landscape as it would be without its highlights."""
    light = np.minimum(TRUTH, np.float32(1.0))
    return made(tmp_path_factory.mktemp("cut"), light, motion="none")[0]


@pytest.fixture(scope="module")
def moving(tmp_path_factory):
    """A scene whose sky moves, and the cache that Blender plays."""
    folder = tmp_path_factory.mktemp("moving")
    scene, asked = made(folder, TRUTH, {"mask": npy(SKY)})
    return scene, BlenderCache(folder / "shot.blend", "Sun", asked).write(scene)


def test_the_sun_is_as_bright_as_in_the_photo(still):
    image = seen(still)
    core, disc = highlights.within(-4.0), highlights.within(0.0)
    assert np.abs(image / TRUTH - 1.0)[core].mean() < 0.1
    assert image[disc].sum() == pytest.approx(TRUTH[disc].sum(), rel=0.15)


def test_what_is_darker_than_white_is_as_it_was_without_highlights(still, cut_off):
    beside = ~highlights.within(5.0)
    difference = np.abs(shown(seen(still)) - shown(seen(cut_off)))[beside]
    assert difference.mean() < 0.5 / 255.0
    assert difference.max() < 6.0 / 255.0
    assert psnr(shown(seen(still)), shown(TRUTH), beside) > 36.0


def test_a_photo_without_highlights_gives_colours_up_to_white(cut_off):
    assert cut_off.at_loop_frame(0).colors.max() <= 1.0
    assert seen(cut_off).max() < 1.01


def test_no_gaussian_is_brighter_than_what_the_photo_shows(still):
    brightest = linear_to_srgb(np.float32(1.25 * max(highlights.SUN) + 1.0))
    assert 2.0 < still.still.colors.max() <= brightest


def test_a_moving_sun_comes_back_in_the_loop(moving):
    scene, _ = moving
    assert (scene.moving.gaussians.colors > 2.0).any()
    core = highlights.within(-4.0)
    first, closing = seen(scene, 0), seen(scene, scene.meta.loop_frames)
    assert first[core].mean() > 10.0
    np.testing.assert_allclose(closing[core], first[core], rtol=0.02)


def test_highlights_reach_blender(moving):
    scene, cache = moving
    manifest = read_manifest(cache)
    copies = scene.moving.all_copies().gaussians
    np.testing.assert_array_equal(read_moving(cache, manifest).gaussians.colors, copies.colors)
    np.testing.assert_array_equal(read_static(cache, manifest).gaussians.colors, scene.still.colors)
    sent = {kind: arrays for kind, _, _, arrays in scene_chunks(scene)}
    np.testing.assert_array_equal(sent["moving"]["colors"], copies.colors)


@pytest.mark.parametrize(
    "changed", [{"blend": "srgb"}, {"density": "adaptive", "fit_iterations": 60}]
)
def test_every_way_of_fitting_keeps_them(tmp_path, changed):
    image = seen(made(tmp_path, TRUTH, motion="none", **changed)[0])
    disc = highlights.within(0.0)
    assert image[disc].sum() == pytest.approx(TRUTH[disc].sum(), rel=0.2)


def test_a_network_of_motion_keeps_them(tmp_path):
    scene, _ = made(tmp_path, TRUTH, {"mask": npy(SKY)}, deform="hexplane")
    assert seen(scene)[highlights.within(-4.0)].mean() > 10.0


def test_exposure_brightens_highlights_too(tmp_path, still):
    brighter = seen(made(tmp_path, TRUTH / 4.0, motion="none", exposure=2.0)[0])
    np.testing.assert_allclose(brighter, seen(still), rtol=0.01, atol=0.01)


def test_frames_are_written_with_their_highlights_or_cut_off(tmp_path):
    highlights.exr_bytes(tmp_path / "photo.exr", TRUTH)
    words = ["run", str(tmp_path / "photo.exr"), "--frames", "1", "--cache-dir",
             str(tmp_path / "cache"), "--render", str(tmp_path / "frames")]  # fmt: skip
    chosen = {"working_size": 160, "gaussian_budget": 12_000, "fit_iterations": 30, "views": 2,
              "deform_iterations": 0, "loop_frames": 6, "motion": "none"}  # fmt: skip
    words += [word for name, value in chosen.items() for word in ("--set", name, str(value))]
    assert main([*words, "--render-as", "exr"]) == 0
    assert main(words) == 0
    light = highlights.read_light(tmp_path / "frames" / "0001.exr")
    assert light[highlights.within(-4.0)].mean() > 15.0
    png = read_png(tmp_path / "frames" / "0001.png")
    np.testing.assert_allclose(png, shown(light), atol=1.0 / 255.0)


@pytest.mark.parametrize("working", [160, 80])
def test_highlights_lie_where_the_photo_is_white(tmp_path, working):
    framed = np.zeros((highlights.HEIGHT + 30, highlights.WIDTH, 3), np.float32)
    framed[15:-15] = TRUTH
    photo = highlights.exr_bytes(tmp_path / "photo.exr", framed)
    inputs = read_inputs(GenerateRequest(path(), SMALL.changed(working_size=working), photo))
    assert inputs.border
    assert inputs.highlights.shape == inputs.image.shape
    white = inputs.image.min(axis=-1) > 0.999
    np.testing.assert_allclose(inputs.highlights[white].max(axis=0), np.array(highlights.SUN) - 1.0)
    assert inputs.highlights[inputs.image.max(axis=-1) < 0.8].max() == 0.0


def test_a_bright_border_is_no_highlight(tmp_path):
    framed = np.full((highlights.HEIGHT + 30, highlights.WIDTH, 3), 3.0, np.float32)
    framed[15:-15] = np.minimum(TRUTH, np.float32(1.0))
    photo = highlights.exr_bytes(tmp_path / "photo.exr", framed)
    inputs = read_inputs(GenerateRequest(path(), SMALL, photo))
    assert inputs.border
    assert inputs.highlights is None


class TestLeastSquares:
    """Sheets before the camera, each as wide as a column of the picture."""

    image = np.full((8, 24, 3), 0.5, np.float32)

    def lit(self, gaussians, light, blend="linear"):
        view = camera(width=24, height=8)
        return with_highlights(gaussians, self.image, light, view, blend)

    def sheets(self, colors, depths=(2.0, 4.0)):
        count = len(colors)
        means = np.array([[0.0, depth, 1.7] for depth in depths[:count]], np.float32)
        return Gaussians(
            means, np.tile([1.0, 0, 0, 0], (count, 1)), np.full((count, 3), 9.0),
            np.full(count, 0.95), np.repeat(np.array(colors)[:, None], 3, axis=1),
        )  # fmt: skip

    @pytest.mark.parametrize("blend", ["linear", "srgb"])
    def test_what_is_white_is_as_bright_as_the_light(self, blend):
        light = np.full((8, 24, 3), 7.0, np.float32)
        self.image = np.ones_like(light)
        sheets = self.sheets([1.0])
        colors = self.lit(sheets, light, blend)
        bright = Gaussians(sheets.means, sheets.quats, sheets.scales, sheets.opacities, colors)
        found = render(bright, camera(width=24, height=8), blend).light
        np.testing.assert_allclose(found, 8.0, rtol=0.08)

    def test_what_is_darker_or_hidden_beside_it_is_returned_to_the_bit(self):
        light = np.zeros((8, 24, 3), np.float32)
        light[3:5, 10:14, 0] = 5.0
        sheets = self.sheets([0.6, 1.0])
        colors = self.lit(sheets, light)
        np.testing.assert_array_equal(colors[0], sheets.colors[0])
        np.testing.assert_array_equal(colors[:, 1:], sheets.colors[:, 1:])

    def test_which_gaussians_lie_where_it_is_bright(self):
        light = np.zeros((8, 24, 3), np.float32)
        light[3:5, 11:13] = 5.0
        told = shows_highlights(self.sheets([1.0, 0.5]), light, camera(width=24, height=8))
        assert told.tolist() == [True, False]
