"""What a generation is said to take, against caches that were written.

What it is said to take of memory is compared with a real run in ``tests/addon/test_own_server.py``.
"""

import pytest
from tests.addon import synthetic

from livescape_shared.cache.writer import CacheWriter
from livescape_shared.estimate import COARSE_GAUSSIANS, estimate
from livescape_shared.settings import LONGEST_SHOT, SHORTEST_LOOP, GenerateSettings, preset_settings

PHOTO = (1500, 1000)


def written(folder, scene):
    """Return the bytes of the cache of a scene."""
    writer = CacheWriter(folder, "Livescape", {})
    writer.begin(scene.meta)
    writer.static(scene.static)
    writer.moving(scene.moving)
    for frame in scene.frames():
        writer.frame(frame)
    writer.finish()
    return sum(path.stat().st_size for path in writer.folder.iterdir())


def said(passed=0, *, previews=False, **settings):
    return estimate(GenerateSettings(**settings), PHOTO, passed, previews=previews)


@pytest.mark.parametrize("deform", ["basis", "hexplane"])
@pytest.mark.parametrize(("static", "pairs"), [(10_000, 10_000), (25_000, 2_500), (0, 15_000)])
def test_a_cache_takes_no_more_disk_and_not_much_less(tmp_path, static, pairs, deform):
    rows = static + 2 * pairs
    scene = synthetic.scene(static, pairs, 24, deforms=deform == "hexplane")
    size = written(tmp_path, scene)
    wanted = said(gaussian_budget=rows, loop="on", loop_frames=24, deform=deform).disk
    share = 2 * pairs / rows
    assert size <= wanted
    assert wanted <= 3.0 * size / share


def test_a_scene_in_which_nothing_moves_needs_no_frames(tmp_path):
    size = written(tmp_path, synthetic.scene(30_000, 0, 24))
    wanted = said(gaussian_budget=30_000, motion="none", loop_frames=24).disk
    assert size <= wanted <= 4.0 * size


def test_frames_are_those_of_the_loop_or_of_the_shot():
    loop = said(loop="on", loop_frames=48).disk
    assert said(47, loop="auto", loop_frames=48).disk < loop, "a shot of 47 frames"
    assert said(0, loop="auto", loop_frames=48).disk == loop
    assert said(LONGEST_SHOT, loop="auto", loop_frames=48).disk == loop
    assert said(1000, loop="off", loop_frames=48).disk > 10 * loop
    shortest = said(SHORTEST_LOOP, loop="off").disk
    assert said(0, loop="off").disk == said(1, loop="auto").disk == shortest


def test_what_is_shown_on_the_way_counts():
    without, with_it = said(), said(previews=True, deform_iterations=40)
    assert with_it.disk > 2 * without.disk
    assert without.disk < said(previews=True).disk < 2 * without.disk
    few = said(gaussian_budget=3000, previews=True).disk
    assert few > COARSE_GAUSSIANS * 12 * 96
    assert with_it.memory == without.memory


@pytest.mark.parametrize(
    ("preset", "measured_mb"), [("draft", 876), ("preview", 1192), ("final", 3257)]
)
def test_memory_of_the_presets_is_near_what_was_measured(preset, measured_mb):
    """The measured ones are of ``make bench NAME=pipeline`` with a photo of 4 to 3."""
    size = {"final": (1024, 768)}.get(preset, (2000, 1500))
    memory = estimate(preset_settings(preset), size, 60, previews=True).memory
    assert 0.8 < memory / 2**20 / measured_mb < 1.25


def test_a_photo_of_many_pixels_counts_while_it_is_read():
    few = estimate(GenerateSettings(), (6000, 4000), 0, previews=False)
    many = estimate(GenerateSettings(), (12_000, 9000), 0, previews=False)
    assert few.memory == pytest.approx(said().memory, rel=0.01)
    assert many.memory > 360e6 + 18 * 12_000 * 9000 - 1


def test_a_photo_with_light_beyond_white_takes_more_while_it_is_read():
    """Measured: 30.7 bytes for each pixel of a Radiance file of 12 megapixels."""
    many = estimate(GenerateSettings(), (12_000, 9000), 0, previews=False, light=True)
    assert many.memory == pytest.approx(360e6 + 31 * 12_000 * 9000)
