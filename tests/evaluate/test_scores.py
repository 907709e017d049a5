"""How figures of single frames are put together."""

import numpy as np
import pytest

from livescape.evaluate.scores import pooled_psnr


def test_one_perfect_frame_does_not_outweigh_the_others():
    assert pooled_psnr([30.0, 30.0]) == pytest.approx(30.0)
    assert pooled_psnr([100.0, 30.0]) == pytest.approx(30.0 + 10 * np.log10(2), abs=1e-3)
    assert pooled_psnr([20.0, 40.0]) < 24.0
