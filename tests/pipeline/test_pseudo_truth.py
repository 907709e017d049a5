"""The animated point cloud that methods are compared with, on a wall whose truth is known."""

import numpy as np
import pytest
from tests.deform.support import DEPTH, HEIGHT, PIXEL, RIGHT, VIEW, WIDTH
from tests.points.support import texture

from livescape.cameras.projection import unproject_image
from livescape.evaluate.pseudo_truth import pseudo_truth
from livescape.motion.animate import animate
from livescape.points.cloud import PointCloud
from livescape_shared.camera import Camera

LOOP = 8
PHOTO = texture(HEIGHT, WIDTH).astype(np.float32)
MASK = np.zeros((HEIGHT, WIDTH), np.float32)
MASK[:, 16:48] = 1.0
FLOW = MASK[..., None] * np.array([1.5, 0.0], np.float32)
HIDDEN_ROW = 40


def cloud():
    """One point a pixel; those of one row are not seen in the photo."""
    points = unproject_image(np.full((HEIGHT, WIDTH), DEPTH, np.float32), VIEW).reshape(-1, 3)
    rows, columns = (index.ravel() for index in np.indices((HEIGHT, WIDTH)))
    return PointCloud(
        points=points,
        colors=PHOTO.reshape(-1, 3),
        footprint=np.full(len(points), PIXEL, np.float32),
        moving=MASK.ravel(),
        sky=np.zeros(len(points), bool),
        pixels=np.column_stack([columns, rows]).astype(np.int32),
        seen=rows != HIDDEN_ROW,
    )


def frames(cameras, indices):
    return list(pseudo_truth(PHOTO, FLOW, MASK, cloud(), 0, cameras, indices, LOOP))


def test_the_photo_camera_sees_the_animation_itself():
    found = frames([VIEW], [0, 3])
    expected = animate(PHOTO, FLOW, MASK, [0, 3], LOOP)
    for frame, image in zip(found, expected, strict=True):
        valid = frame.valid
        assert valid.mean() > 0.9
        np.testing.assert_allclose(frame.image[valid], image[valid], atol=1e-6)
    assert np.abs(found[0].image - found[1].image)[found[1].moving].max() > 0.1


def test_what_the_photo_never_saw_does_not_count():
    frame = frames([VIEW], [0])[0]
    assert not frame.valid[HIDDEN_ROW].any()
    assert frame.valid[HIDDEN_ROW - 3].all()
    np.testing.assert_array_equal(frame.moving, frame.valid & (MASK > 0.5))


@pytest.mark.parametrize("pixels", [4, -6])
def test_another_camera_sees_it_displaced_by_the_parallax_of_its_depth(pixels):
    viewmat = VIEW.viewmat.copy()
    viewmat[:3, 3] -= viewmat[:3, :3] @ (pixels * PIXEL * RIGHT)
    aside = Camera(WIDTH, HEIGHT, VIEW.K, viewmat)
    here, there = frames([VIEW, aside], [3])
    moved = np.roll(here.image, -pixels, axis=1)
    both = np.roll(here.valid, -pixels, axis=1) & there.valid
    both[:, :8], both[:, -8:] = False, False
    assert both.mean() > 0.6
    np.testing.assert_allclose(there.image[both], moved[both], atol=1e-6)
