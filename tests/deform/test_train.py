"""Joint training keeps only what helps, and helps where something is wrong."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.deform.support import HEIGHT, LOOP, VIEW, WIDTH, uniform_grid, wall
from tests.points.support import camera, turned

from livescape.deform.train import AnimationFrame, train_moving
from livescape.deform.trajectories import moving_field
from livescape.engine.ssim import photometric_loss
from livescape.gaussians.render import render
from livescape_shared.errors import Cancelled
from livescape_shared.gaussians import Gaussians

MASK = np.ones((HEIGHT, WIDTH), np.float32)
TIMES = np.arange(1, 9) / 9


def scene():
    still = wall((0, WIDTH), depth=6.5, step=4)
    return still, moving_field(wall((16, 48)), uniform_grid(), LOOP, 5)


def shown(still, field, t, view=VIEW):
    """Both copies and the still Gaussians at any loop time, through the plain numpy records."""
    index = t * LOOP
    moving = field.all_copies().at(field.frame(index, LOOP), t, field.fade)
    return render(Gaussians.concatenate(still, moving), view).image


def animation(still, field):
    return [frame(still, field, t) for t in TIMES]


def frame(still, field, t, view=VIEW):
    return AnimationFrame(float(t), shown(still, field, t, view), MASK, view)


def darker(field):
    gaussians = replace(field.gaussians, colors=0.6 * field.gaussians.colors)
    return replace(field, gaussians=gaussians)


def validation_loss(still, field, photo, frames):
    validation = [photo, *frames[2::4]]
    mask = torch.from_numpy(MASK)
    losses = [
        photometric_loss(
            torch.from_numpy(shown(still, field, f.t)), torch.from_numpy(f.image), mask
        )
        for f in validation
    ]
    return float(np.mean(losses))


@pytest.fixture(scope="module")
def truth():
    still, field = scene()
    return still, field, frame(still, field, 0.0), animation(still, field)


def test_training_recovers_part_of_what_was_taken_away(truth):
    still, field, photo, frames = truth
    worse = replace(darker(field), coefficients=0.9 * field.coefficients)
    found, figures = train_moving(still, worse, [photo, *frames], iterations=24)
    assert figures["held_out_loss_after"] < 0.9 * figures["held_out_loss_before"]
    before = validation_loss(still, worse, photo, frames)
    after = validation_loss(still, found, photo, frames)
    assert figures["held_out_loss_before"] == pytest.approx(before, rel=2e-3)
    assert figures["held_out_loss_after"] == pytest.approx(after, rel=2e-3)
    np.testing.assert_array_equal(found.life, field.life)
    np.testing.assert_array_equal(found.means_at(0.0), field.gaussians.means)


def test_what_does_not_help_on_validation_frames_is_not_kept(truth):
    """The training frames lie; the validation frames and the photo are right already."""
    still, field, photo, frames = truth
    lies = [
        right if index % 4 == 2 else replace(right, image=1.0 - right.image)
        for index, right in enumerate(frames)
    ]
    found, figures = train_moving(still, field, [photo, *lies], iterations=6)
    assert figures["held_out_loss_after"] > figures["held_out_loss_before"]
    assert found is field


def test_a_perfect_field_has_nothing_to_lose(truth):
    still, field, photo, frames = truth
    found, figures = train_moving(still, field, [photo, *frames], iterations=3)
    # Only which of two discs at one depth comes first can differ from the numpy records.
    assert figures["held_out_loss_before"] < 2e-3
    after = validation_loss(still, found, photo, frames)
    assert after <= validation_loss(still, field, photo, frames) + 1e-6


def test_what_lies_outside_the_mask_does_not_count(truth):
    still, field, photo, frames = truth
    mask = np.zeros_like(MASK)
    mask[:, :8] = 1.0
    whole = [replace(seen, mask=mask) for seen in (photo, *frames)]
    broken = [replace(seen, image=np.where(mask[..., None] > 0, seen.image, 0)) for seen in whole]
    broken[0] = whole[0]
    _, clean = train_moving(still, field, whole, iterations=1)
    _, figures = train_moving(still, field, broken, iterations=1)
    assert figures["held_out_loss_before"] == pytest.approx(clean["held_out_loss_before"], abs=1e-6)


def test_progress_is_reported_and_may_cancel(truth):
    still, field, photo, frames = truth
    steps = []

    def progress(step, total):
        steps.append((step, total))
        if step == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        train_moving(still, field, [photo, *frames], iterations=5, progress=progress)
    # Before the first step the validation frames are rendered, and it says so.
    assert list(dict.fromkeys(steps)) == [(0, 5), (1, 5), (2, 5)]


def test_every_view_trains_by_its_own_camera_and_mask(truth):
    """What the reference view says is masked out, so all is learnt from another one."""
    still, field, photo, frames = truth
    aside = camera(WIDTH, HEIGHT, 60.0, turned(0.25, -0.1, (2.3, 1.0, -1.0)))
    worse = darker(field)
    silent = [replace(seen, mask=np.zeros_like(MASK)) for seen in (photo, *frames)]
    other = [frame(still, field, t, aside) for t in TIMES]
    found, figures = train_moving(still, worse, [*silent, *other], iterations=24)
    assert figures["held_out_loss_after"] < 0.9 * figures["held_out_loss_before"]
    right = shown(still, field, 0.5, aside)
    error = [np.abs(shown(still, each, 0.5, aside) - right).mean() for each in (worse, found)]
    assert error[1] < 0.9 * error[0]


@pytest.mark.parametrize("count", [1, 2])
def test_a_short_animation_is_enough(truth, count):
    still, field, photo, frames = truth
    found, figures = train_moving(
        still, field, [photo, *frames[:count]], iterations=2, blend="srgb"
    )
    assert len(found) == len(field)
    assert set(figures) == {"held_out_loss_before", "held_out_loss_after"}


def test_nothing_to_train_is_returned_as_it_is(truth):
    still, field, photo, frames = truth
    nothing = moving_field(Gaussians.empty(), uniform_grid(), LOOP, 5)
    for given, training, iterations in ((field, [], 5), (field, frames, 0), (nothing, frames, 5)):
        found, figures = train_moving(still, given, [photo, *training], iterations=iterations)
        assert found is given
        assert figures == {}
