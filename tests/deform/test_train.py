"""Joint training keeps only what helps, and helps where something is wrong."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.deform.support import HEIGHT, LOOP, VIEW, WIDTH, uniform_grid, wall

from livescape.deform.train import AnimationFrame, train_moving
from livescape.deform.trajectories import moving_field
from livescape.gaussians.losses import photometric_loss
from livescape.gaussians.render import render
from livescape_shared.errors import Cancelled
from livescape_shared.gaussians import Gaussians

MASK = np.ones((HEIGHT, WIDTH), np.float32)
TIMES = np.arange(1, 9) / 9


def scene():
    still = wall((0, WIDTH), depth=6.5, step=4)
    return still, moving_field(wall((16, 48)), uniform_grid(), LOOP, 5)


def shown(still, field, t):
    """Both copies and the still Gaussians at any loop time, through the plain numpy records."""
    index = t * LOOP
    moving = field.both_copies().at(field.frame(index, LOOP), t)
    return render(Gaussians.concatenate(still, moving), VIEW).image


def animation(still, field):
    return [AnimationFrame(float(t), shown(still, field, t)) for t in TIMES]


def held_out_loss(still, field, photo, frames):
    judged = [AnimationFrame(0.0, photo), *frames[2::4]]
    mask = torch.from_numpy(MASK)
    losses = [
        photometric_loss(
            torch.from_numpy(shown(still, field, frame.t)), torch.from_numpy(frame.image), mask
        )
        for frame in judged
    ]
    return float(np.mean(losses))


@pytest.fixture(scope="module")
def truth():
    still, field = scene()
    return still, field, shown(still, field, 0.0), animation(still, field)


def test_training_recovers_part_of_what_was_taken_away(truth):
    still, field, photo, frames = truth
    worse = replace(
        field,
        gaussians=replace(field.gaussians, colors=0.6 * field.gaussians.colors),
        coefficients=0.9 * field.coefficients,
    )
    found, figures = train_moving(still, worse, photo, frames, MASK, VIEW, iterations=24)
    assert figures["held_out_loss_after"] < 0.9 * figures["held_out_loss_before"]
    before = held_out_loss(still, worse, photo, frames)
    after = held_out_loss(still, found, photo, frames)
    assert figures["held_out_loss_before"] == pytest.approx(before, rel=2e-3)
    assert figures["held_out_loss_after"] == pytest.approx(after, rel=2e-3)
    np.testing.assert_array_equal(found.life, field.life)
    np.testing.assert_array_equal(found.means_at(0.0), field.gaussians.means)


def test_what_does_not_help_on_held_out_frames_is_not_kept(truth):
    """The taught frames lie; the held-out ones and the photo are right already."""
    still, field, photo, frames = truth
    lies = [
        frame if index % 4 == 2 else AnimationFrame(frame.t, 1.0 - frame.image)
        for index, frame in enumerate(frames)
    ]
    found, figures = train_moving(still, field, photo, lies, MASK, VIEW, iterations=6)
    assert figures["held_out_loss_after"] > figures["held_out_loss_before"]
    assert found is field


def test_a_perfect_field_has_nothing_to_lose(truth):
    still, field, photo, frames = truth
    found, figures = train_moving(still, field, photo, frames, MASK, VIEW, iterations=3)
    # Only which of two discs at one depth comes first can differ from the numpy records.
    assert figures["held_out_loss_before"] < 2e-3
    after = held_out_loss(still, found, photo, frames)
    assert after <= held_out_loss(still, field, photo, frames) + 1e-6


def test_what_lies_outside_the_mask_does_not_count(truth):
    still, field, photo, frames = truth
    mask = np.zeros_like(MASK)
    mask[:, :8] = 1.0
    broken = [AnimationFrame(frame.t, frame.image.copy()) for frame in frames]
    for frame in broken:
        frame.image[:, 20:] = 0.0
    _, clean = train_moving(still, field, photo, frames, mask, VIEW, iterations=1)
    _, figures = train_moving(still, field, photo, broken, mask, VIEW, iterations=1)
    assert figures["held_out_loss_before"] == pytest.approx(clean["held_out_loss_before"], abs=1e-6)


def test_progress_is_reported_and_may_cancel(truth):
    still, field, photo, frames = truth
    steps = []

    def progress(step, total):
        steps.append((step, total))
        if step == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        train_moving(still, field, photo, frames, MASK, VIEW, iterations=5, progress=progress)
    assert steps == [(1, 5), (2, 5)]


@pytest.mark.parametrize("count", [1, 2])
def test_a_short_animation_is_enough(truth, count):
    still, field, photo, frames = truth
    found, figures = train_moving(
        still, field, photo, frames[:count], MASK, VIEW, iterations=2, blend="srgb"
    )
    assert len(found) == len(field)
    assert set(figures) == {"held_out_loss_before", "held_out_loss_after"}


def test_nothing_to_train_is_returned_as_it_is(truth):
    still, field, photo, frames = truth
    nothing = moving_field(Gaussians.empty(), uniform_grid(), LOOP, 5)
    for given, taught, iterations in ((field, [], 5), (field, frames, 0), (nothing, frames, 5)):
        found, figures = train_moving(
            still, given, photo, taught, MASK, VIEW, iterations=iterations
        )
        assert found is given
        assert figures == {}
