"""What the generator says of its pictures is true of them."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from livescape.cameras.projection import project_points
from livescape.evaluate.metrics import psnr
from livescape.evaluate.paths import path_cameras
from livescape.evaluate.regions import origin
from livescape.evaluate.truth import CLOUDS, OBSTACLE, WATER, near_distance, photo_view, truth_views
from livescape.imaging.sampling import pixel_centres, sample_bilinear
from livescape_shared.errors import LivescapeError

MOVING = {"river": WATER, "sea": CLOUDS, "waterfall": WATER}
LATER = 10


@pytest.fixture(scope="module", params=MOVING)
def still_pair(request, generator, place):
    """The photo and the same camera's picture some frames later."""
    photo = photo_view(generator, place(request.param))
    (later,) = truth_views(generator, place(request.param), [(LATER, photo.camera)])
    return request.param, photo, later


def carried(flow, frames):
    """Where what is seen at each pixel lies after some frames, Euler in small steps."""
    at = pixel_centres(*flow.shape[:2])
    for _ in range(4 * frames):
        at = at + sample_bilinear(flow, at) / 4
    return at


def well_inside(photo, ends):
    """Moving pixels that stay in the same region of the picture."""
    moving = cv2.erode(photo.moving.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    stays = sample_bilinear(moving[..., None].astype(np.float32), ends)[..., 0] > 0.99
    height, width = moving.shape
    inside = (ends > 2).all(-1) & (ends[..., 0] < width - 2) & (ends[..., 1] < height - 2)
    return moving & stays & inside


def unexplained(photo, later, flow):
    """Share of the change of texture coordinates at a pixel that moving by ``flow`` leaves.

    What moves keeps its place on the texture: dc/dt at a pixel = - dc/dx . flow.
    """
    change = (later.coordinate - photo.coordinate) / LATER
    along_y, along_x = np.gradient(photo.coordinate, axis=(0, 1))
    explained = along_x * flow[..., :1] + along_y * flow[..., 1:]
    inner = cv2.erode(photo.moving.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    rest = np.linalg.norm(change + explained, axis=-1)[inner]
    return rest / np.linalg.norm(change, axis=-1)[inner]


def test_what_moves_keeps_its_place_on_the_texture(still_pair):
    name, photo, later = still_pair
    assert (photo.label == MOVING[name]).mean() > 0.02
    rest = unexplained(photo, later, photo.flow)
    assert np.median(rest) < 0.02
    assert np.percentile(rest, 90) < 0.1
    assert np.median(unexplained(photo, later, 1.1 * photo.flow)) > 0.08
    assert np.median(unexplained(photo, later, photo.flow[..., ::-1])) > 0.3


def test_pictures_follow_the_flow(still_pair):
    _, photo, later = still_pair
    start = carried(-photo.flow, LATER)
    # Where one surface meets another, as at the foot of a fall, flow cannot be followed back.
    gap = np.linalg.norm(sample_bilinear(photo.coordinate, start) - later.coordinate, axis=-1)
    counted = well_inside(photo, start) & (gap < 0.02)
    assert counted.mean() > 0.03

    def match(factor):
        from_there = carried(factor * -photo.flow, LATER)
        warped = sample_bilinear(photo.image, from_there).astype(np.float32)
        return psnr(warped, later.image, counted)

    right = match(1.0)
    assert right > match(-1.0) + 2.0
    assert right > match(2.0) + 1.0
    # Unmoved, the photo is not softened by interpolation, which counts for as much as slow motion.
    assert right > match(0.0)


def test_what_stands_stands(still_pair):
    _, photo, later = still_pair
    standing = cv2.erode((~photo.moving).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    # A stretch of water thinner than a pixel is in no mask and still in the picture.
    assert np.percentile(np.abs(later.image - photo.image)[standing], 99) == 0
    assert (photo.velocity[~photo.moving] == 0).all()
    assert (later.label == photo.label).all()


def test_positions_lie_under_their_pixels(still_pair):
    _, photo, _ = still_pair
    pixels, depth = project_points(photo.positions.reshape(-1, 3), photo.camera)
    centres = pixel_centres(*photo.label.shape).reshape(-1, 2)
    near = depth < 500  # positions of the dome have single precision
    assert np.abs(pixels - centres)[near].max() < 0.05
    assert photo.depth.min() > 0


def test_the_photo_shows_elsewhere_what_it_is_said_to_show(generator, place):
    photo = photo_view(generator, place("river"))
    path = path_cameras("sideways", photo.camera, near_distance(photo), 3.0, 30)
    (view,) = truth_views(generator, place("river"), [(6, path[0])])
    found = origin(view, photo)
    assert 0.02 < (~found.seen).mean() < 0.5
    warped = sample_bilinear(photo.image, found.positions).astype(np.float32)
    inner = cv2.erode(found.seen.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert psnr(warped, view.image, inner) > 20
    assert psnr(warped, view.image, inner) > psnr(photo.image, view.image, inner) + 4


def test_obstacles_stand_in_what_moves(generator, place):
    photo = photo_view(generator, place("river"))
    rocks = photo.label == OBSTACLE
    assert rocks.any()
    around = cv2.dilate(rocks.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert photo.moving[around & ~rocks].mean() > 0.3


def test_a_canyon_is_dry(generator, place):
    photo = photo_view(generator, place("canyon"))
    assert not photo.moving.any()
    assert (photo.velocity == 0).all()


def test_seeds_differ_and_the_cache_renders_nothing_twice(generator, place, tmp_path):
    photo = photo_view(generator, place("canyon"))
    without = replace(generator, python=tmp_path / "nothing")
    again = photo_view(without, place("canyon"))
    assert (again.image == photo.image).all()
    other = photo_view(generator, replace(place("canyon"), seed=2))
    assert np.abs(other.image - photo.image).mean() > 0.02


@pytest.mark.parametrize("broken", ["python", "scripts", "photo"])
def test_without_blender_a_sentence_says_so(generator, place, tmp_path, broken):
    without = replace(generator, cache=tmp_path, **{broken: Path(tmp_path / "absent")})
    with pytest.raises(LivescapeError) as caught:
        photo_view(without, place("lake"))
    assert caught.value.code == "truth_unavailable"


def test_a_blender_that_fails_is_named(generator, place, tmp_path):
    (tmp_path / "python").write_text("#!/bin/sh\necho 'no bpy here' >&2\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    without = replace(generator, cache=tmp_path / "cache", python=tmp_path / "python")
    with pytest.raises(LivescapeError, match="no bpy here"):
        photo_view(without, place("lake"))
