import numpy as np
import pytest
from tests.data.files import load_vectors
from tests.motion.support import channels_last

from livescape.engine.advect.reference import integrate
from livescape.engine.splat import fill_holes, splat, symmetric_splat
from livescape.motion.animate import animate
from livescape.motion.measure import image_motion

PAD = 12
FRAMES = 20


def texture(height=96, width=128):
    noise = np.random.default_rng(3).random((height // 4, width // 4, 3))
    fine = noise.repeat(4, 0).repeat(4, 1)
    for axis in (0, 1):
        fine = (np.roll(fine, 1, axis) + fine + np.roll(fine, -1, axis)) / 3
    return fine.astype(np.float32)


def leaving_stops(motion, steps, sign):
    """StyleCineGAN's own rule: a trajectory that leaves the frame has no displacement at all."""
    height, width = motion.shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    x, y, left = columns.copy(), rows.copy(), np.zeros((height, width), bool)
    for _ in range(steps):
        row = np.rint(y).astype(int).clip(0, height - 1)
        column = np.rint(x).astype(int).clip(0, width - 1)
        x += sign * motion[row, column, 0]
        y += sign * motion[row, column, 1]
        left |= (x < 0) | (x > width - 1) | (y < 0) | (y > height - 1)
    return np.where(left[..., None], 0, np.stack((x - columns, y - rows), -1))


@pytest.mark.parametrize("frame", [0, 5, 12, 19])
def test_symmetric_splat_matches_the_reference_vector(frame):
    vectors = load_vectors("scg_symmetric_splat")
    pad = ((PAD, PAD), (PAD, PAD), (0, 0))
    feature = np.pad(channels_last(vectors["feature"]), pad, mode="reflect")
    motion = np.pad(channels_last(vectors["flow32"]), pad, mode="reflect")
    blend, inner = frame / (FRAMES - 1), slice(PAD, -PAD)
    there = leaving_stops(motion, frame, 1)
    back = leaving_stops(motion, FRAMES - 1 - frame, -1)
    mixed, weight = symmetric_splat(feature, there, back, blend)
    padded = channels_last(vectors[f"blended_padded_i{frame}"])
    np.testing.assert_allclose(mixed, padded, atol=2e-5)
    warped = channels_last(vectors[f"warped_i{frame}"])
    np.testing.assert_allclose(fill_holes(mixed, weight)[inner, inner], warped, atol=2e-5)
    # Our rule lets content stream on past the frame; within it, nothing differs.
    there = integrate(motion, frame, lookup="nearest")
    back = integrate(motion, FRAMES - 1 - frame, backward=True, lookup="nearest")
    ours = symmetric_splat(feature, there, back, blend)[0]
    np.testing.assert_allclose(ours[inner, inner], padded[inner, inner], atol=1e-4)


def test_splat_equals_the_plain_sum():
    rng = np.random.default_rng(0)
    values = rng.random((7, 9, 2)).astype(np.float32)
    moved = (3 * rng.normal(size=(7, 9, 2))).astype(np.float32)
    weight = rng.random((7, 9)).astype(np.float32)
    sums, totals = np.zeros((7, 9, 2)), np.zeros((7, 9))
    for row, column in np.ndindex(7, 9):
        x, y = column + moved[row, column, 0], row + moved[row, column, 1]
        for to_row, to_column in np.ndindex(7, 9):
            share = max(0, 1 - abs(x - to_column)) * max(0, 1 - abs(y - to_row))
            totals[to_row, to_column] += share * weight[row, column]
            sums[to_row, to_column] += share * weight[row, column] * values[row, column]
    found = splat(values, moved, weight)
    np.testing.assert_allclose(found[0], sums, atol=1e-5)
    np.testing.assert_allclose(found[1], totals, atol=1e-5)


def test_importance_decides_who_wins():
    values = np.zeros((1, 3, 1), np.float32)
    values[0, 0], values[0, 2] = 1, 5
    meet = np.zeros((1, 3, 2), np.float32)
    meet[0, 0, 0], meet[0, 2, 0] = 1, -1
    rank = np.array([[0.0, -30.0, 10.0]])
    mixed, _ = symmetric_splat(values, meet, meet, 0.0, rank)
    assert mixed[0, 1, 0] == pytest.approx(5, abs=1e-3)


def test_holes_are_filled_from_their_neighbours_and_nothing_else_changes():
    values = texture()
    weight = np.ones(values.shape[:2])
    weight[30:60, 40:80] = 0
    broken = np.where(weight[..., None] > 0, values, 0).astype(np.float32)
    filled = fill_holes(broken, weight)
    hole = filled[30:60, 40:80]
    assert values.min() < hole.min()
    assert hole.max() < values.max()
    assert hole.mean() == pytest.approx(values.mean(), rel=0.2)
    np.testing.assert_array_equal(filled[weight > 0], values[weight > 0])
    nothing = np.zeros_like(values)
    np.testing.assert_array_equal(fill_holes(nothing, np.zeros(values.shape[:2])), nothing)


def test_a_loop_starts_and_ends_with_the_image_itself():
    image = texture()
    mask = np.zeros(image.shape[:2], np.float32)
    mask[20:70, 30:100] = 1
    flow = np.float32([1.2, 0.4]) * mask[..., None]
    moments = np.full(mask.shape, 0.5, np.float32)
    frames = list(animate(image, flow, mask, range(9), 8, moments=moments))
    np.testing.assert_array_equal(frames[0], image)
    np.testing.assert_allclose(frames[8], image, atol=1e-6)
    for frame in frames:
        np.testing.assert_array_equal(frame[mask == 0], image[mask == 0])
        assert np.isfinite(frame).all()
    assert np.abs(frames[4] - image)[mask > 0].mean() > 0.02


def test_a_shot_shows_the_image_carried_forward_and_what_comes_in_from_its_own_edge():
    image, mask = texture(), np.ones((96, 128), np.float32)
    flow = np.zeros((96, 128, 2), np.float32)
    flow[..., 0] = 1.0
    (last,) = animate(image, flow, mask, [40], 40)
    np.testing.assert_allclose(last[:, 42:], image[:, 2:88], atol=1e-5)
    # what has come in is the image itself, as it must be when a loop closes
    np.testing.assert_allclose(last[:, 3:36], image[:, 3:36], atol=1e-5)
    (middle,) = animate(image, flow, mask, [20], 40)
    np.testing.assert_allclose(middle[:, 22:], image[:, 2:108], atol=1e-5)
    np.testing.assert_allclose(middle[:, 3:16], image[:, 23:36], atol=1e-5)


def test_in_a_loop_each_place_shows_one_copy_before_its_moment_and_the_other_after():
    image, mask = texture(), np.ones((96, 128), np.float32)
    flow = np.zeros((96, 128, 2), np.float32)
    flow[..., 0] = 1.0
    moments = np.where(np.arange(96) < 48, 0.3, 0.7).astype(np.float32)[:, None].repeat(128, 1)
    (shown,) = animate(image, flow, mask, [20], 40, moments=moments)
    np.testing.assert_allclose(shown[:46, 3:100], image[:46, 23:120], atol=1e-5)
    np.testing.assert_allclose(shown[50:, 22:], image[50:, 2:108], atol=1e-5)


def test_frames_do_not_depend_on_the_order_asked():
    image, mask = texture(), np.ones((96, 128), np.float32)
    flow = np.zeros((96, 128, 2), np.float32)
    flow[..., 0] = 0.8
    few = list(animate(image, flow, mask, [5, 2], 8))
    everything = list(animate(image, flow, mask, range(8), 8))
    np.testing.assert_array_equal(few[0], everything[5])
    np.testing.assert_array_equal(few[1], everything[2])


def test_an_empty_mask_gives_the_image_and_bad_shapes_an_error():
    image = texture()
    still = animate(image, np.ones((96, 128, 2)), np.zeros((96, 128)), [0, 3], 8)
    assert all(np.array_equal(frame, image) for frame in still)
    with pytest.raises(ValueError, match="differ"):
        list(animate(image, np.ones((96, 127, 2)), np.zeros((96, 128)), [0], 8))
    with pytest.raises(ValueError, match="loop"):
        list(animate(image, np.ones((96, 128, 2)), np.zeros((96, 128)), [0], 0))


def test_measured_motion_is_the_motion_put_in():
    image = texture()
    mask = np.zeros(image.shape[:2], np.float32)
    mask[16:80, 16:112] = 1
    flow = np.float32([1.0, 0.5]) * mask[..., None]
    frames = list(animate(image, flow, mask, range(4), 48))
    measured = image_motion(frames, mask)
    assert measured.inside == pytest.approx(1.25**0.5, rel=0.15)
    assert measured.outside < 0.1
    as_bytes = [(frame * 255).round().clip(0, 255).astype(np.uint8) for frame in frames]
    assert image_motion(as_bytes, mask).inside == pytest.approx(measured.inside, rel=0.05)


def test_measuring_needs_two_frames_and_survives_a_full_mask():
    with pytest.raises(ValueError, match="two frames"):
        image_motion([texture()], np.ones((96, 128)))
    full = image_motion([texture(), texture()], np.ones((96, 128)))
    assert full.outside == 0
    assert full.inside < 0.05
