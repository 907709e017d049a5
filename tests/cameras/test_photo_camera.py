"""The camera that took the photo: it covers the frame and keeps every pixel in its place."""

import math

import numpy as np
import pytest
from tests.points.support import camera, turned

from livescape.cameras.photo_camera import default_intrinsics, photo_camera
from livescape.cameras.projection import project_points
from livescape.imaging.decode import Photo
from livescape.imaging.sampling import working_size
from livescape_shared.camera import Camera

FRAMES = [(1920, 1080), (1080, 1920), (640, 480), (500, 500), (2048, 858)]
PHOTOS = [(640, 480), (480, 640), (512, 512), (1024, 300)]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("photo", PHOTOS)
def test_a_point_lies_on_the_same_pixel_of_frame_and_photo(frame, photo):
    shifted = np.array([[900.0, 0, 0.45 * frame[0]], [0, 900, 0.6 * frame[1]], [0, 0, 1]])
    reference = Camera(*frame, shifted, turned(0.4, 0.2, (1.0, -2.0, 0.5)))
    taken = photo_camera(reference, *photo)
    points = (
        np.random.default_rng(0).normal(size=(200, 3)) * 3 + reference.camera_to_world[:3, 2] * 9
    )
    positions, z = project_points(points, reference)
    u, v = positions.T
    positions_pu, pz = project_points(points, taken)
    pu, pv = positions_pu.T
    factor = min(photo[0] / frame[0], photo[1] / frame[1])
    left, top = (photo[0] - factor * frame[0]) / 2, (photo[1] - factor * frame[1]) / 2
    np.testing.assert_allclose(pz, z)
    np.testing.assert_allclose(pu, u * factor + left, atol=1e-8)
    np.testing.assert_allclose(pv, v * factor + top, atol=1e-8)
    assert left >= 0  # the whole frame lies on the photo
    assert top >= 0
    assert min(left, top) == pytest.approx(0.0, abs=1e-9)


def test_a_photo_of_the_frame_s_own_shape_is_the_frame_resized():
    reference = camera(1920, 1080, 1500.0)
    taken = photo_camera(reference, 640, 360)
    np.testing.assert_allclose(taken.K, reference.resized(640, 360).K)
    np.testing.assert_array_equal(taken.viewmat, reference.viewmat)


@pytest.mark.parametrize(
    ("size", "long_side", "expected"),
    [
        ((4000, 3000), 640, (640, 480)),
        ((3000, 4000), 640, (480, 640)),
        ((300, 200), 640, (300, 200)),
        ((301, 201), 640, (300, 200)),
        ((8192, 64), 128, (128, 2)),
    ],
)
def test_working_size_keeps_the_aspect_and_is_even(size, long_side, expected):
    assert working_size(*size, long_side) == expected


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640)])
def test_field_of_view_from_exif_else_the_depth_model_else_fifty_degrees(width, height):
    image = np.zeros((2, 2, 3), np.float32)
    K = default_intrinsics(Photo(image), width, height)
    assert 2 * math.degrees(math.atan(320 / K[0, 0])) == pytest.approx(50.0)
    K = default_intrinsics(Photo(image), width, height, estimated=0.75)
    assert K[0, 0] == K[1, 1] == 480.0
    K = default_intrinsics(Photo(image, 36.0), width, height, estimated=0.75)
    assert K[0, 0] == K[1, 1] == 640.0  # 36 mm on a 36 mm film: as long as the film is wide
    assert (K[0, 2], K[1, 2]) == (width / 2, height / 2)
