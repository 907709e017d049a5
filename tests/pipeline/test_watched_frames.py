"""Which frames of the path decide what is ever in view: the ends of the path among them."""

from itertools import pairwise

import pytest
from tests.pipeline.support import path

from livescape.stages.cover import PATH_VIEWS, watched_frames


@pytest.mark.parametrize("count", [1, 2, 23, 24, 25, 47, 48, 49, 250, 1001])
def test_the_first_and_the_last_frame_are_watched_and_none_is_far_from_one(count):
    cameras = path(frames=count).cameras
    watched = watched_frames(cameras)
    numbers = [next(n for n, camera in enumerate(cameras) if camera is each) for each in watched]
    assert len(numbers) == min(count, PATH_VIEWS)
    assert (numbers[0], numbers[-1]) == (0, count - 1)
    gaps = [after - before for before, after in pairwise(numbers)]
    assert max(gaps, default=1) <= -(-count // (PATH_VIEWS - 1))
