"""What a run says of its own frames: how much is invented, how much is empty, and from when on."""

import json

import numpy as np
from tests.points.support import camera, copied, everywhere, layer, layered, turned

from livescape.deform.living_scene import LivingScene
from livescape.evaluate.coverage import coverage, sentence
from livescape.points.assemble import assemble
from livescape.points.cloud import point_cloud
from livescape_shared.scene import SceneMeta

WIDTH, HEIGHT, MARGIN = 160, 120, 40
GRID = camera(WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN, 150.0)
PHOTO = layered(
    layer(np.full((HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN), 5.0)), view=GRID, margin=MARGIN
)


class Nothing:
    """No moving Gaussians."""

    def __len__(self):
        return 0


def figures(path):
    still = assemble(PHOTO, everywhere(PHOTO), copied(PHOTO), 20_000)[0].gaussians
    meta = SceneMeta(
        static=len(still),
        moving=0,
        loop_frames=10,
        loop=True,
        fade=0.1,
        start_frame=7,
        fps=24.0,
        blend="linear",
    )
    scene = LivingScene(still, Nothing(), json.dumps(meta.to_dict()), "{}")
    return coverage(scene, point_cloud(PHOTO), path, 7)


def aside(pixels):
    return camera(WIDTH, HEIGHT, 150.0, turned(position=(pixels * 5.0 / 150.0, 0, 0)))


def test_every_frame_tells_its_share_of_invented_and_of_empty_pixels():
    found = figures([aside(0), aside(20), aside(40), aside(80)])
    np.testing.assert_allclose(found["invented_percent"], [0, 12.5, 25, 25], atol=2.0)
    np.testing.assert_allclose(found["uncovered_percent"], [0, 0, 0, 25], atol=2.0)
    assert found["uncovered_from_frame"] == 10
    assert "From frame 10 on" in found["coverage"]


def test_a_path_within_the_scene_says_no_more_than_what_is_invented():
    found = figures([aside(0), aside(20)])
    assert found["uncovered_from_frame"] is None
    assert found["coverage"].startswith("Up to 1")
    assert "beyond" not in found["coverage"]


def test_the_sentence_names_the_worst_frames():
    text = sentence([1.0, 30.4, 7.0], [0.0, 0.2, 44.0], 100, 101)
    assert "Up to 30 % of a frame (frame 101)" in text
    assert "up to 44.0 % of a frame (frame 102) is empty" in text
