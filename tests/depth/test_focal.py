"""The focal length of photos that state none, as the depth network sees it."""

import cv2
import numpy as np
import pytest
import torch
from tests.contexts import here
from tests.depth import tiny_networks
from tests.depth.test_onnx_networks import SIZE, K, moge_photo
from tests.depth.tiny_onnx import points_and_mask

from livescape.commands.asked import camera_path_of
from livescape.context.environment import MODELS as VARIABLE
from livescape.depth.focal import fitted_focal, own_focal
from livescape_shared.settings import GenerateSettings

pytestmark = pytest.mark.usefixtures("own_networks")

TRUE = K[0, 0] / max(SIZE)


@pytest.mark.parametrize("focal", [0.4, 0.9, 1.6, 4.0])
@pytest.mark.parametrize("shift", [0.0, -1.3, 2.5])
def test_the_focal_length_of_noisy_points_is_found_whatever_their_shift(focal, shift):
    rng = np.random.default_rng(1)
    depth = rng.uniform(2.0, 60.0, 500)
    offsets = rng.uniform(-0.5, 0.5, (500, 2))
    points = np.column_stack([offsets / focal * depth[:, None], depth - shift])
    points += rng.normal(0.0, 0.01, points.shape)
    assert fitted_focal(points, offsets) == pytest.approx(focal, rel=0.03)


def test_a_flat_wall_fits_every_focal_length_so_none_is_returned():
    offsets = np.random.default_rng(0).uniform(-0.5, 0.5, (300, 2))
    points = np.column_stack([offsets * 5.0, np.full(300, 5.0)])
    assert fitted_focal(points, offsets) == 0.0


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def test_moge_says_the_photo_s_focal_length(folder):
    image, low, span = moge_photo(1.5)
    points_and_mask(folder / "moge_2" / "model.onnx", low, span, 2.0)
    assert own_focal(here(), "moge_2", image) == pytest.approx(TRUE, rel=0.05)


def test_depth_pro_s_field_of_view_counts_over_the_width(folder):
    portrait = np.full((160, 120, 3), 0.5, np.float32)
    plain = tiny_networks.depth_pro()
    tiny_networks.save(plain, folder, "depth_pro")
    assert own_focal(here(), "depth_pro", portrait) == 0.0  # it has no head for the field of view
    plain.config.use_fov_model = True
    model = type(plain)(plain.config)
    torch.nn.init.constant_(model.fov_model.head.layers[-1].weight, 0.0)
    torch.nn.init.constant_(model.fov_model.head.layers[-1].bias, 40.0)
    tiny_networks.save(model, folder, "depth_pro")
    expected = 60.0 / np.tan(np.radians(20.0)) / 160.0
    assert own_focal(here(), "depth_pro", portrait) == pytest.approx(expected, rel=1e-4)


def test_other_estimators_have_none():
    assert own_focal(here(), "popup", np.zeros((64, 64, 3), np.float32)) == 0.0


def test_a_run_without_camera_uses_it_where_exif_is_silent(folder):
    image, low, span = moge_photo(0.0)
    points_and_mask(folder / "moge_2" / "model.onnx", low, span, 1.0)
    data = cv2.imencode(".png", np.rint(image[..., ::-1] * 65535).astype(np.uint16))[1].tobytes()
    path = camera_path_of(
        here(), None, data, GenerateSettings(depth="moge_2", working_size=max(SIZE))
    )
    assert path.reference.K[0, 0] / max(SIZE) == pytest.approx(TRUE, rel=0.06)
    plain = camera_path_of(here(), None, data, GenerateSettings(working_size=max(SIZE)))
    assert plain.reference.K[0, 0] / max(SIZE) == pytest.approx(0.5 / np.tan(np.radians(25)))
