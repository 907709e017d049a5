"""``motion="video"``: a clip of the place makes the photo move, from the request to the scene."""

import json

import cv2
import numpy as np
import pytest
from tests.contexts import here
from tests.motion.clips import RIVER_FPS, RIVER_TOP, advected, gif, river, river_flow
from tests.pipeline.support import HEIGHT, WIDTH, png, request, run

from livescape.cameras.projection import project_points
from livescape.commands.main import main
from livescape.imaging.png import write_png
from livescape.imaging.video import decode_clip
from livescape.stages import depth, layout
from livescape.stages.door import read_inputs
from livescape.stages.layers import known_to_stand, measured_clip, motion_mask
from livescape_shared.errors import LivescapeError

QUICK = {"fit_iterations": 1, "deform_iterations": 0, "views": 1, "gaussian_budget": 2000}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def test_photographed_water_flows_as_in_its_clip(cache):
    data = river()
    clip = decode_clip(data)
    photo = png(cv2.resize(clip.frames[0][..., ::-1], (WIDTH, 120), interpolation=cv2.INTER_AREA))
    scene = run(request(photo=photo, files={"clip": data}, motion="video", **QUICK), cache)
    view = read_inputs(request(photo=photo)).camera
    places = [project_points(scene.moving.means_at(t), view)[0] for t in (0.0, 1 / 8)]
    shift = places[1] - places[0]
    assert scene.meta.moving > 100
    flow, _ = river_flow()
    height, width = flow.shape[:2]
    row = places[0][:, 1] * height / view.height
    inside = (row > RIVER_TOP + 30) & (row < height - 20)
    expected = flow[row[inside].astype(int), 0, 0] * view.width / width * RIVER_FPS / 24
    assert np.median(shift[inside, 0] / expected) == pytest.approx(1.0, abs=0.2)
    assert row.min() > RIVER_TOP - 12  # the temple stands


@pytest.fixture(scope="module")
def clip():
    """The right half flows down at 1 pixel a frame, 12 frames a second, on twice the photo."""
    flow = np.zeros((2 * HEIGHT, 2 * WIDTH, 2), np.float32) + np.array([0, 1], np.float32)
    right = np.arange(2 * WIDTH) > WIDTH
    return gif(advected(flow, 6, np.broadcast_to(right, flow.shape[:2])), pause_ms=1000 / 12.5)


def on_photo(asked, folder):
    context, inputs = here(folder), read_inputs(asked)
    found = layout.run(context, inputs)
    return measured_clip(context, inputs, found, depth.run(context, inputs, found))


def test_speed_follows_size_and_frame_rate(clip, cache):
    found = on_photo(request(files={"clip": clip}, motion="video"), cache)
    inside = found.flow[10:-10, 80:-10]
    expected = 1.0 * 128 / (2 * WIDTH) * 12.5 / 24
    np.testing.assert_allclose(np.median(inside, axis=(0, 1)), [0, expected], atol=0.1 * expected)


def test_its_mask_is_used_unless_the_user_gives_one(clip, cache):
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:, :40] = 255
    bare = request(files={"clip": clip}, motion="video")
    own = request(files={"clip": clip, "mask": png(mask)}, motion="video")
    masks = [motion_mask(read_inputs(a), None, on_photo(a, cache)) for a in (bare, own)]
    assert (masks[0][:, 75:].mean() > 0.9, masks[0][:, :55].max()) == (True, 0.0)
    assert (masks[1][:, :30].min() == 1.0, masks[1][:, 35:].max()) == (True, 0.0)


@pytest.mark.parametrize("motion", ["hints", "none", "network"])
def test_a_clip_that_nobody_asked_for_is_not_measured(clip, cache, motion):
    assert on_photo(request(files={"clip": clip}, motion=motion), cache) is None
    assert on_photo(request(motion="video"), cache) is None


def test_a_clip_in_which_nothing_moves_is_a_still_scene(cache):
    flow = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    frames = advected(flow, 4)
    frames[1::2, :3, :3] += 1  # equal frames would be written as one
    files = {"clip": gif(frames)}
    scene = run(request(files=files, motion="video", **QUICK), cache)
    assert scene.meta.moving == 0


def test_errors_name_their_stage(cache):
    for files, code, stage in (({"clip": b"none"}, "clip_unreadable", "photo"),
                               ({}, "clip_missing", "motion")):  # fmt: skip
        with pytest.raises(LivescapeError) as caught:
            run(request(files=files, motion="video", **QUICK), cache)
        assert (caught.value.code, caught.value.stage) == (code, stage)


def test_the_command_line_takes_a_clip(clip, tmp_path):
    (tmp_path / "clip.gif").write_bytes(clip)
    noise = np.random.default_rng(0).integers(60, 120, (72, 96, 3), np.uint8)
    write_png(tmp_path / "photo.png", noise)
    settings = {"working_size": 96, "gaussian_budget": 2000, "fit_iterations": 1, "views": 1,
                "deform_iterations": 0, "loop_frames": 4}  # fmt: skip
    words = [word for item in settings.items() for word in ("--set", *map(str, item))]
    command = ["run", str(tmp_path / "photo.png"), *words, "--clip", str(tmp_path / "clip.gif"),
               "--out", str(tmp_path / "out"), "--cache-dir", str(tmp_path / "cache")]  # fmt: skip
    assert main(command) == 0
    report = (tmp_path / "out" / "report.json").read_text()
    assert '"motion": "video"' in report
    assert '"gaussians_moving": 0' not in report


@pytest.mark.parametrize(("label", "stands"), [("motion", False), ("still", True)])
def test_what_masks_of_a_drawing_say_is_known_of_the_clip(label, stands, cache):
    drawing = {
        "images": [{"width": WIDTH, "height": HEIGHT}],
        "categories": [{"id": 1, "name": label}],
        "annotations": [
            {
                "category_id": 1,
                "segmentation": {"size": [HEIGHT, WIDTH], "counts": [0, HEIGHT * WIDTH]},
            }
        ],
    }
    inputs = read_inputs(request(files={"hints": json.dumps(drawing).encode()}, motion="video"))
    found = layout.run(here(cache), inputs)
    assert (known_to_stand(inputs, found) == stands).all()
